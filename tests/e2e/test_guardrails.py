"""A guardrail through real processes: from the proposal of two persons to the records."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.e2e
CONFIG = """\
version: 1
providers:
  - {{name: house, kind: openai, base_url: "{house}", zone: internal}}
  - {{name: guards, kind: guardrail, base_url: "{guard}", zone: internal}}
deployments:
  - {{name: own, provider: house, model: own}}
  - {{name: safety, provider: guards, model: judge}}
aliases: [{{name: inside, candidates: [own]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, policy_author],
     secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [compliance_officer, policy_approver],
     secret: "env:TEST_OFFICER_KEY"}}
"""
RULE = """
  - id: outside-guard
    owner: security
    stages: [input, output]
    positions: [newest]
    action: refuse
    reason: {en: Zebras are out., nl: Zebra's mogen niet.}
    guardrail: {name: safety, on_failure: refuse, timeout_ms: 2000, streams: hold}
"""
CASES = """
- name: what the guardrail flags is refused
  what: {texts: ["A zebra."], guardrails: {safety: {flagged: true}}}
  where: {zone: internal}
  expect: {decision: refuse, rules: [outside-guard]}
- name: what it passes is not
  what: {texts: ["A horse."], guardrails: {safety: {flagged: false}}}
  where: {zone: internal}
  expect: {decision: allow, rules: [], without: [outside-guard]}
"""


class Judge:
    """Flags zebras, until it is broken."""

    broken = False

    def __call__(self, arrived: Arrived) -> Reply:
        if self.broken:
            return Reply([b"busy"], status=503)
        flagged = any("zebra" in one["text"].lower() for one in arrived.json()["texts"])
        return Reply([json.dumps({"flagged": flagged}).encode()])


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def guard(judge: Judge) -> Iterator[WireProvider]:
    with WireProvider(judge) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(
    guard: WireProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with the rule in force, approved by a second person."""
    one = Installation(Path(tmp_path_factory.mktemp("guarded")))
    with OpenAIApi() as house:
        one.apply(CONFIG.format(house=house.url, guard=guard.base("guard")))
        try:
            one.start("control", "gateway")
            content = one.admin("GET", "/policies").json()["files"]["content.yaml"]
            files = {"content.yaml": content + RULE, "tests/guardrail.yaml": CASES}
            proposed = one.admin("POST", "/policies/proposals", json={"files": files})
            assert proposed.status_code == 201, proposed.text
            path = f"/proposals/{proposed.json()['id']}/approve"
            assert one.admin("POST", path, OFFICER_KEY, json={}).status_code == 200
            one.until(
                lambda: bool(one.admin("GET", "/policies/status").json()["converged"]),
                "all gateways run the bundle",
            )
            yield one
        finally:
            one.stop()


def ask(one: Installation, path: str, text: str, *, stream: bool = False) -> httpx.Response:
    body: dict[str, Any] = {
        "model": "inside",
        "max_tokens": 50,
        "stream": stream,
        "messages": [{"role": "user", "content": text}],
    }
    headers = {"authorization": f"Bearer {APP_KEY}", "accept-language": "nl"}
    return httpx.post(f"{one.url}{path}", json=body, headers=headers, timeout=30)


PATHS = ("/v1/chat/completions", "/v1/messages")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
def test_a_verdict_decides_and_is_on_record(
    guarded: Installation, path: str, *, stream: bool
) -> None:
    answer = ask(guarded, path, "Een paard.", stream=stream)
    assert answer.status_code == 200, answer.text
    entries = guarded.entries(answer.headers["x-sluis-audit-id"])
    asked = [one["guardrail"] for one in entries if "guardrail" in one]
    assert asked == ["safety/input", "safety/output"]
    assert entries[-1]["guardrail_outcomes"] == ["safety/input: passed", "safety/output: passed"]
    refused = ask(guarded, path, "Een zebra.", stream=stream)
    assert refused.status_code == 400
    assert "outside-guard" in refused.text
    assert "Zebra's mogen niet." in refused.json()["error"]["message"]
    closing = guarded.entries(refused.headers["x-sluis-audit-id"])[-1]
    assert closing["refused_by"] == ["outside-guard"]


def test_a_broken_guardrail_refuses_and_the_commands_say_so(
    guarded: Installation, judge: Judge
) -> None:
    found = guarded.sluis("doctor", "--json", check=False).stdout
    assert "guardrail safety answers" in _good(found)
    judge.broken = True
    try:
        answer = ask(guarded, PATHS[0], "Een paard.")
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            503,
            "guardrail_unavailable",
        )
        metrics = httpx.get(f"{guarded.url}/metrics", timeout=10).text
        lines = [one for one in metrics.splitlines() if "guardrail_duration_seconds_count" in one]
        assert any('"unavailable"' in one for one in lines)
        found = guarded.sluis("doctor", "--json", check=False).stdout
        assert "guardrail safety answers" not in _good(found)
    finally:
        judge.broken = False


def test_acceptance_reads_what_the_guardrail_said(guarded: Installation, judge: Judge) -> None:
    guarded.settings["SLUIS_ACCEPTANCE_KEY"] = APP_KEY
    output = guarded.folder / "acceptance.json"
    command = ("--gateway", guarded.url, "--control", guarded.control, "--output", str(output))
    found = {}
    for judge.broken in (False, True):
        guarded.sluis("acceptance", *command, check=False)
        facts = json.loads(output.read_bytes())["facts"]
        (one,) = [one for one in facts["findings"] if one["check"] == "guardrail"]
        found[judge.broken] = (one["about"], one["outcome"], one["detail"])
    judge.broken = False
    assert found[False] == ("safety", "ok", "passed")
    assert found[True][:2] == ("safety", "fault")


def test_a_guardrail_cannot_be_asked_as_a_model(guarded: Installation) -> None:
    headers = {"authorization": f"Bearer {APP_KEY}"}
    body = {"model": "safety", "messages": [{"role": "user", "content": "Hallo."}]}
    url = f"{guarded.url}/v1/chat/completions"
    answer = httpx.post(url, json=body, headers=headers, timeout=30)
    assert answer.status_code == 404


def _good(found: str) -> set[str]:
    return {one["check"] for one in json.loads(found)["checks"] if one["ok"]}
