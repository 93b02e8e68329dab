"""The access page: the catalogue with figures, and the stop switch, in two languages."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_subjects import officer
from tests.e2e.console.test_usage import dutch
from tests.support.streamlit_page import choose, press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]


def part(page: Page, name: str) -> Any:
    """Choose a part; gives the accessible copy of its table."""
    press(page.get_by_role("radio", name=name, exact=True))
    settled(page)
    return page.get_by_test_id("stDataFrame").first.locator("table")


def test_each_part_of_the_catalogue_is_shown(page: Page, installation: Any) -> None:
    sign_in(page, f"{installation.console}/access?part=deployments", installation.admin_key)
    table = page.get_by_test_id("stDataFrame").first.locator("table")
    expect(table).to_contain_text("gpt-5-mini")
    expect(table).to_contain_text(re.compile(r"\d+ requests, \d+ failed, p95"))
    expect(part(page, "Teams")).to_contain_text("support")
    expect(part(page, "Aliases")).to_contain_text("gpt-eu")
    expect(part(page, "Providers")).to_contain_text("https://llm.example.eu/v1")
    expect(part(page, "Sign-on")).to_contain_text("compliance officer")
    dutch(page)
    expect(part(page, "Toepassingen")).to_contain_text("customer-service")


def test_a_stop_works_at_once_and_a_start_is_a_proposal(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    go(page, "Access")
    part(page, "Aliases")
    press(page.get_by_role("button", name="Stop at once"))
    expect(page.get_by_text("Give a reason of at least three characters.")).to_be_visible()
    choose(page.get_by_label("Name", exact=True), "assistant")
    write(page.get_by_label("Reason (at least three characters)"), "incident 12")
    press(page.get_by_role("button", name="Stop at once"))
    expect(page.get_by_text(re.compile("assistant was stopped by"))).to_be_visible()
    write(page.get_by_label("Reason (at least three characters)"), "incident 12 is closed")
    press(page.get_by_role("button", name="Propose to start again"))
    said = page.get_by_text(re.compile("Proposed as [0-9a-f]+"))
    expect(said).to_be_visible()
    found = re.search("Proposed as ([0-9a-f]+)", said.inner_text())
    assert found
    with installation.client(installation.third_key) as api:
        path = f"/proposals/{found[1]}/approve"
        api.post(path, json={"comment": "agreed"}).raise_for_status()
        assert api.get("/stops").json()["stops"] == []


def test_a_secret_is_replaced_and_shown_once(page: Page, installation: Any) -> None:
    sign_in(page, f"{installation.console}/keys", installation.admin_key)
    form = page.get_by_test_id("stForm").filter(has_text="Replace a secret")
    expect(form).to_be_visible()
    choose(form.get_by_role("combobox", name="Key that gets a new secret"))
    press(form.get_by_role("button", name="Replace", exact=True))
    expect(page.get_by_text(re.compile("Copy the secret now"))).to_be_visible()
    secret = page.get_by_test_id("stCode").first.inner_text().strip()
    assert secret.startswith("sluis_")
    page.reload()
    expect(page.get_by_text(secret)).to_have_count(0)


def test_the_page_says_what_keys_have_cost_this_month(page: Page, installation: Any) -> None:
    sign_in(page, f"{installation.console}/keys", installation.admin_key)
    expect(page.get_by_text(re.compile("^Spent this month is what requests"))).to_be_visible()
    dutch(page)
    expect(page.get_by_text(re.compile("^Besteed deze maand is wat verzoeken"))).to_be_visible()
