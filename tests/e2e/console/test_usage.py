"""Usage and Home in both languages: figures, links to requests, and damage on every page."""

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import Installation, running
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_subjects import officer
from tests.support.streamlit_page import choose, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own: its trail is damaged at the end."""
    with running(tmp_path_factory.mktemp("usage"), identity_provider_folder) as ready:
        yield ready


def dutch(page: Page) -> None:
    choose(page.get_by_role("combobox", name="Language"), "Nederlands")


def tile(page: Page, label: str) -> Any:
    return page.get_by_test_id("stMetric").filter(has_text=label).first


def test_usage_shows_figures_and_leads_to_their_requests(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, officer(installation, "auditor"))
    go(page, "Usage")
    page.get_by_text("30 days", exact=True).click()  # the requests may be of two days
    settled(page)
    expect(tile(page, "Requests")).to_contain_text("15")
    expect(tile(page, "Refused")).to_contain_text("1")
    expect(tile(page, "Latency p50")).to_contain_text("ms")
    expect(page.get_by_text("Refusals by rule")).to_be_visible()
    page.get_by_role("link", name="See these requests").click()
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/audit\?.*from="))


def test_the_address_holds_the_range_and_the_grouping(page: Page, installation: Any) -> None:
    address = f"{installation.console}/usage?range=month&group=team&measure=tokens"
    sign_in(page, address, officer(installation, "compliance_officer"))
    expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    settled(page)
    dutch(page)
    expect(page.get_by_role("heading", name="Gebruik", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Groeperen op")).to_have_value("Team")
    expect(page.get_by_role("combobox", name="Tonen")).to_have_value("Tokens")
    expect(tile(page, "Verzoeken")).to_contain_text("15")
    choose(page.get_by_role("combobox", name="Groeperen op"), "Uitkomst")
    choose(page.get_by_role("combobox", name="Taal"), "English")
    expect(page.get_by_role("combobox", name="Group by")).to_have_value("Outcome")


def test_a_copied_address_gives_the_same_filters(page: Page, installation: Any) -> None:
    address = f"{installation.console}/audit?deployment=gpt-eu&outcome=ok"
    sign_in(page, address, officer(installation, "auditor"))
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_label("Deployment", exact=True)).to_have_value("gpt-eu")
    expect(page.get_by_role("combobox", name="Outcome", exact=True)).to_have_value("answered")
    write(page.get_by_label("Deployment", exact=True), "nothing-of-that-name")
    page.get_by_test_id("stForm").get_by_role("button", name="Search").click()
    expect(page.get_by_text("Nothing found with these filters.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"deployment=nothing-of-that-name"))


def test_home_says_what_waits_and_counts_it_in_the_menu(page: Page, installation: Any) -> None:
    key = officer(installation, "data_protection_officer")
    with installation.client(key) as api:
        now = int(time.time() * 1000)
        body = {"kind": "data_breach", "description": "a test", "aware": now - 3_600_000}
        identity = api.post("/incidents", json=body).raise_for_status().json()["id"]
    sign_in(page, installation.console, key)
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(rf"{identity}: 2 d 2\d h left"))).to_be_visible()
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link", name="Incidents (1)")).to_be_visible()
    dutch(page)
    expect(page.get_by_role("heading", name="Start", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(rf"{identity}: nog 2 d 2\d u"))).to_be_visible()
    page.get_by_role("link", name="Incidenten openen").click()
    expect(page.get_by_role("heading", name="Incidenten", exact=True)).to_be_visible()


def test_damage_of_the_trail_is_a_banner_on_every_page(page: Page, installation: Any) -> None:
    with sqlite3.connect(installation.settings.data_dir / "governance.db", timeout=30) as database:
        database.execute("UPDATE log_tile SET hashes = ?", (b"x" * 32,))
    with installation.client(installation.admin_key) as api:
        ends = time.monotonic() + 30
        while api.get("/home").json()["damage"] is None:
            assert time.monotonic() < ends
    sign_in(page, installation.console, installation.admin_key)
    for name in ("Home", "Usage", "Keys"):
        go(page, name)
        expect(page.get_by_text("The trail is damaged and nothing is signed")).not_to_have_count(0)
    dutch(page)
    expect(page.get_by_text("Het spoor is beschadigd").first).to_be_visible()
