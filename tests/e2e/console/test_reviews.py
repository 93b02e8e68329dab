"""What waits for a decision in one list: filtered by kind, with a thread of comments."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_usage import dutch
from tests.support.streamlit_page import press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
SAID = "Welke teams gebruiken <b>dit woord</b>?"


def test_a_reviewer_filters_and_asks_before_the_decision(page: Page, installation: Any) -> None:
    with installation.as_author() as author:
        term = {"add": [{"kind": "deny", "text": "Sluiskil"}], "remove": [], "reason": "a test"}
        identity = author.post("/terms", json=term).raise_for_status().json()["id"]
    sign_in(page, f"{installation.console}/proposals?kind=terms", installation.third_key)
    expect(page.get_by_role("heading", name="Proposals", exact=True)).to_be_visible()
    settled(page)
    dutch(page)
    expect(page.get_by_role("heading", name="Voorstellen", exact=True)).to_be_visible()
    chosen = page.get_by_role("combobox", name="Soort wijziging")
    expect(chosen).to_have_value("woordenlijsten")
    page.get_by_text("Opmerkingen", exact=True).first.click()
    settled(page)
    write(page.get_by_label("Opmerking", exact=True), SAID)
    press(page.get_by_role("button", name="Opmerking toevoegen"))
    expect(page.get_by_text(SAID)).to_be_visible()  # as it was typed, no markup
    with installation.client(installation.third_key) as api:
        (found,) = api.get(f"/proposals/{identity}").raise_for_status().json()["comments"]
        assert found["text"] == SAID
        done = api.post(f"/proposals/{identity}/reject", json={"comment": "not needed"})
        assert done.status_code == 200


def test_the_page_says_what_waits_in_english(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, installation.third_key)
    go(page, "Proposals")
    expect(page.get_by_role("combobox", name="Kind of change")).to_be_visible()


def test_a_reviewer_is_asked_in_the_console_and_sees_it_first(
    page: Page, installation: Any
) -> None:
    with installation.as_author() as author:
        term = {"add": [{"kind": "deny", "text": "Sas"}], "remove": [], "reason": "a test"}
        identity = author.post("/terms", json=term).raise_for_status().json()["id"]
    with installation.client(installation.third_key) as api:
        asked = {"roles": ["policy_approver"]}
        api.post(f"/proposals/{identity}/reviewers", json=asked).raise_for_status()
    sign_in(page, installation.console, installation.third_key)
    expect(page.get_by_text("(asked of you)")).to_be_visible()
    go(page, "Proposals")
    expect(page.get_by_role("heading", name="Asked of you")).to_be_visible()
    expect(page.get_by_text("Asked to review: ").first).to_be_visible()
    expect(page.get_by_text("Expires on").first).to_be_visible()
    settled(page)
    page.get_by_text("Ask others to review", exact=True).first.click()
    settled(page)
    write(page.get_by_label("Person (user name, e-mail address or owner of a key)"), "nobody@x")
    press(page.get_by_role("button", name="Ask", exact=True))
    expect(page.get_by_text("No persons are called so")).to_be_visible()
    dutch(page)
    expect(page.get_by_role("heading", name="Aan u gevraagd")).to_be_visible()
    with installation.client(installation.third_key) as api:
        done = api.post(f"/proposals/{identity}/reject", json={"comment": "not needed"})
        assert done.status_code == 200
