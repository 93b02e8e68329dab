"""An auditor requests a full export in the console, and an officer approves it."""

import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import Page, expect

from gateway.core.system.secrets import PUBLIC
from gateway.evidence import verify
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_subjects import confirm, officer
from tests.support.streamlit_page import choose, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_REASON = "Reason (needed for a full package)"


def build(page: Page, profile: str, reason: str = "") -> None:
    choose(page.get_by_role("combobox", name="How much the package discloses"), profile)
    write(page.get_by_label(_REASON, exact=True), reason)
    page.get_by_role("button", name="Build package").click()


def profile_in(package: Path, installation: Any) -> str:
    """What the manifest says; the package verifies."""
    key = installation.settings.secrets_dir / PUBLIC
    assert verify.main([str(package), "--key", str(key)]) == 0
    with zipfile.ZipFile(package) as opened:
        return str(orjson.loads(opened.read("manifest.json"))["profile"])


def test_a_full_export_is_approved_by_another_officer(
    page: Page, installation: Any, tmp_path: Path
) -> None:
    asking = officer(installation, "auditor")
    sign_in(page, installation.console, asking)
    go(page, "Audit")
    build(page, "metadata")
    expect(page.get_by_text("The package is ready")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download package").click()
    download.value.save_as(tmp_path / "m.zip")
    assert profile_in(tmp_path / "m.zip", installation) == "metadata"
    build(page, "full (a second person approves)", "short")
    expect(page.get_by_text("Give a reason of at least ten characters.")).to_be_visible()
    build(page, "full (a second person approves)", "complaint 2026-17")
    expect(page.get_by_text("Somebody with the role compliance officer, data")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    go(page, "Proposals")
    expect(page.get_by_text("Full export with stored bodies")).to_be_visible()
    expect(page.get_by_text("complaint 2026-17")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    confirm(page, Comment="Agreed")
    expect(page.get_by_text("Approved and in force.")).to_be_visible()
    with installation.client(asking) as api:
        found = api.get("/proposals").json()["proposals"]
        subject = next(one["subject"] for one in found if one["kind"] == "audit_export")
        since, until = subject.split("/")
        body = {"since": int(since), "until": int(until), "profile": "full"}
        package = tmp_path / "f.zip"
        package.write_bytes(api.post("/audit/exports", json=body).raise_for_status().content)
    assert profile_in(package, installation) == "full"
