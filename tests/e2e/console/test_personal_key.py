"""Users with a personal key see what their roles permit."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.streamlit_page import choose, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_TEXT = "Vertrouwelijk: Jan Jansen, BSN 111222333, <b>NL91ABNA0417164300</b>"


def sign_in(page: Page, console: str, key: str) -> None:
    page.goto(console)
    write(page.get_by_label("Personal key"), key)
    page.get_by_role("button", name="Sign in with key").click()


def go(page: Page, name: str) -> None:
    counted = re.compile(rf"^{re.escape(name)}( \(\d+\+?\))?$")  # with the number that waits
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=counted).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    settled(page)


def test_a_wrong_key_is_refused_and_not_kept(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, "sluis_00000000_not-a-key-of-this-installation")
    expect(page.get_by_text("The control plane does not know this sign-in")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with key")).to_be_visible()


def test_an_administrator_approves_what_another_person_proposed(
    page: Page, installation: Any
) -> None:
    with installation.as_author() as author:
        levels = author.get("/policies").json()["files"]["levels.yaml"]
        stricter = levels.replace(
            "LABEL_INTERNAL: {level: internal", "LABEL_INTERNAL: {level: confidential"
        )
        body = {"files": {"levels.yaml": stricter}, "comment": "Stricter for **internal** papers"}
        author.post("/policies/proposals", json=body).raise_for_status()
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Proposals")
    expect(page.get_by_text("Stricter for **internal** papers")).to_be_visible()
    expect(page.get_by_text("+  LABEL_INTERNAL: {level: confidential")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    write(page.get_by_role("dialog").get_by_label("Comment"), "Agreed")
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Approved and in force.")).to_be_visible()
    expect(page.get_by_text("No proposals are waiting.")).to_be_visible()
    with installation.as_author() as author:
        assert author.get("/policies").json()["files"]["levels.yaml"] == stricter


def test_the_playground_marks_findings_as_text_and_has_dutch_texts(
    page: Page, installation: Any
) -> None:
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Try it")
    write(page.get_by_label("Text", exact=True), _TEXT)
    page.get_by_role("button", name="Judge").click()
    marks = page.locator("mark")
    expect(marks.filter(has_text="111222333")).to_contain_text("BSN 0.")
    expect(marks.filter(has_text="NL91ABNA0417164300")).to_contain_text("IBAN")
    expect(page.locator(".marked")).to_contain_text("<b>")  # markup in a text stays text
    expect(page.locator(".marked b")).to_have_count(0)
    expect(page.get_by_text("global.public-only")).to_be_visible()

    choose(page.get_by_role("combobox", name="Language"), "Nederlands")
    expect(page.get_by_role("heading", name="Uitproberen")).to_be_visible()
    expect(page.get_by_text("Buiten de EU mag alleen tekst")).to_be_visible()
    expect(page.get_by_text("Zone buiten de EU")).to_be_visible()


def test_a_key_is_shown_once_and_revoked(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Keys")
    write(page.get_by_label("Name", exact=True), "night-batch")
    page.get_by_role("button", name="Issue", exact=True).click()
    secret = page.get_by_test_id("stCode").filter(has_text="sluis_")
    expect(secret).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("table")).to_contain_text("night-batch")
    page.reload()
    sign_in(page, installation.console, installation.admin_key)
    go(page, "Keys")
    expect(secret).to_have_count(0)
    choose(page.get_by_role("combobox", name="Key", exact=True), "night-batch")
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("was revoked.")).to_be_visible()
