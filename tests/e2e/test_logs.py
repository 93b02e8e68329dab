"""The logs of real processes: lines of an outage, their level, and wrong settings."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.installation import Installation
from tests.support.openai_api import OpenAIApi
from tests.support.outages import Outages, on_postgres, outages, upstream

__all__ = ["on_postgres", "outages", "upstream"]
pytestmark = pytest.mark.e2e
CANARY = "Kanarie de Vries, kanarie@example.nl"


def lines(sluis: Installation, part: str = "gateway") -> list[dict[str, Any]]:
    log = (sluis.folder / f"{part}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in log.splitlines()]


def test_an_outage_is_told_with_its_reason_in_a_few_lines(
    on_postgres: Installation, outages: Outages
) -> None:
    assert on_postgres.ask(CANARY).status_code == 200
    with outages.stopped():
        for _ in range(40):
            assert on_postgres.ask(CANARY).status_code == 503
    on_postgres.until(lambda: on_postgres.ask(CANARY).status_code == 200, "it serves", limit=20)
    told = lines(on_postgres)
    for line in told:
        assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
        assert line["process"] == "gateway"
        assert line["pid"] == on_postgres.process("gateway").pid
    failed = [line for line in told if line["event"] == "trail:batch:failed"]
    assert failed
    assert all(line["level"] == "error" and line["entries"] > 0 for line in failed)
    assert {"ConnectionRefusedError", "FileNotFoundError"} & {line["reason"] for line in failed}
    assert len(told) < 25
    assert {line["event"] for line in lines(on_postgres, "control")} >= {"process:job:retry"}
    for part in ("gateway", "control"):
        assert "anarie" not in (on_postgres.folder / f"{part}.log").read_text(encoding="utf-8")


def test_a_database_that_only_reads_is_one_line_that_says_what_to_do(
    on_postgres: Installation, outages: Outages, upstream: OpenAIApi
) -> None:
    assert on_postgres.ask(CANARY).status_code == 200
    sent = len(upstream.bodies)
    with outages.read_only():
        for _ in range(3):
            refused = on_postgres.ask(CANARY)
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "service_unavailable"
    assert len(upstream.bodies) == sent
    on_postgres.until(lambda: on_postgres.ask(CANARY).status_code == 200, "it serves", limit=20)
    (failed,) = [line for line in lines(on_postgres) if "ReadOnly" in str(line.get("reason"))]
    assert failed["event"] == "trail:batch:failed"
    assert "may be written" in failed["message"]


def test_a_signal_switches_debug_on_and_off(on_postgres: Installation) -> None:
    def told() -> list[str]:
        return [one["set"] for one in lines(on_postgres) if one["event"] == "process:log:level"]

    for number, level in enumerate(("debug", "warning"), start=1):
        on_postgres.process("gateway").send_signal(signal.SIGUSR1)
        on_postgres.until(lambda n=number: len(told()) == n, "the level is told", limit=5)
        assert told()[-1] == level
    assert on_postgres.ask("Hello").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("SLUIS_LOG_LEVEL", "loud", "debug, info, warning, error, critical"),
        ("SLUIS_LOG_FORMAT", "xml", "json, text"),
    ],
)
def test_a_wrong_setting_of_the_log_is_one_line(
    name: str, value: str, allowed: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "gateway", "--data-dir", str(tmp_path)],
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"Error: {name} must be one of {allowed}, not '{value}'\n"


def test_text_is_for_people(tmp_path: Path) -> None:
    """A control plane without a witness says so before it looks for its database."""
    sluis = Installation(tmp_path, database_url="postgresql://127.0.0.1:1/sluis")
    sluis.sluis("secrets", "create")
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "control"],
        env={**sluis.environment(), "SLUIS_LOG_FORMAT": "text"},
        capture_output=True,
        text=True,
        check=False,
    )
    first = done.stderr.splitlines()[0]
    assert first.split(" ", 1)[1].startswith("warning log:witness:none periods are unwitnessed")
