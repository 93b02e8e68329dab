"""An officer looks at flagged requests: one becomes a term by two persons, one an incident."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import Installation, running
from tests.e2e.console.flagged import approve, flag
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.console.test_subjects import officer
from tests.e2e.console.test_usage import dutch
from tests.support.streamlit_page import choose, press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_FIRST, _SECOND = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own, with a rule that flags and two requests that it flagged."""
    with running(tmp_path_factory.mktemp("flagged"), identity_provider_folder) as ready:
        flag(ready, (_FIRST, _SECOND))
        yield ready


def test_flagged_requests_become_a_term_by_two_persons_and_an_incident(
    page: Page, installation: Any
) -> None:
    _becomes_a_term(page, installation)
    _becomes_an_incident(page, installation)


def _becomes_a_term(page: Page, installation: Any) -> None:
    sign_in(page, installation.console, officer(installation, "compliance_officer"))
    dutch(page)
    page.get_by_role("link", name=re.compile(r"^.*Gemarkeerde verzoeken \(2\)")).first.click()
    expect(page.get_by_text("Gemarkeerd door okapis")).to_have_count(2)
    expect(page.get_by_text(re.compile("team support, model assistant")).first).to_be_visible()
    settled(page)
    page.get_by_text("Beslis wat er volgt", exact=True).first.click()
    settled(page)
    press(page.get_by_role("radio", name="een term").first)
    settled(page)
    write(page.get_by_label(re.compile("^Toevoegen, één per regel")).first, "Okapistraat")
    press(page.get_by_role("button", name="Voorstellen", exact=True).first)
    expect(page.get_by_text(re.compile("Geef een reden"))).to_be_visible()
    write(page.get_by_label("Reden van de beslissing").first, "de naam van een plan")
    press(page.get_by_role("button", name="Voorstellen", exact=True).first)
    expect(page.get_by_text("De beslissing is vastgelegd.")).to_be_visible()
    expect(page.get_by_text("Gemarkeerd door okapis")).to_have_count(1)
    with installation.as_author() as author:
        review = author.get(f"/reviews/{_FIRST}").raise_for_status().json()
        assert (review["state"], review["outcome"]) == ("decided", "term")
        assert author.get("/terms").json()["counts"]["deny"] == 0  # one person has decided
    approve(installation, review["reference"])
    with installation.as_author() as author:
        assert author.get("/terms").json()["counts"]["deny"] == 1


def _becomes_an_incident(page: Page, installation: Any) -> None:
    choose(page.get_by_role("combobox", name="Taal"), "English")
    go(page, "Flagged requests")
    expect(page.get_by_text("Flagged by okapis").first).to_be_visible()
    settled(page)
    page.get_by_text("Decide what follows", exact=True).last.click()
    settled(page)
    press(page.get_by_role("radio", name="an incident").last)
    settled(page)
    choose(page.get_by_label("Kind of incident"), "other")
    write(page.get_by_label("What happened"), "A plan left the house")
    write(page.get_by_label("Reason of the decision"), "the plan is secret")
    press(page.get_by_role("button", name="Open incident"))
    expect(page.get_by_text("The decision is recorded.")).to_be_visible()
    with installation.as_author() as author:
        review = author.get(f"/reviews/{_SECOND}").raise_for_status().json()
    assert (review["state"], review["outcome"]) == ("decided", "incident")
    settled(page)
    page.get_by_role("radio", name="decided").click()
    expect(page.get_by_text(re.compile(f"an incident {review['reference']}"))).to_be_visible()
    go(page, "Incidents")
    expect(page.get_by_text(re.compile(review["reference"])).first).to_be_visible()
