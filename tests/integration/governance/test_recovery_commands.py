"""The commands of the way back: a code is made, sealed, proven, and shown by doctor."""

import datetime
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.processes.cli import main

pytestmark = pytest.mark.integration
_CODE = re.compile(r"sluis_recovery_\S+")
_LINE = re.compile(r"- \{person: .+\}")


def sluis(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def doctor() -> dict[str, str]:
    """By check of a code what to do, "" where all is well."""
    report = json.loads(sluis("doctor", "--json").stdout)
    return {
        one["check"]: one["todo"] for one in report["checks"] if one["check"].startswith("recovery")
    }


def test_doctor_shows_which_codes_were_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUIS_DATA_DIR", str(tmp_path / "data"))
    made = [sluis("recover", "code", "--person", person).stdout for person in ("anna", "bram")]
    lines = [found[0] for text in made if (found := _LINE.search(text))]
    file = tmp_path / "sluis.yaml"
    sealed = "".join(f"    {line}\n" for line in lines)
    file.write_text(f"version: 1\napprovals:\n  recovery:\n{sealed}", encoding="utf-8")
    applied = sluis("apply", "-f", str(file))
    assert applied.exit_code == 0, applied.output
    todo = "{} runs `sluis recover check` on this machine and types the code"
    never = {f"recovery code of {one}: never proven": todo.format(one) for one in ("anna", "bram")}
    assert doctor() == never
    wrong = sluis("recover", "check", typed="sluis_recovery_nothing\n")
    assert wrong.exit_code == 1
    assert "not the code of a person" in wrong.output
    code = _CODE.search(made[0])
    assert code is not None
    proven = sluis("recover", "check", typed=f"{code[0]}\n")
    assert proven.exit_code == 0, proven.output
    assert "anna" in proven.output
    assert code[0] not in proven.output
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert doctor() == {
        f"recovery code of anna: last proven on {today}": "",
        "recovery code of bram: never proven": todo.format("bram"),
    }
