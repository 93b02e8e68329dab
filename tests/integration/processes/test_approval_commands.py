"""Commands that propose a change and decide it, on the machine itself and over the network."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.processes.cli import main
from gateway.storage import resources
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def invoke(*arguments: str, **variables: str | None) -> Result:
    missing = {"SLUIS_DATABASE_URL": None, "SLUIS_URL": None, "SLUIS_TOKEN": None}
    return CliRunner(env={**missing, **variables}).invoke(main, arguments)


def local(folder: Path, *arguments: str) -> Result:
    return invoke(*arguments, SLUIS_DATA_DIR=str(folder), SLUIS_SECRETS_DIR=None)


def remote(sluis: Installation, *arguments: str, token: str = ADMIN_KEY) -> Result:
    absent = "/nonexistent/sluis"
    return invoke(*arguments, SLUIS_URL=sluis.control, SLUIS_TOKEN=token, SLUIS_DATA_DIR=absent)


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def refusal(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    return result.output


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A directory with one changed file of the bundle in force."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    shutil.copy(resources.directory("policies") / "content.yaml", folder)
    with (folder / "content.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed by a test\n")
    return folder


def test_a_model_version_is_approved_by_another_person(sluis: Installation, tmp_path: Path) -> None:
    make_tiny(tmp_path / "tiny")
    register = ("models", "register", "approvable", "1", "--base", str(tmp_path / "tiny"))
    assert "SLUIS_MODELS_DIR" in refusal(remote(sluis, *register))  # a path of the other machine
    registered = remote(sluis, *register, "--upload")
    assert "next: another person approves it: sluis models approve approvable 1" in (
        registered.output
    )
    approve = ("models", "approve", "approvable", "1")
    assert "models:approve" in refusal(remote(sluis, *approve))
    approved = remote(sluis, *approve, token=OFFICER_KEY)
    assert approved.output == "model: approvable@1\nstate: approved\napprovals: 1\nneeded: 1\n"
    unknown = ("models", "approve", "approvable", "2", "--json")
    refusal(remote(sluis, *unknown, token=OFFICER_KEY))


def test_a_model_version_is_not_approved_by_who_registered_it(tmp_path: Path) -> None:
    make_tiny(tmp_path / "tiny")
    register = ("models", "register", "own", "1", "--base", str(tmp_path / "tiny"))
    assert document(local(tmp_path / "data", *register, "--json"))["state"] == "draft"
    assert "another person" in refusal(local(tmp_path / "data", "models", "approve", "own", "1"))


def test_a_bundle_is_proposed_shown_and_rejected(sluis: Installation, bundle: Path) -> None:
    proposed = document(
        remote(sluis, "policy", "propose", str(bundle), "--comment", "a test", "--json")
    )
    identity = proposed["id"]
    assert proposed["state"] == "pending"
    assert proposed["next"] == f"another person decides: sluis proposals approve {identity}"

    listed = document(remote(sluis, "proposals", "list", "--state", "pending", "--json"))
    (found,) = [one for one in listed["proposals"] if one["id"] == identity]
    assert (found["subject"], found["comment"]) == ("content.yaml", "a test")
    table = remote(sluis, "proposals", "list").output.splitlines()
    assert table[0].split()[:2] == ["id", "kind"]
    assert [identity, "policy_bundle"] in [line.split()[:2] for line in table]

    shown = remote(sluis, "proposals", "show", identity).output
    assert "state: pending" in shown
    assert "+++ content.yaml\n" in shown
    assert "\n+# changed by a test" in shown
    assert (
        "before"
        in document(remote(sluis, "proposals", "show", identity, "--json"))["changes"][
            "content.yaml"
        ]
    )

    ask = ("proposals", "ask", identity, "--role", "policy_approver", "--json")
    (asked,) = document(remote(sluis, *ask))["reviewers"]
    assert (asked["kind"], asked["name"]) == ("role", "policy_approver")
    mine = document(remote(sluis, "proposals", "list", "--asked", "--json", token=OFFICER_KEY))
    assert [one["id"] for one in mine["proposals"]] == [identity]
    assert not document(remote(sluis, "proposals", "list", "--asked", "--json"))["proposals"]

    assert "policies:approve" in refusal(remote(sluis, "proposals", "approve", identity))
    reject = ("proposals", "reject", identity, "--comment", "no")
    rejected = remote(sluis, *reject, token=OFFICER_KEY)
    assert rejected.output == f"proposal: {identity}\nstate: rejected\n"
    assert "pending" in refusal(remote(sluis, *reject, token=OFFICER_KEY))


def test_an_approved_bundle_is_in_force(tmp_path: Path, bundle: Path) -> None:
    data = tmp_path / "data"
    identity = document(local(data, "policy", "propose", str(bundle), "--json"))["id"]
    approved = local(data, "proposals", "approve", identity)
    assert approved.output == f"proposal: {identity}\nstate: approved\n"
    assert "in force" in refusal(local(data, "policy", "propose", str(bundle)))


def test_the_terms_of_a_proposal_are_shown_and_approved(tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "terms.txt"
    path.write_text("Kwijtelaar\n", encoding="utf-8")
    propose = ("terms", "propose", "--kind", "deny", "--file", str(path), "--reason", "a test")
    identity = document(local(data, *propose, "--json"))["id"]
    shown = local(data, "proposals", "show", identity)
    assert re.search(r"^deny +Kwijtelaar", shown.output, re.MULTILINE)
    assert document(local(data, "proposals", "approve", identity, "--json")) == {
        "proposal": identity,
        "state": "approved",
        "waits_for": [],
    }
    listed = document(local(data, "terms", "list", "--kind", "deny", "--json"))
    assert "Kwijtelaar" in json.dumps(listed)


def test_a_directory_that_is_no_usable_bundle_is_refused(tmp_path: Path, bundle: Path) -> None:
    data, empty = tmp_path / "data", tmp_path / "empty"
    empty.mkdir()
    assert "holds no policy files" in refusal(local(data, "policy", "propose", str(empty)))
    (bundle / "content.yaml").write_text("rules: nonsense\n", encoding="utf-8")
    assert "cannot be used" in refusal(local(data, "policy", "propose", str(bundle)))


def test_an_unknown_proposal_is_refused(tmp_path: Path) -> None:
    for verb in ("show", "approve", "reject"):
        refused = refusal(local(tmp_path / "data", "proposals", verb, "nowhere"))
        assert "no such" in refused.lower()


def test_former_command_names_work_and_are_hidden() -> None:
    assert main.commands["report"].hidden
    assert not main.commands["reports"].hidden
    assert invoke("report", "make", "--help").output == invoke(
        "reports", "make", "--help"
    ).output.replace("Usage: main reports", "Usage: main report")
    assert "report " not in invoke("--help").output
    subjects = main.commands["subjects"]
    assert main.commands["erase"] is subjects.commands["erase"]  # type: ignore[attr-defined]
