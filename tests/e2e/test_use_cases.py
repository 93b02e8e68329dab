"""Reviews and contracts on a running gateway: by its own clock, at each request."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
PERSONAL = "Stuur het naar jan.kwijtelaar@voorbeeld.nl, BSN 111222333."
PLAIN = "What is a lock?"


def day(days: int) -> str:
    """A date so many days from today; a run of all tests may go on after midnight."""
    today = datetime.datetime.now(datetime.UTC).date()
    return (today + datetime.timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def sluis(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("cases"))
    made.apply(config)
    try:
        made.start("control", "gateway")
        yield made
    finally:
        made.stop()


def in_force(sluis: Installation, text: str) -> list[str]:
    """Applies a file, and waits until the gateway has it; gives the warnings."""
    body = {"text": text, "source": "sluis.yaml"}
    applied = sluis.admin("POST", "/apply", json=body)
    assert applied.status_code == 200, applied.text
    digest = applied.json()["snapshot"]
    sluis.until(
        lambda: any(
            one.get("snapshot") == digest
            for one in sluis.entries()
            if one["event"] == "gateway:snapshot:swap"
        ),
        "the snapshot is in force",
    )
    return list(applied.json()["warnings"])


def ask(sluis: Installation, text: str, model: str = "outside") -> httpx.Response:
    messages = [{"role": "user", "content": text}]
    return sluis.ask({"model": model, "messages": messages}, APP_KEY, x_sluis_purpose="service")


def test_without_a_contract_in_force_no_confidential_text_goes_there(
    sluis: Installation, config: str, eu: OpenAIApi
) -> None:
    until = "review: 2099-12-31}"
    in_force(sluis, config.replace(f"none-needed, {until}", f"none-needed, review: {day(0)}}}"))
    assert ask(sluis, PERSONAL).status_code == 200
    ended = config.replace(f"none-needed, {until}", f"none-needed, review: {day(-1)}}}")
    missing = config.replace(
        "contract: {region: EU, transfer_basis: none-needed, review: 2099-12-31}", ""
    )
    for text, warning in ((ended, "due for review"), (missing, "no contract is stated")):
        assert [one for one in in_force(sluis, text) if "provider eu" in one and warning in one]
        received = len(eu.bodies)
        refused = ask(sluis, PERSONAL)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "access_denied")
        assert "provider.contract" in refused.json()["error"]["message"]
        rerouted = ask(sluis, PERSONAL, "assistant")
        assert rerouted.headers["x-sluis-zone"] == "internal"
        assert len(eu.bodies) == received
        assert ask(sluis, PLAIN).headers["x-sluis-zone"] == "eu"
    in_force(sluis, config)
    assert ask(sluis, PERSONAL).headers["x-sluis-zone"] == "eu"


def test_a_review_warns_and_then_stops(sluis: Installation, config: str) -> None:
    plain = "legal_basis: contract, risk: limited"
    states: dict[int, Any] = {}
    for days in (0, -1, -30, -31):
        in_force(sluis, config.replace(plain, f"{plain}, review: {day(days)}"))
        answer = ask(sluis, PLAIN)
        states[days] = (answer.status_code, answer.headers.get("x-sluis-warning"))
        if answer.status_code == 403:
            assert answer.json()["error"]["code"] == "access_denied"
            assert day(days) in answer.json()["error"]["message"]
            refusal = sluis.entries(answer.headers["x-sluis-audit-id"])[-1]
            assert (refusal["refused_by"], refusal["purpose"]) == (["use_case.review"], "service")
    overdue = (200, "use_case_review_overdue")
    assert states == {0: (200, None), -1: overdue, -30: overdue, -31: (403, None)}
    metrics = httpx.get(f"{sluis.url}/metrics", timeout=10).text
    assert 'sluis_gateway_overdue_review_requests_total{sluis_use_case="service"} 2' in metrics
    assert "use_case:review:overdue" in (sluis.folder / "gateway.log").read_text()
    in_force(sluis, config)


def test_a_floor_keeps_a_use_case_inside_whatever_detection_says(
    sluis: Installation, config: str
) -> None:
    plain = "legal_basis: contract, risk: limited"
    in_force(sluis, config.replace(plain, f"{plain}, floor: restricted"))
    assert ask(sluis, PLAIN, "assistant").headers["x-sluis-zone"] == "internal"
    assert ask(sluis, PLAIN).status_code == 403
    in_force(sluis, config)


def test_the_commands(sluis: Installation, tmp_path: Path) -> None:
    fields = tmp_path / "letters.yaml"
    fields.write_text(
        "owner: team letters\nlegal_basis: public-task\nrisk: high\n"
        "fria: https://intranet.example.nl/fria/1\nreview: 2099-12-31\nzones: [internal]\n"
    )
    sluis.sluis("use-cases", "set", "letters", "--file", str(fields))
    listed = json.loads(sluis.sluis("use-cases", "list", "--json").stdout)["use_cases"]
    assert {one["name"]: one["source"] for one in listed} == {
        "service": "file",
        "inside-only": "file",
        "open": "file",
        "letters": "record",
    }
    assert "2099-12-31" in sluis.sluis("use-cases", "show", "letters").stdout
    refused = sluis.sluis("use-cases", "set", "service", "--file", str(fields), check=False)
    assert refused.returncode == 1
    assert "sluis.yaml owns the use case service" in refused.stderr
    sluis.sluis("use-cases", "delete", "letters")
    stopped = sluis.sluis("stop", "key", "poor", "--reason", "incident 12", "--wait")
    assert "acknowledged" in stopped.stdout
    assert sluis.sluis("stops").stdout.rstrip().endswith("1 of 1")
    waiting = sluis.sluis("start", "key", "poor", "--reason", "it is mended", "--json")
    proposal = json.loads(waiting.stdout)["proposal"]
    sluis.sluis("proposals", "approve", proposal)
    assert json.loads(sluis.sluis("stops", "--json").stdout) == {"stops": []}
    csv = tmp_path / "dora.csv"
    sluis.sluis("reports", "dora", "--output", str(csv))
    assert "B_02.02.0160" in csv.read_text(encoding="utf-8-sig").splitlines()[0]
    assert "none-needed" in csv.read_text(encoding="utf-8-sig")
