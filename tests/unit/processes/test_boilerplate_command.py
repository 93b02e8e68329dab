"""`sluis policy boilerplate`: from recordings of a client to an entry that a bundle takes."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from gateway.privacy.boilerplate import Boilerplate
from gateway.processes.cli import main

INSTRUCTIONS = "You are an agent that edits files. Read a file before you change it."
TOOL = "Runs a command in a shell and returns what the command has printed."


def body(task: str) -> dict[str, object]:
    return {
        "system": f"{INSTRUCTIONS}\n\nThe working directory is /home/{task}/project.",
        "tools": [{"name": "shell", "description": TOOL}],
        "messages": [{"role": "user", "content": f"Explain what the project of {task} is about."}],
    }


@pytest.fixture
def recordings(tmp_path: Path) -> list[str]:
    one, two = tmp_path / "one.json", tmp_path / "two.jsonl"
    one.write_text(json.dumps([body("anna")]))
    two.write_text("\n".join(json.dumps(body(task)) for task in ("bram", "carla")))
    return [str(one), str(two)]


def sluis(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["policy", "boilerplate", *arguments])


def entry_of(recordings: list[str]) -> Result:
    return sluis(
        "digest", *recordings, "--client", "agent", "--release", "1.0", "--by", "A. Jansen"
    )


def test_show_prints_what_all_recordings_hold_and_nothing_of_one_user(
    recordings: list[str],
) -> None:
    shown = sluis("show", *recordings)
    assert INSTRUCTIONS in shown.output
    assert TOOL in shown.output
    assert "anna" not in shown.output


def test_the_printed_entry_is_one_that_a_bundle_takes(recordings: list[str]) -> None:
    releases = yaml.safe_load(entry_of(recordings).output)
    known = Boilerplate.of({"version": 1, "releases": releases})
    assert known.spans(INSTRUCTIONS)
    assert known.spans(TOOL)
    assert not known.spans(str(body("anna")["system"]).split("\n\n")[1])


def test_one_recording_is_not_enough(recordings: list[str]) -> None:
    refused = sluis("show", recordings[0])
    assert refused.exit_code == 2
    assert "at least two recordings" in refused.output


def test_a_file_that_is_no_recording_is_named(recordings: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(b"\xff{")
    refused = sluis("show", recordings[0], str(broken))
    assert refused.exit_code == 1
    assert "broken.json is no recording" in refused.output


def test_list_names_the_clients_of_the_shipped_policies() -> None:
    listed = json.loads(sluis("list", "--json").output)
    clients = {one["client"]: one["paragraphs"] for one in listed["releases"]}
    assert clients["Claude Code"] > 200
    assert {"Codex", "opencode", "cline"} <= set(clients)


def test_a_template_becomes_an_entry_and_what_stays_read_is_named(tmp_path: Path) -> None:
    judge = tmp_path / "judge.txt"
    judge.write_text(f"{INSTRUCTIONS}\n\nAnswer: {{answer}}\n{TOOL} The user is {{name}}.\n")
    named = ("--application", "Case summaries", "--release", "4", "--by", "A. Jansen")
    made = sluis("template", str(judge), *named)
    known = Boilerplate.of({"version": 1, "releases": yaml.safe_load(made.stdout)})
    asked = judge.read_text().replace("{answer}", "no").replace("{name}", "Sanne")
    assert known.without(asked).split() == ["Answer:", "no", "The", "user", "is", "Sanne."]
    assert "still read: The user is {name}." in made.stderr
