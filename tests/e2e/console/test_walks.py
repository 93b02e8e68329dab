"""Whole walks through the console, in Dutch and in English, by as many people as they take."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from gateway.core.system.secrets import PUBLIC
from gateway.evidence import verify
from tests.e2e.console.conftest import COMPLAINED, Installation, running
from tests.e2e.console.desk import Desk, signed_in
from tests.e2e.console.flagged import flag
from tests.support.streamlit_page import choose, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
FLAGGED = {"nl": "a" * 32, "en": "b" * 32}
RULE = "gdpr-33"  # a breach of personal data is reported to the authority


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own, with a flagged request for each language."""
    with running(tmp_path_factory.mktemp("walks"), identity_provider_folder) as ready:
        flag(ready, list(FLAGGED.values()))
        yield ready


@pytest.fixture
def at_desk(
    browser: Browser, installation: Installation, people: dict[str, str], language: str
) -> Any:
    def at(who: str) -> AbstractContextManager[Desk]:
        return signed_in(browser, installation.console, people[who], language)

    return at


def test_a_flagged_request_becomes_a_rule_by_two_people(
    at_desk: Any, installation: Installation, language: str
) -> None:
    request = FLAGGED[language]
    with at_desk("author") as desk:
        desk.go("change")
        desk.choose("rule.which", "okapis")
        expect(desk.page.get_by_role("button", name=desk.text("rule.remove"))).to_be_visible()
        patterns = desk.page.get_by_label(desk.text("rule.patterns"), exact=True)
        desk.write("rule.patterns", f"{patterns.input_value()}\nquagga {language}")
        desk.write("rule.matching", f"a letter about the quagga {language}")
        desk.write("rule.passing", "a letter about the horse")
        desk.press("rule.write")
        desk.press("change.propose")
        desk.reads("change.proposed")
        desk.go("reviews")
        card = desk.page.locator(f".st-key-reviews-card-{request}")
        desk.click(card.get_by_text(desk.text("reviews.decide"), exact=True))
        desk.click(card.get_by_role("radio", name=desk.text("review_outcome.rule")))
        write(card.get_by_label(desk.text("reviews.reason")), "the rule must know it")
        desk.click(card.get_by_role("button", name=desk.text("reviews.close_it")))
        desk.reads("reviews.done")
    with at_desk("approver") as desk:
        desk.go("proposals")
        desk.press("proposals.approve")
        desk.confirm("agreed")
        desk.reads("proposals.approved")
    with installation.as_author() as author:
        assert f"quagga {language}" in author.get("/policies").json()["files"]["content.yaml"]
        review = author.get(f"/reviews/{request}").json()
    assert (review["state"], review["outcome"]) == ("decided", "rule")


def test_a_complaint_is_received_explained_decided_and_reported(
    at_desk: Any, installation: Installation, language: str
) -> None:
    body = {"receipt": COMPLAINED, "text": "Dit klopt niet.", "language": language}
    sent = httpx.post(f"{installation.settings.control_url}/complaints", json=body, trust_env=False)
    assert sent.status_code == 201, sent.text
    identity = sent.json()["id"]
    with at_desk("data_protection_officer") as desk:
        desk.go("complaints")
        desk.reads("complaints.of", id=identity)
        desk.open("complaints.explain")
        explained = desk.page.get_by_test_id("stCode").filter(has_text="gpt-eu")
        expect(explained.first).to_be_visible()
        desk.open("complaints.decide")
        desk.open("decided.upheld")
        desk.write("complaints.reasons", "the answer was wrong")
        desk.press("complaints.decide_it")
        desk.reads("complaints.decided", id=identity)
        desk.go("reports")
        desk.press("reports.make")
        expect(desk.page.get_by_test_id("stMain")).to_contain_text(desk.text("complaints.title"))


def test_an_incident_is_opened_contained_reported_and_closed(
    at_desk: Any, installation: Installation, people: dict[str, str], language: str
) -> None:
    with at_desk("compliance_officer") as desk:
        desk.go("incidents")
        desk.choose("incidents.kind", desk.text("incident.data_breach"))
        desk.write("incidents.description", "an answer went to another person")
        desk.write("incidents.audit_ids", COMPLAINED)
        desk.press("incidents.open_it")
        desk.reads("incidents.opened")
        _contain(desk, installation, people["compliance_officer"])
        with installation.client(people["compliance_officer"]) as api:
            title = api.get("/incidents").raise_for_status().json()["rules"][RULE][language]
        _report(desk, title)
        desk.open("incidents.close")
        desk.write("incidents.outcome", "reported and mended")
        desk.press("incidents.close_it")
        desk.reads("incidents.closed")


def _contain(desk: Desk, installation: Installation, key: str) -> None:
    """Stop a deployment from the incident."""
    desk.open("measures.contain")
    desk.choose("measures.deployments", "gpt-eu")
    desk.page.keyboard.press("Escape")
    desk.write("measures.reason", "wrong answers")
    desk.press("measures.stop_it")
    desk.reads("measures.stopped")
    with installation.client(key) as api:
        stops = api.get("/stops").raise_for_status().json()["stops"]
    assert "gpt-eu" in {one["name"] for one in stops}


def _report(desk: Desk, title: str) -> None:
    """Judge that a deadline binds, draft its report, and note that it was made."""
    desk.open("incidents.judge")
    box = desk.page.get_by_role("combobox", name=desk.text("incidents.judge_rules"), exact=True)
    choose(box.first, title, typed=True)
    desk.page.keyboard.press("Escape")
    desk.write("incidents.judge_reasons", "a person may suffer from it")
    desk.press("incidents.judge_it")
    desk.reads("incidents.judged")
    desk.open("incidents.draft")
    desk.write("reveal.reason", "to report it to the authority")
    desk.press("incidents.draft_it")
    expect(desk.page.get_by_text(desk.text("incidents.draft_save"))).to_be_visible()
    desk.open("incidents.report")
    desk.press("incidents.report_it")
    desk.reads("incidents.report_done")
    settled(desk.page)


def test_an_auditor_is_handed_an_export_and_verifies_it(
    at_desk: Any, installation: Installation, tmp_path: Path
) -> None:
    package = tmp_path / "trail.zip"
    with at_desk("auditor") as desk:
        desk.go("audit")
        desk.press("export.build")
        desk.reads("export.ready")
        with desk.page.expect_download() as started:
            desk.press("export.download")
        started.value.save_as(package)
    key = installation.settings.secrets_dir / PUBLIC
    assert verify.main([str(package), "--key", str(key)]) == 0
