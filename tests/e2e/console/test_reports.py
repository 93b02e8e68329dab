"""A compliance officer makes a report, views its figures and charts, and downloads it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.support.streamlit_page import choose

pytestmark = pytest.mark.e2e


def officer_key(installation: Any) -> str:
    return str(installation.issued("officer", "compliance_officer"))


def test_a_report_is_shown_and_downloaded_in_both_languages(
    page: Page, installation: Any, tmp_path: Path
) -> None:
    sign_in(page, installation.console, officer_key(installation))
    go(page, "Reports")
    page.get_by_role("spinbutton", name="year, Up to and including").click()
    page.keyboard.type(datetime.now(ZoneInfo("Europe/Amsterdam")).strftime("%Y%m%d"))
    page.get_by_role("button", name="Make report").click()
    expect(page.get_by_role("heading", name="Activity report")).to_be_visible()
    expect(page.get_by_text("Missed by detection").first).to_be_visible()
    expect(page.get_by_text("What this report does not prove")).to_be_visible()
    expect(page.locator("canvas, .vega-embed svg").first).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="PDF").first.click()
    started.value.save_as(tmp_path / "report.pdf")
    reader = pypdf.PdfReader(tmp_path / "report.pdf")
    assert "Activity report" in reader.pages[0].extract_text()
    expect(page.get_by_text("No regular report was made yet.")).to_be_visible()
    choose(page.get_by_role("combobox", name="Language", exact=True), "Nederlands")
    expect(page.get_by_role("button", name="Rapport maken")).to_be_visible()
    expect(page.get_by_role("combobox", name="Rapport", exact=True)).to_have_value("Activiteiten")
    expect(page.get_by_text("Er is nog geen periodiek rapport gemaakt.")).to_be_visible()
