"""A rule that is monitored only: counted on live traffic, without any effect on a request."""

import json

import httpx
import pytest

from tests.support.installation import OFFICER_KEY, Installation

pytestmark = pytest.mark.e2e
RULE = """
  - id: zebras
    owner: security
    stages: [input, output]
    action: monitor
    reason: {en: Zebras., nl: Zebra's.}
    patterns: [zebra, giraffe]
"""
CASES = """
- name: a zebra is counted
  what: {level: internal, texts: ["A zebra."]}
  where: {zone: eu}
  expect: {decision: allow, rules: [zebras]}
- name: a horse is not
  what: {level: internal, texts: ["A horse."]}
  where: {zone: eu}
  expect: {decision: allow, rules: [], without: [zebras]}
"""


@pytest.fixture(scope="module")
def watching(sluis: Installation) -> Installation:
    """The installation with the rule in force."""
    content = sluis.admin("GET", "/policies").json()["files"]["content.yaml"]
    files = {"content.yaml": content + RULE, "tests/zebras.yaml": CASES}
    proposed = sluis.admin("POST", "/policies/proposals", json={"files": files})
    assert proposed.status_code == 201, proposed.text
    path = f"/proposals/{proposed.json()['id']}/approve"
    assert sluis.admin("POST", path, OFFICER_KEY, json={}).status_code == 200

    def in_force() -> bool:
        return bool(sluis.admin("GET", "/policies/status").json()["converged"])

    sluis.until(in_force, "all gateways run the bundle")
    return sluis


@pytest.mark.parametrize("text", ["A zebra.", "example: say giraffe;"])
def test_a_match_is_on_record_and_changes_nothing(watching: Installation, text: str) -> None:
    body = {"model": "inside", "messages": [{"role": "user", "content": text}]}
    answer = watching.ask(body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["finish_reason"] == "stop"
    assert "zebras" not in json.dumps(dict(answer.headers))
    closing = watching.entries(answer.headers["x-sluis-audit-id"])[-1]
    assert closing["monitored"] == ["zebras"]
    assert "rules" not in closing


def test_a_match_is_counted_by_rule(watching: Installation) -> None:
    def counted() -> float:
        lines = httpx.get(f"{watching.url}/metrics", timeout=10).text.splitlines()
        name = 'sluis_gateway_monitored_rules_total{sluis_rule="zebras"}'
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    before = counted()
    assert watching.ask("Two zebras.").status_code == 200
    watching.until(lambda: counted() == before + 1, "the match is counted")
