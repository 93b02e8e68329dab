"""A user keeps the filters of the audit page under a name, and opens them again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import sign_in
from tests.e2e.console.test_subjects import officer
from tests.e2e.console.test_usage import dutch
from tests.support.streamlit_page import press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
NAME = "<b>antwoorden</b> \u202evan gpt"
SHOWN = "<b>antwoorden</b> [U+202E]van gpt"


def test_a_view_gives_the_filters_that_were_saved(page: Page, installation: Any) -> None:
    key = officer(installation, "auditor")
    filters = "deployment=gpt-eu&outcome=ok&what=all&from=2026-01-02"
    sign_in(page, f"{installation.console}/audit?{filters}", key)
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    settled(page)
    page.get_by_text("Saved views", exact=True).click()
    expect(page.get_by_text("You have saved no view yet.")).to_be_visible()
    write(page.get_by_label("Name for the filters that are set now", exact=True), NAME)
    press(page.get_by_role("button", name="Save as a view"))
    expect(page.get_by_text("The view is saved.")).to_be_visible()
    with installation.client(key) as api:
        (view,) = api.get("/saved-views").raise_for_status().json()["views"]
    kept = {"deployment": "gpt-eu", "outcome": "ok", "what": "all", "from": "2026-01-02"}
    assert (view["name"], view["filters"]) == (NAME, kept)
    sign_in(page, f"{installation.console}/audit?team=support&text=Kwijtelaar", key)
    expect(page.get_by_label("Team", exact=True)).to_have_value("support")
    settled(page)
    dutch(page)
    page.get_by_text("Bewaarde weergaven", exact=True).click()
    expect(page.get_by_role("combobox", name="Weergave", exact=True)).to_have_value(SHOWN)
    press(page.get_by_role("button", name="Weergave openen"))
    expect(page.get_by_label("Deployment", exact=True)).to_have_value("gpt-eu")
    expect(page.get_by_label("Team", exact=True)).to_have_value("")
    expect(page).to_have_url(re.compile(r"deployment=gpt-eu"))
    expect(page).to_have_url(re.compile(r"outcome=ok"))
    expect(page).not_to_have_url(re.compile(r"Kwijtelaar"))
    settled(page)
    press(page.get_by_role("button", name="Weergave verwijderen"))
    expect(page.get_by_text("De weergave is verwijderd.")).to_be_visible()
    with installation.client(key) as api:
        assert api.get("/saved-views").raise_for_status().json()["views"] == []
