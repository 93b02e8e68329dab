"""``sluis policy``: a bundle is exported, changed, compared and proposed as a whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.processes.cli import main

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.nightly]
OWN = """
@id("press") @owner("privacy") @reason_en("Press texts stay.") @reason_nl("Persteksten blijven.")
forbid (principal, action == Sluis::Action::"send", resource)
when { principal.roles.contains("press") && resource.zone != "internal" };
"""
CASES = """
- name: press texts stay inside
  who: {roles: [press]}
  what: {level: internal}
  where: {zone: eu}
  expect: {decision: refuse, policies: [press]}
- name: others may send to the EU
  who: {roles: [sales]}
  what: {level: internal}
  where: {zone: eu}
  expect: {decision: allow, policies: [clearance.clear]}
"""


class Desk:
    """Commands on one data directory, as the operator of the machine."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self.folder = folder / "bundle"
        assert self("policy", "export", "-o", str(self.folder)).exit_code == 0

    def __call__(self, *arguments: str, answer: str = "") -> Result:
        missing = {"SLUIS_DATABASE_URL": None, "SLUIS_URL": None, "SLUIS_TOKEN": None}
        runner = CliRunner(env={**missing, "SLUIS_DATA_DIR": str(self._data)})
        return runner.invoke(main, arguments, input=answer)

    def document(self, *arguments: str) -> Any:
        result = self(*arguments, "--json")
        assert result.exit_code in {0, 1}, result.output
        return json.loads(result.output)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def propose(self, *more: str) -> str:
        done = self.document("policy", "propose", "-f", str(self.folder), "--yes", *more)
        return str(done["id"])

    def enact(self) -> None:
        assert self("proposals", "approve", self.propose()).exit_code == 0

    def add_own_rule(self) -> None:
        (self.folder / "authorisation" / "own.cedar").write_text(OWN, encoding="utf-8")
        (self.folder / "tests" / "own.yaml").write_text(CASES, encoding="utf-8")

    def remove_own_rule(self) -> None:
        (self.folder / "authorisation" / "own.cedar").unlink()
        (self.folder / "tests" / "own.yaml").unlink()

    def digest(self) -> str:
        return str(self.document("policy", "diff", str(self.folder))["before"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_exported_bundle_is_the_one_in_force(desk: Desk) -> None:
    same = desk("policy", "diff", str(desk.folder))
    assert (same.exit_code, same.output) == (0, "")
    again = desk("policy", "export", "-o", str(desk.folder))
    assert "is not empty" in again.output
    assert again.exit_code == 1


def test_a_difference_is_reported_in_sentences_and_shown_to_the_approver(desk: Desk) -> None:
    desk.add_own_rule()
    desk.change("levels.yaml", "KVK: {level: confidential", "KVK: {level: internal")
    shown = desk("policy", "diff", str(desk.folder))
    assert shown.exit_code == 1
    expected = [
        (
            "Stricter: confidential text to the EU was sent after redaction, and would be refused. "
            "Only for: role press."
        ),
        "Authorisation rule press is added.",
        "levels.yaml types.KVK.level: confidential → internal",
        "Files added: authorisation/own.cedar, tests/own.yaml.",
    ]
    for sentence in expected:
        assert sentence in shown.output.splitlines()
    dutch = desk("policy", "diff", str(desk.folder), "--language", "nl").output
    assert "Strenger: vertrouwelijke tekst naar de EU werd weggelakt verzonden" in dutch
    identity = desk.propose()
    proposal = desk.document("proposals", "show", identity)
    assert set(expected) <= set(proposal["difference"]["sentences"]["en"])
    assert proposal["difference"]["lattice"]["whole"] is True
    assert set(expected) <= set(desk("proposals", "show", identity).output.splitlines())


def test_a_file_that_a_directory_lacks_is_removed_after_a_question(desk: Desk) -> None:
    first = desk.digest()
    desk.add_own_rule()
    desk.enact()
    added = desk.digest()
    assert added != first
    desk.remove_own_rule()
    asked = desk("policy", "propose", "-f", str(desk.folder), answer="n\n")
    assert "Files removed: authorisation/own.cedar, tests/own.yaml." in asked.output
    assert asked.exit_code == 1
    assert desk.document("proposals", "list", "--state", "pending")["proposals"] == []
    desk.enact()
    assert desk.digest() == first


def test_files_of_another_directory_are_put_in_and_remove_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    for name, text in (("authorisation/own.cedar", OWN), ("tests/own.yaml", CASES)):
        path = tmp_path / "part" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    done = desk.document("policy", "propose", str(tmp_path / "part"))
    report = desk.document("proposals", "show", done["id"])["difference"]
    assert report["files"] == {
        "added": ["authorisation/own.cedar", "tests/own.yaml"],
        "removed": [],
        "changed": [],
    }


def test_a_draft_of_a_replaced_bundle_is_refused_with_what_to_do(
    desk: Desk, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert desk("policy", "export", "-o", str(other)).exit_code == 0
    desk.change("levels.yaml", "KVK: {level: confidential", "KVK: {level: internal")
    desk.enact()
    stale = desk("policy", "propose", "-f", str(other), "--yes")
    assert stale.exit_code == 1
    assert "in force now" in stale.output
    assert "export the bundle in force to another directory" in stale.output
    desk.change("levels.yaml", "RSIN: {level: confidential", "RSIN: {level: internal")
    desk.enact()  # the directory that was proposed goes on


def test_a_directory_that_is_no_bundle_is_not_compared(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert desk("policy", "diff", str(tmp_path / "empty")).exit_code == 2
    (desk.folder / "levels.yaml").unlink()
    refused = desk("policy", "diff", str(desk.folder))
    assert refused.exit_code == 2
    assert "lacks levels.yaml" in refused.output


def test_faults_are_named_with_file_and_line_and_not_proposed(desk: Desk) -> None:
    assert desk("policy", "check", str(desk.folder)).exit_code == 0
    (desk.folder / "authorisation" / "own.cedar").write_text(
        OWN.replace(' @owner("privacy")', "").replace('.roles.contains("press")', '.team == "pres"')
    )
    found = desk("policy", "check", str(desk.folder))
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        "authorisation/own.cedar:3: rule 'press': @owner(\"…\") is missing",
        "authorisation/own.cedar:3: rule 'press': no case names it in policies",
    ]
    refused = desk("policy", "propose", "-f", str(desk.folder))
    assert refused.exit_code == 1
    assert "own.cedar:3: rule 'press': there is no team 'pres'" in refused.output
    assert "@owner" in refused.output


def test_a_rule_whose_removal_no_case_notices_fails(desk: Desk) -> None:
    assert desk("policy", "test", str(desk.folder), "--mutate").exit_code == 0
    desk.change(
        "tests/content.yaml",
        "expect: {decision: refuse, rules: [fraud]}",
        "expect: {decision: refuse}",
    )
    desk.change("tests/content.yaml", "fraud: 0.97", "fraud: 0.97, hate: 0.97")
    found = desk("policy", "test", str(desk.folder), "--mutate")
    assert found.exit_code == 1
    assert re.search(r"^fraud\b", found.output, re.MULTILINE)
    assert desk("policy", "test", str(desk.folder)).exit_code == 0


def test_a_draft_is_replayed_over_a_period(desk: Desk) -> None:
    desk.add_own_rule()
    period = ("--from", "2026-01-01", "--to", "2026-01-31")
    report = desk.document("policy", "replay", str(desk.folder), *period)
    assert (report["decisions"], report["complete"]) == (0, True)
    proposed = desk.document("policy", "replay", "--proposal", desk.propose(), *period)
    assert proposed["after"] == report["after"] != report["before"]
    why = ("--reason", "to try the new rule")
    assert desk.document("policy", "replay", str(desk.folder), *period, *why)["decisions"] == 0


def test_the_bundle_before_is_back_in_one_step(desk: Desk) -> None:
    first = desk.digest()
    assert "no such earlier bundle" in desk("policy", "rollback").output
    desk.add_own_rule()
    desk.enact()
    second = desk.digest()
    identity = desk.document("policy", "rollback", "--comment", "incident 12")["id"]
    proposal = desk.document("proposals", "show", identity)
    assert proposal["difference"]["files"]["removed"] == [
        "authorisation/own.cedar",
        "tests/own.yaml",
    ]
    assert proposal["subject"] == f"roll back to {first}"
    assert desk("proposals", "approve", identity).exit_code == 0
    assert desk.digest() == first
    status = desk.document("policy", "status")
    assert (status["digest"], status["before"], status["faults"]) == (first, second, [])
    named = desk.document("policy", "rollback", "--to", second)
    assert desk("proposals", "approve", named["id"]).exit_code == 0
    assert desk.digest() == second


def test_rules_are_shown_as_sentences_with_file_and_line(desk: Desk) -> None:
    desk.add_own_rule()
    shown = desk("policy", "show", "--language", "nl")
    assert shown.exit_code == 0
    assert "content.yaml:" in shown.output
    assert "tekst ongewijzigd wordt verzonden" in shown.output
    assert "press" not in desk("policy", "show").output
    rules = desk.document("policy", "show", str(desk.folder))["rules"]
    (own,) = [rule for rule in rules if rule["id"] == "press"]
    assert own["sentences"]["en"].endswith("owner: privacy.")
