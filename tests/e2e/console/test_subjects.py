"""An officer exports a person's data, and a hold stops the erasure until its release."""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import choose, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_WHO = "jan.kwijtelaar@voorbeeld.nl"


def officer(installation: Any, role: str) -> str:
    return str(installation.issued(f"{role}-subjects", role))


def confirm(page: Page, **filled: str) -> None:
    dialog = page.get_by_role("dialog")
    for label, text in filled.items():
        write(dialog.get_by_label(label, exact=True), text)
    dialog.get_by_role("button", name="Confirm").click()


def identify(page: Page) -> None:
    go(page, "Data subjects")
    choose(page.get_by_label("Type", exact=True), "e-mail address")
    write(page.get_by_label("Identifier", exact=True), _WHO)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text(f"e-mail address: {_WHO}")).to_be_visible()
    write(page.get_by_label("Reason", exact=True), "request 2026-117")


def test_an_officer_exports_a_persons_data_and_a_hold_stops_the_erasure(
    page: Page, installation: Any, tmp_path: Path
) -> None:
    sign_in(page, installation.console, officer(installation, "data_protection_officer"))
    identify(page)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="What is stored")).to_be_visible()
    page.get_by_role("button", name="Make access package").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download package").click()
    started.value.save_as(tmp_path / "access.zip")
    assert "LEESMIJ.txt" in zipfile.ZipFile(tmp_path / "access.zip").namelist()

    go(page, "Legal holds")
    expect(page.get_by_text("There are no legal holds.")).to_be_visible()
    choose(page.get_by_label("Type", exact=True), "e-mail address")
    write(page.get_by_label("Identifiers of the person, one a line"), _WHO)
    write(page.get_by_label("Reason, without naming the person", exact=True), "claim 2026-31")
    page.get_by_role("button", name="Place hold").click()
    expect(page.get_by_text(re.compile("Placed as hold_"))).to_be_visible()
    expect(page.get_by_text("a person, known by: e-mail address")).to_be_visible()

    identify_again(page)
    page.get_by_role("button", name="Erase", exact=True).click()
    confirm(page)
    expect(page.get_by_text("A legal hold covers this: nothing was erased.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    go(page, "Legal holds")
    page.get_by_role("button", name="Release").click()
    confirm(page, **{"Reason, without naming the person": "settled"})
    expect(page.get_by_text("it waits under Proposals.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    go(page, "Proposals")
    expect(page.get_by_text(re.compile("Release of legal hold hold_"))).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    confirm(page, Comment="Agreed")
    expect(page.get_by_text("Approved and in force.")).to_be_visible()
    go(page, "Legal holds")
    expect(page.get_by_text("released", exact=True)).to_be_visible()


def identify_again(page: Page) -> None:
    """The identifiers are still there; the reason was of another action."""
    go(page, "Data subjects")
    expect(page.get_by_text(f"e-mail address: {_WHO}")).to_be_visible()
    write(page.get_by_label("Reason", exact=True), "request 2026-117")
