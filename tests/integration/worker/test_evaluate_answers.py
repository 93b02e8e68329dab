"""``sluis evaluate answers`` from end to end: real detectors, real engine, tiny random models."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.processes.cli import main

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
_TASKS = """\
lang: en
tasks:
  - {id: a, kind: copy, prompt: "Repeat: James Whitfield", right: {exact: James Whitfield}}
  - id: b
    kind: copy
    prompt: "Repeat: call Mrs Patel on 020 7946 0018"
    right: {contains: [Patel]}
  - id: c
    kind: sort
    prompt: "Dear team, I want to cancel. Emily Carter"
    system: Sort this letter.
    schema:
      type: object
      properties: {c: {enum: [yes]}}
      required: [c]
      additionalProperties: false
    right: {fields: {c: "yes"}}
"""


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.yaml"
    path.write_text(_TASKS.replace("[yes]", '["yes"]'), encoding="utf-8")
    return path


def test_base_and_finetune_are_measured(tasks: Path, tiny_dir: Path, adapter_dir: Path) -> None:
    argv = ["evaluate", "answers", "--data", str(tasks), "--model", str(tiny_dir)]
    argv += ["--adapter", str(adapter_dir), "--threads", "1", "--json", "--answers"]
    done = CliRunner().invoke(main, argv)
    assert done.exit_code == 0, done.output
    models = json.loads(done.stdout)["models"]
    assert [model["model"] for model in models] == ["tiny", "adapter"]
    for model in models:
        assert (model["tasks"], model["redacted_tasks"]) == (3, 3)
        assert model["placeholders"] >= 2
        assert sum(model["fates"].values()) == model["placeholders"]
        group = model["groups"]["sort"]  # whose schema allows one answer only
        assert (group["clear_right"], group["redacted_right"]) == (1, 1)
        assert not any("Whitfield" in answer["sent"] for answer in model["answers"])


def test_a_file_without_tasks_is_refused_with_advice(tmp_path: Path, tiny_dir: Path) -> None:
    path = tmp_path / "none.yaml"
    path.write_text("lang: en\ntasks: []\n", encoding="utf-8")
    argv = ["evaluate", "answers", "--data", str(path), "--model", str(tiny_dir)]
    done = CliRunner().invoke(main, argv)
    assert done.exit_code == 1
    assert "give files with tasks" in done.output


def test_a_folder_without_a_model_is_refused(tasks: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    argv = ["evaluate", "answers", "--data", str(tasks), "--model", str(empty)]
    done = CliRunner().invoke(main, argv)
    assert done.exit_code == 1
    assert "Error" in done.output
    assert "Traceback" not in done.output
