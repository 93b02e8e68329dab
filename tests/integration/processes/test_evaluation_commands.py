"""Suites, runs and overrides on the command line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.processes.cli import main
from tests.support.cards import CARD
from tests.support.evaluation_suites import description, items_text
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation

pytestmark = [pytest.mark.integration, pytest.mark.slow]
ENGINE = ("--served-name", "chat-v1", "--source", "example/chat", "--revision", "9c1f2e0")


def models(sluis: Installation, *arguments: str, token: str = ADMIN_KEY) -> Result:
    env = {"SLUIS_URL": sluis.control, "SLUIS_TOKEN": token, "SLUIS_DATA_DIR": "/nonexistent"}
    return CliRunner(env=env).invoke(main, ("models", *arguments))


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def suite_in(folder: Path, name: str, items: str = "") -> str:
    folder.mkdir()
    (folder / "suite.yaml").write_text(description("refusal", name=name), encoding="utf-8")
    two = items_text({"expected": "answer"}, {"expected": "refuse"})
    (folder / "items.jsonl").write_text(items or two, encoding="utf-8")
    return str(folder)


def proposals(sluis: Installation, *arguments: str, token: str = OFFICER_KEY) -> Result:
    env = {"SLUIS_URL": sluis.control, "SLUIS_TOKEN": token, "SLUIS_DATA_DIR": "/nonexistent"}
    return CliRunner(env=env).invoke(main, ("proposals", *arguments))


def test_a_suite_is_proposed_approved_and_listed(sluis: Installation, tmp_path: Path) -> None:
    folder = suite_in(tmp_path / "s", "own-one")
    proposed = models(sluis, "add-suite", folder, "--reason", "our own letters")
    assert proposed.exit_code == 0, proposed.output
    (waiting,) = re.findall(r"^proposal: (\w+)$", proposed.output, re.MULTILINE)
    next_ = f"next: another person approves it: sluis proposals approve {waiting}"
    assert next_ in proposed.output
    assert "own-one" not in models(sluis, "suites").output

    shown = proposals(sluis, "show", waiting).output
    assert "our own letters" in shown
    assert f"sluis models proposed-suite {waiting}" in shown
    output = ("--output", str(tmp_path / "new"))
    read = models(sluis, "proposed-suite", waiting, *output, token=OFFICER_KEY)
    assert read.exit_code == 0, read.output
    for fact in ("name: own-one", "licence: CC0-1.0", "items: 2", "replaces: nothing", '"i-0"'):
        assert fact in read.output
    for name in ("suite.yaml", "items.jsonl"):
        assert (tmp_path / "new" / name).read_text() == (tmp_path / "s" / name).read_text()
    again = models(sluis, "proposed-suite", waiting, *output)
    assert (again.exit_code, "cannot be written: File exists" in again.output) == (1, True)

    own = proposals(sluis, "approve", waiting, token=ADMIN_KEY)
    assert own.exit_code == 1
    assert "'evaluation.suite:approve'" in own.output
    assert proposals(sluis, "approve", waiting).exit_code == 0
    listed = document(models(sluis, "suites", "--json"))["suites"]
    (found,) = [one for one in listed if one["name"] == "own-one"]
    assert f"digest: {found['digest']}" in proposed.output
    assert (found["own"], found["task"]) == (True, "refusal")
    assert found["approved_by"]
    again = models(sluis, "add-suite", folder)
    assert again.exit_code == 1
    assert "a suite never changes" in again.output


def test_a_faulty_suite_is_refused_with_its_lines(sluis: Installation, tmp_path: Path) -> None:
    folder = suite_in(tmp_path / "s", "own-faulty", items_text({"expected": "maybe"}) + "\n{")
    refused = models(sluis, "add-suite", folder)
    assert refused.exit_code == 1
    assert "items.jsonl:1: Invalid enum value 'maybe'" in refused.output
    assert "items.jsonl:2: " in refused.output
    (tmp_path / "s" / "items.jsonl").unlink()
    assert "s/items.jsonl: cannot be read" in models(sluis, "add-suite", folder).output


def test_a_version_of_high_risk_needs_evaluations_or_an_override(
    sluis: Installation, tmp_path: Path
) -> None:
    card = tmp_path / "README.md"
    card.write_text(CARD.replace("risk: minimal", "risk: high"), encoding="utf-8")
    models(sluis, "register-engine", "risky", "1", *ENGINE, "--card", str(card))
    refused = models(sluis, "approve", "risky", "1", token=OFFICER_KEY)
    assert refused.exit_code == 1
    assert "Policy asks for evaluations that risky@1 lacks: " in refused.output
    assert "`sluis models evaluate risky 1`" in refused.output
    listed = document(models(sluis, "evaluations", "risky", "1", "--json"))
    assert (listed["risk"], listed["blocks"], listed["runs"]) == ("high", True, [])
    assert any(one.startswith("refusal: ") for one in listed["lacking"])
    short = models(sluis, "override-evaluation", "risky", "1", "--reason", "because")
    assert "ten characters" in short.output
    reason = ("--reason", "the supplier repairs this in version 2")
    done = document(models(sluis, "override-evaluation", "risky", "1", *reason, "--json"))
    assert done["waiting"] == listed["lacking"]
    env = {"SLUIS_URL": sluis.control, "SLUIS_TOKEN": OFFICER_KEY}
    approved = CliRunner(env=env).invoke(main, ("proposals", "approve", done["proposal"]))
    assert approved.exit_code == 0, approved.output
    assert models(sluis, "approve", "risky", "1", token=OFFICER_KEY).exit_code == 0
    after = document(models(sluis, "evaluations", "risky", "1", "--json"))
    assert (after["lacking"], after["overridden"]) == ([], listed["lacking"])


def test_without_a_deployment_nothing_is_measured(sluis: Installation, tmp_path: Path) -> None:
    folder = suite_in(tmp_path / "s", "own-two")
    waiting = document(models(sluis, "add-suite", folder, "--json"))["proposal"]
    models(sluis, "register-engine", "lonely", "1", *ENGINE)
    refused = models(sluis, "evaluate", "lonely", "1", "--suite", "own-two")
    assert refused.exit_code == 1
    assert f"own-two waits for another person: `sluis proposals approve {waiting}`" in (
        refused.output
    )
    assert proposals(sluis, "approve", waiting).exit_code == 0
    refused = models(sluis, "evaluate", "lonely", "1", "--suite", "own-two")
    assert refused.exit_code == 1
    assert "No deployment serves lonely@1. Add one to sluis.yaml" in refused.output
    elsewhere = ("--gateway", "http://127.0.0.1:9")
    refused = models(sluis, "evaluate", "lonely", "1", *elsewhere)
    assert refused.exit_code == 2
    assert "a control plane has its own" in refused.output
