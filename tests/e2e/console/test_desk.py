"""An officer handles an incident and a complaint, each in two languages."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import COMPLAINED, Installation, running
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_subjects import officer
from tests.support.streamlit_page import choose, press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_TOLD = "Een antwoord ging naar **de verkeerde** persoon"
_COMPLAINT = "Dit antwoord klopt niet, <b>zegt Jan</b>."


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own: a hold stops what other tests erase."""
    with running(tmp_path_factory.mktemp("desk"), identity_provider_folder) as ready:
        yield ready


def test_an_incident_is_opened_holds_its_request_and_is_closed(
    page: Page, installation: Any
) -> None:
    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    go(page, "Incidents")
    expect(page.get_by_text("There are no incidents.")).to_be_visible()
    choose(page.get_by_label("Kind of incident"), "personal data breach")
    write(page.get_by_label("What happened"), _TOLD)
    write(
        page.get_by_label("Audit ids of the requests concerned, one a line", exact=True), COMPLAINED
    )
    page.get_by_role("button", name="Open incident").click()
    expect(page.get_by_text(re.compile("Opened as incident_"))).to_be_visible()
    expect(page.get_by_text("Not judged yet. These deadlines would apply")).to_be_visible()
    expect(page.get_by_text(re.compile("Requests under hold_"))).to_be_visible()
    expect(page.get_by_text(re.compile("opened by compliance_officer-subjects"))).to_be_visible()
    expect(page.get_by_text("verkeerde")).to_have_count(0)

    settled(page)
    page.get_by_text("Read what was written").click()
    write(page.get_by_label("Reason (at least ten characters)").first, "to report it")
    press(page.get_by_role("button", name="Reveal and record"))
    expect(page.get_by_text(_TOLD)).to_be_visible()  # as it was typed, no Markdown

    settled(page)
    page.get_by_text("Judge whether this must be reported").click()
    write(page.get_by_label("Reasons of the judgement"), "Geen risico voor personen")
    press(page.get_by_role("button", name="Record the judgement"))
    expect(page.get_by_text(re.compile("Judged as not to be reported, by"))).to_be_visible()
    settled(page)

    page.get_by_text("Containment", exact=True).click()
    choose(page.get_by_label("Use cases to stop"))
    page.keyboard.press("Escape")
    write(page.get_by_label("Reason of the stop (at least three characters)"), "wrong advice")
    press(page.get_by_role("button", name="Stop all of it now"))
    expect(page.get_by_text("Stopped. Open Containment")).to_be_visible()
    settled(page)

    page.get_by_text("Close this incident").click()
    write(page.get_by_label("How it ended"), "Gemeld en hersteld")
    page.get_by_role("button", name="Close incident").click()
    expect(page.get_by_text("is closed. Its legal hold stays")).to_be_visible()
    expect(page.get_by_text("Not reported to an authority")).to_be_visible()
    expect(page.get_by_text("Close this incident")).to_have_count(0)


def test_a_complaint_is_read_for_a_reason_and_decided(page: Page, installation: Any) -> None:
    body = {"receipt": COMPLAINED, "text": _COMPLAINT, "language": "nl"}
    sent = httpx.post(f"{installation.settings.control_url}/complaints", json=body, trust_env=False)
    identity = sent.raise_for_status().json()["id"]
    sign_in(page, installation.console, officer(installation, "data_protection_officer"))
    choose(page.get_by_role("combobox", name="Language"), "Nederlands")
    go(page, "Klachten")
    expect(page.get_by_text(identity)).to_be_visible()
    expect(page.get_by_text(COMPLAINED)).to_be_visible()
    expect(page.get_by_text("zegt Jan")).to_have_count(0)
    settled(page)
    page.get_by_text("Lezen wat er is geschreven").click()
    write(page.get_by_label("Reden (minstens tien tekens)"), "om te beslissen")
    page.get_by_role("button", name="Inzien en vastleggen").click()
    expect(page.get_by_text(_COMPLAINT)).to_be_visible()
    settled(page)
    page.get_by_text("Over deze klacht beslissen").click()
    page.get_by_text("deels gegrond", exact=True).click()
    settled(page)
    write(page.get_by_label("Redenen", exact=True), "De helft klopt niet")
    page.get_by_role("button", name="Beslissen", exact=True).click()
    expect(page.get_by_text(f"Over {identity} is beslist.")).to_be_visible()
    expect(page.get_by_text(re.compile("Beslist door .*: deels gegrond"))).to_be_visible()


def test_a_request_of_a_person_is_recorded_and_decided(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, officer(installation, "data_protection_officer"))
    choose(page.get_by_role("combobox", name="Language"), "English")
    go(page, "Requests")
    write(page.get_by_label("Who asks, and how to reach them"), "Jan Kwijtelaar")
    write(page.get_by_label("What is asked"), "Wat weet u van mij?")
    press(page.get_by_role("button", name="Record request"))
    expect(page.get_by_text("Identity not established yet")).to_be_visible()
    expect(page.get_by_text("Kwijtelaar")).to_have_count(0)
    settled(page)
    page.get_by_text("Decide this request").click()
    page.get_by_text("granted in part", exact=True).click()
    settled(page)
    write(page.get_by_label("Reasons", exact=True), "De helft")
    press(page.get_by_role("button", name="Decide", exact=True))
    expect(page.get_by_text(re.compile("Decided by .*: granted in part"))).to_be_visible()


def test_a_deadline_is_proposed_with_who_verified_it(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    choose(page.get_by_role("combobox", name="Language"), "English")
    go(page, "Deadlines")
    expect(page.get_by_text("This organisation has not verified")).to_be_visible()
    write(
        page.get_by_label("Source", exact=True), "https://eur-lex.europa.eu/eli/reg/2016/679/oj#9"
    )
    write(page.get_by_label("Reason (at least three characters)"), "a better link")
    press(page.get_by_role("button", name="Propose"))
    expect(
        page.get_by_text(re.compile("Proposed as .* Another person must approve"))
    ).to_be_visible()


def test_an_incident_is_opened_from_a_request(page: Page, installation: Any) -> None:
    key = officer(installation, "compliance_officer")
    sign_in(page, f"{installation.console}/audit?request={COMPLAINED}", key)
    choose(page.get_by_role("combobox", name="Language"), "English")
    main = page.get_by_test_id("stMain")
    main.get_by_role("link", name="Open an incident about these requests").click()
    expect(page.get_by_role("heading", name="Incidents", exact=True)).to_be_visible()
    requests = page.get_by_label("Audit ids of the requests concerned, one a line", exact=True)
    expect(requests).to_have_value(COMPLAINED)


def test_the_cases_of_a_person_are_found_on_the_pages_of_cases(
    page: Page, installation: Any
) -> None:
    key, now = officer(installation, "compliance_officer"), int(time.time() * 1000)
    asked = {"kind": "access", "received": now, "person": "Zoë Vindbaar", "text": "Over Vindbaar?"}
    with installation.client(key) as api:
        made = api.post("/person-requests", json=asked).raise_for_status().json()
        decision = {"outcome": "refused", "reasons": "not a customer"}
        path = f"/person-requests/{made['id']}/decide"
        api.post(path, json=decision).raise_for_status()  # so that other tests find one request
    sign_in(page, installation.console, key)
    go(page, "Requests")
    page.get_by_text("Find the cases of a person").click()
    write(page.get_by_label("Name or e-mail address"), "vindbaar zoe")
    write(page.get_by_label("Reason of the search, without naming the person"), "request 12")
    press(page.get_by_role("button", name="Search cases"))
    expect(page.get_by_text(re.compile(r"Cases looked at: \d+\."))).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    settled(page)
    write(page.get_by_label("Name or e-mail address"), "niemand die bestaat")
    press(page.get_by_role("button", name="Search cases"))
    expect(page.get_by_text("No case was found.")).to_be_visible()
