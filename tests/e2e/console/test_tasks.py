"""Ten tasks of an office in at most five clicks each, counted, in Dutch and in English.

What a person types costs no click, nor does the return key in a field. A choice in a list costs
two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.console.conftest import COMPLAINED, Installation, running
from tests.e2e.console.desk import LANGUAGES, Desk, signed_in
from tests.support.cards import CARD

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
MOST = 5
_ASIDE = "1234567890abcdef"  # of a person of whom nothing is stored


@pytest.fixture(scope="module")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One of its own, since tasks change it; it has versions to approve and to end."""
    with running(tmp_path_factory.mktemp("tasks"), identity_provider_folder) as ready:
        with ready.client(ready.operator) as api:
            for name in ("good", "bad"):
                for language in LANGUAGES:
                    base = made_model(tmp_path_factory.mktemp("model"), f"{name} {language}")
                    body = {"name": name, "version": language, "base": str(base)}
                    api.post("/models", json=body).raise_for_status()
        yield ready


def made_model(folder: Path, licence: str) -> Path:
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "README.md").write_text(f"{CARD}Writes letters.", encoding="utf-8")
    (folder / "LICENSE").write_text(licence, encoding="utf-8")
    return folder


@pytest.fixture
def at_desk(
    browser: Browser, installation: Installation, people: dict[str, str], language: str
) -> Any:
    """Signs a person in, whose task then takes at most five clicks."""

    @contextmanager
    def at(who: str) -> Iterator[Desk]:
        with signed_in(browser, installation.console, people[who], language) as desk:
            yield desk
            assert desk.clicks <= MOST, desk.clicks

    return at


def test_a_key_is_issued_for_a_team(at_desk: Any, language: str) -> None:
    with at_desk("admin") as desk:
        desk.go("keys")
        desk.write("keys.name", f"batch-{language}")
        desk.choose("keys.team", "support")
        desk.press("keys.issue_go")
        desk.reads("keys.issued", name=f"batch-{language}")


def test_the_reason_of_a_refusal_is_found(at_desk: Any) -> None:
    with at_desk("auditor") as desk:
        desk.go("audit")
        desk.enter("audit.id", "req_" + "f" * 32)
        expect(desk.page.get_by_text("restricted.stays-inside").first).to_be_visible()


def test_a_version_of_a_model_is_approved(at_desk: Any, language: str) -> None:
    with at_desk("approver") as desk:
        desk.go("proposals")
        desk.click(desk.page.locator(f".st-key-sign_off-good-{language} button"))
        desk.confirm()
        desk.reads("models.sign_off_done", which=f"good@{language}")


def test_a_content_rule_is_changed_by_two_people(
    at_desk: Any, installation: Installation, language: str
) -> None:
    word = {"nl": "reigerplan", "en": "heron plan"}[language]
    with at_desk("author") as desk:
        desk.go("change")
        desk.choose("rule.which", "weapons")
        expect(desk.page.get_by_role("button", name=desk.text("rule.remove"))).to_be_visible()
        patterns = desk.page.get_by_label(desk.text("rule.patterns"), exact=True)
        desk.write("rule.patterns", f"{patterns.input_value()}\n{word}")
        desk.write("rule.matching", f"a letter about the {word}")
        desk.write("rule.passing", "a letter about the heron")
        desk.press("rule.write")
        desk.press("change.propose")
        desk.reads("change.proposed")
    with at_desk("approver") as desk:
        desk.go("proposals")
        desk.press("proposals.approve")
        desk.confirm("agreed")
        desk.reads("proposals.approved")
    with installation.as_author() as author:
        assert word in author.get("/policies").json()["files"]["content.yaml"]


def test_an_auditor_gets_a_period_to_verify(at_desk: Any, tmp_path: Path) -> None:
    with at_desk("auditor") as desk:
        desk.go("audit")
        desk.press("export.build")
        desk.reads("export.ready")
        with desk.page.expect_download() as started:
            desk.press("export.download")
        started.value.save_as(tmp_path / "trail.zip")


def test_a_person_is_erased(at_desk: Any) -> None:
    with at_desk("data_protection_officer") as desk:
        desk.go("subjects")
        desk.choose("subjects.type", desk.text("type.EMAIL"))
        desk.enter("subjects.value", f"{_ASIDE}@voorbeeld.nl")
        desk.write("subjects.reason", "request 2026-117")
        desk.press("subjects.erase")
        desk.confirm()
        desk.reads("subjects.erased")


def test_the_team_that_spends_most_is_found(at_desk: Any) -> None:
    with at_desk("admin") as desk:
        desk.go("usage")
        desk.choose("usage.group", desk.text("usage_by.team"))
        table = desk.page.get_by_test_id("stDataFrame").locator("table").first
        expect(table).to_contain_text("support")
        expect(table).to_contain_text(desk.text("usage.cost"))


def test_the_model_that_got_slower_is_found(at_desk: Any) -> None:
    with at_desk("admin") as desk:
        desk.go("usage")
        desk.choose("usage.measure", desk.text("usage.p95"))
        table = desk.page.get_by_test_id("stDataFrame").locator("table").first
        expect(table).to_contain_text(desk.text("usage.p95"))
        expect(desk.page.get_by_test_id("stVegaLiteChart").first).to_be_visible()


def test_a_complaint_is_decided(at_desk: Any, installation: Installation, language: str) -> None:
    body = {"receipt": COMPLAINED, "text": "Dit klopt niet.", "language": language}
    sent = httpx.post(f"{installation.settings.control_url}/complaints", json=body, trust_env=False)
    assert sent.status_code == 201, sent.text
    identity = sent.json()["id"]
    with at_desk("data_protection_officer") as desk:
        desk.go("complaints")
        desk.open("complaints.decide")
        desk.open("decided.partly")
        desk.write("complaints.reasons", "half of it is wrong")
        desk.press("complaints.decide_it")
        desk.reads("complaints.decided", id=identity)


def test_a_model_is_quarantined(at_desk: Any, language: str) -> None:
    with at_desk("admin") as desk:
        desk.go("models")
        desk.click(desk.page.get_by_role("button", name=f"bad@{language}"))
        desk.press("models.quarantine")
        desk.confirm("wrong advice")
        desk.reads("models.quarantine_done", which=f"bad@{language}")
