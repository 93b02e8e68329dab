"""An instrument that is not ours measures the gateway: what reaches a provider, what comes back.

It is PyPI ``pii-leak-benchmark``. Its captures listen at the addresses of two providers, so all
processes are real. The bundle differs from ours in two lines, each made by two people: secrets
leave (masked) instead of staying inside, and new personal data in answers is taken out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.installation import APP_KEY, OFFICER_KEY, Installation, config_for
from tests.support.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SEED = "abcdef0123"
CASES = 32
CAMPAIGN = bool(os.environ.get("SLUIS_CAMPAIGN"))
MORE = ("--exhaustive-splits", "--partial-emission") if CAMPAIGN else ()
# Checks that want every value back, which a credential never comes.
COMES_BACK = {"response_fidelity", "fragmentation_safety"}


@dataclass(frozen=True)
class Measured:
    """A gateway and the ports at which the instrument plays its providers."""

    sluis: Installation
    selfcheck_port: int
    stream_port: int


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    sluis = Installation(tmp_path_factory.mktemp("measured"))
    eu, far = free_port(), free_port()
    config = config_for(eu=_base(eu), global_provider=_base(far), internal_provider=_base(1))
    sluis.apply(config.replace("zone: global", "zone: eu"))
    try:
        sluis.start("control")
        _agree_on_profile(sluis)
        sluis.start("gateway")
        yield Measured(sluis, eu, far)
    finally:
        sluis.stop()


def _base(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


def _agree_on_profile(sluis: Installation) -> None:
    """One person proposes the profile and another approves it; a gateway started now uses it."""
    files = sluis.admin("GET", "/policies").json()["files"]
    levels = yaml.safe_load(files["levels.yaml"])
    levels["types"]["SECRET"] = {"level": "confidential", "reason": "secret"}
    changed = {
        "levels.yaml": yaml.safe_dump(levels),
        "redaction.yaml": files["redaction.yaml"].replace("answers: keep", "answers: mask"),
    }
    assert changed["redaction.yaml"] != files["redaction.yaml"]
    body = {"files": changed, "comment": "Secrets leave masked, answers are masked"}
    proposed = sluis.admin("POST", "/policies/proposals", json=body)
    assert proposed.status_code in (200, 201), proposed.text
    path = f"/proposals/{proposed.json()['id']}/approve"
    assert sluis.admin("POST", path, OFFICER_KEY, json={}).status_code == 200


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of this interpreter's environment; the key stays out of its arguments."""
    return subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        env={**os.environ, "CONFORMANCE_TARGET_API_KEY": APP_KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _selfcheck(target: str, port: int, report: Path, *arguments: str) -> tuple[str, Any]:
    """What it prints and what it reports."""
    done = _run(
        "pii-leak-benchmark",
        "selfcheck",
        "--target-base-url",
        target,
        "--target-model",
        "outside",
        "--capture-port",
        str(port),
        "--json-out",
        str(report),
        *arguments,
    )
    assert report.exists(), done.stdout + done.stderr
    return done.stdout, json.loads(report.read_text(encoding="utf-8"))


def test_without_a_gateway_it_says_leak(tmp_path: Path) -> None:
    said, report = _selfcheck("capture://self", free_port(), tmp_path / "floor.json")
    assert "\n  LEAK\n" in said
    leaked = report["checks"]["configured_upstream_boundary"]["leaked_entity_types"]
    assert {"EMAIL", "SSN", "CREDIT_CARD", "AWS_ACCESS_KEY_ID"} <= set(leaked)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--duty", "restore", "--no-credentials"), id="restored"),
        pytest.param(("--duty", "anonymize"), id="with credentials, which are one way"),
    ],
)
def test_nothing_reaches_the_provider(
    measured: Measured, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    target = f"{measured.sluis.url}/v1"
    said, report = _selfcheck(target, measured.selfcheck_port, tmp_path / "r.json", *arguments)
    assert "\n  CLEAN\n" in said, said
    failed = {name for name, check in report["checks"].items() if not check["passed"]}
    assert failed == (COMES_BACK if "anonymize" in arguments else set())
    boundary = report["checks"]["configured_upstream_boundary"]
    assert boundary["captured_requests"] == boundary["correlated_requests"] == 3
    assert not boundary["leak_evidence"]


def test_answers_are_restored_and_new_values_stay_out(measured: Measured, tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    done = _run(
        "pii-leak-benchmark-v2",
        "--validate",
        "--out",
        str(tmp_path),
        "--only",
        "sluis",
        "--gateway-url",
        f"{measured.sluis.url}/v1/chat/completions",
        "--model",
        "gpt-far",
        "--upstream-port",
        str(measured.stream_port),
        "--seed",
        SEED,
        "--json-out",
        str(summary),
        *MORE,
    )
    assert summary.exists(), done.stdout + done.stderr
    (row,) = json.loads(summary.read_text(encoding="utf-8"))["rows"]
    assert row["schema_valid"], row["schema_errors"]
    report = json.loads((tmp_path / row["report"]).read_text(encoding="utf-8"))
    leaking = {
        f"{axis} {name}": found["leaked"]
        for axis, names in report["metrics"]["by_axis"].items()
        for name, found in names.items()
        if found["leaked"]
    }
    assert not leaking
    assert (row["cases_applicable"], row["echo_observable"], row["inconclusive"]) == (
        CASES,
        CASES,
        0,
    )
    assert (row["leak_single_chunk"], row["leak_adversarial"], row["delta_frag"]) == (0, 0, 0)
    assert row["fidelity_rate"] == 1.0
    assert not row["request_path_leak"]
    assert row["outcome"] == "pass", report["outcome_rationale"]
    if CAMPAIGN:
        emitted = json.loads((tmp_path / "sluis.partial-emission.json").read_text(encoding="utf-8"))
        assert emitted["metrics"]["partial_emission_rate"]["overall"] == 0
        assert emitted["metrics"]["cases_inconclusive"] == 0
