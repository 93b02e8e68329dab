"""A compliance officer signs in and out by single sign-on."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Position, expect

from gateway.core.system.secrets import PUBLIC
from gateway.evidence import verify
from tests.support.streamlit_page import choose, wait_for, write

pytestmark = pytest.mark.e2e
_FIRST_ROW: Position = {"x": 16, "y": 52}
REQUEST = "req_5f2c81d09ab34e6f9d10c2b7a4e8f311"


def sign_on(page: Page, console: str, login: str) -> None:
    page.goto(console)
    page.get_by_role("button", name="Sign in with your organisation").click()
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "any password will do")
    page.click("button[type=submit]")
    page.click("button[type=submit]")  # consent
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_a_compliance_officer_sees_finds_reveals_and_exports(
    page: Page, installation: Any, tmp_path: Path
) -> None:
    sign_on(page, installation.console, "carla")
    expect(page.get_by_text("Carla de Vries")).to_be_visible()
    requests = page.get_by_test_id("stMetric").filter(has_text="Requests")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    count = str(installation.asked_since(today))  # some may be of yesterday
    expect(requests.get_by_test_id("stMetricValue")).to_have_text(count)
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link", name="Keys")).to_have_count(0)

    menu.get_by_role("link", name="Audit").click()
    write(page.get_by_role("textbox", name="Application or person"), "k_support-bot")
    choose(page.get_by_role("combobox", name="Event"), "answer closed")
    page.get_by_test_id("stForm").get_by_role("button", name="Search").click()
    # The grid is a canvas; its accessible copy says when the filtered rows are there.
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("table")).to_contain_text(REQUEST)
    expect(grid.locator("table")).not_to_contain_text("proposal made")
    grid.locator(".dvn-scroller").click(position=_FIRST_ROW)

    expect(page.get_by_role("heading", name="The story of one request")).to_be_visible()
    expect(page).to_have_url(re.compile(REQUEST))
    for sentence in (
        "k_support-bot (application) made this request.",
        "Because the text contains personal data",
        "The deployment may receive this sensitivity after redaction.",
        "Redacted: 2 values.",
        "Outcome: answered.",
        "Tokens: 123 in, 80 out.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()

    choose(page.get_by_role("combobox", name="What it is for"), "complaint")
    write(page.get_by_label("Reason"), "Complaint 2026-17")
    page.get_by_role("button", name="Reveal and record").click()
    expect(page.get_by_text("Schrijf <b>PERSON_1</b> over IBAN_1")).to_be_visible()

    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("textbox", name="Application or person")).to_have_value("k_support-bot")
    page.get_by_role("button", name="Build package").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download package").click()
    package = tmp_path / "package.zip"
    download.value.save_as(package)
    key = installation.settings.secrets_dir / PUBLIC
    assert verify.main([str(package), "--key", str(key)]) == 0


def test_signing_out_ends_the_session_here_and_at_the_provider(
    page: Page, installation: Any
) -> None:
    sign_on(page, installation.console, "carla")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="Sign in to Sluis")).to_be_visible()
    names = {cookie["name"] for cookie in page.context.cookies(installation.console)}
    assert not {name for name in names if name.startswith("_streamlit_user")}


def test_signing_out_at_the_provider_ends_the_console_and_its_token(
    page: Page, installation: Any
) -> None:
    """The console keeps its cookie for thirty days; the token in it is worth nothing any more."""
    sign_on(page, installation.console, "carla")
    other = page.context.new_page()  # the provider's own page, not the console
    other.goto(f"{installation.issuer}/session/end")
    other.get_by_role("button", name="Yes, sign me out").click()
    expect(other.get_by_text("Sign-out Success")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Overview").click()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
    page.goto(installation.console)
    expect(page.get_by_role("heading", name="Home")).to_have_count(0)
    with installation.client(installation.admin_key) as api:
        entries = api.get("/audit", params={"event": "control:person:sign_out"}).json()["entries"]
    assert entries
    sign_on(page, installation.console, "carla")


def test_a_sign_on_leads_back_to_the_page_that_asked_for_it(page: Page, installation: Any) -> None:
    page.goto(f"{installation.console}/audit?outcome=access_denied")
    wait_for(page, "() => sessionStorage.getItem('sluis.return') !== null")
    page.get_by_role("button", name="Sign in with your organisation").click()
    page.fill("input[name=login]", "carla")
    page.fill("input[name=password]", "any password will do")
    page.click("button[type=submit]")
    page.click("button[type=submit]")  # consent
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{installation.console}/audit?outcome=access_denied")
    expect(page.get_by_role("combobox", name="Outcome", exact=True)).to_have_value("not allowed")


def test_an_expired_token_ends_the_session_at_the_next_rerun(page: Page, installation: Any) -> None:
    sign_on(page, installation.console, "brief")  # this user's tokens live twelve seconds
    page.wait_for_timeout(12_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Your sign-in has expired.")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
