"""A rule that is monitored only: counted on live traffic, without any effect on a request."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.support.bundles import approve, bundle_kept, propose
from tests.support.installation import Installation

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
def watching(sluis: Installation) -> Iterator[Installation]:
    """The installation with the rule in force."""
    with bundle_kept(sluis) as files:
        content = files["content.yaml"] + RULE
        made = propose(sluis, {"content.yaml": content, "tests/zebras.yaml": CASES})
        approve(sluis, made)
        yield sluis


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
