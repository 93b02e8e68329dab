"""A flagged request becomes a rule by two persons: from the gateway to the next refusal."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.bundles import approve, bundle_kept, propose
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation

pytestmark = pytest.mark.e2e
RULE = """
  - id: okapis
    owner: security
    stages: [input, output]
    action: {action}
    reason: {{en: Okapis., nl: Okapi's.}}
    patterns: [okapi]
"""
CASES = """
- name: an okapi
  what: {{level: internal, texts: ["An okapi."]}}
  where: {{zone: internal}}
  expect: {{decision: {decision}, rules: [okapis]}}
- name: a horse
  what: {{level: internal, texts: ["A horse."]}}
  where: {{zone: internal}}
  expect: {{decision: allow, rules: [], without: [okapis]}}
"""
ASKED = {"model": "inside", "messages": [{"role": "user", "content": "About an okapi."}]}


def reviews(sluis: Installation, *arguments: str) -> Any:
    """What ``sluis reviews`` prints."""
    return json.loads(sluis.sluis("reviews", *arguments, "--json").stdout)


def made_rule(sluis: Installation, action: str, decision: str) -> str:
    """The number of a proposal in which the rule has this action."""
    files = sluis.admin("GET", "/policies").json()["files"]
    content = files["content.yaml"].partition("\n  - id: okapis")[0].rstrip() + "\n"
    changed = {
        "content.yaml": content + RULE.format(action=action),
        "tests/okapis.yaml": CASES.format(decision=decision),
    }
    return propose(sluis, changed)


@pytest.fixture
def bundle(sluis: Installation) -> Iterator[None]:
    """The bundle before the test is in force again after it."""
    with bundle_kept(sluis):
        yield


@pytest.mark.usefixtures("bundle")
def test_a_flagged_request_becomes_a_rule_by_two_persons(
    sluis: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUIS_URL", sluis.control)
    monkeypatch.setenv("SLUIS_TOKEN", ADMIN_KEY)
    approve(sluis, made_rule(sluis, "flag", "allow"))
    answer = sluis.ask(ASKED)
    assert answer.status_code == 200, answer.text
    request = answer.headers["x-sluis-audit-id"]

    def listed() -> list[str]:
        found = reviews(sluis, "list", "--rule", "okapis")["reviews"]
        return [one["request"] for one in found]

    sluis.until(lambda: request in listed(), "the request waits for a review")
    assert sluis.admin("GET", "/home", OFFICER_KEY).json()["reviews"]["count"] >= 1
    assert "okapi" not in json.dumps(reviews(sluis, "show", request)).replace("okapis", "")

    proposal = made_rule(sluis, "refuse", "refuse")
    reason = ("--reason", "it was asked for twice")
    decided = reviews(
        sluis, "decide", request, "--outcome", "rule", "--reference", proposal, *reason
    )
    assert (decided["state"], decided["reference"]) == ("decided", proposal)
    assert sluis.ask(ASKED).status_code == 200  # one person has decided until now
    own = sluis.admin("POST", f"/proposals/{proposal}/approve", ADMIN_KEY, json={})
    assert own.status_code == 403
    approve(sluis, proposal)
    refused = sluis.ask(ASKED)
    assert refused.json()["error"]["code"] == "content_policy_violation"
    assert "okapis" in json.dumps(refused.json())
    assert request not in listed()
