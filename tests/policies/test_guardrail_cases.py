"""Cases state what a guardrail would say: none is asked."""

import pytest

from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.cases import PolicyTestResult, run_tests
from gateway.governance.policies.strict import faults
from tests.support.detector import CACHE

BUNDLE = read_bundle()
RULE = """
  - id: outside-guard
    owner: security
    stages: [input, output]
    positions: [newest]
    action: refuse
    reason: {{en: x, nl: x}}
    guardrail: {{name: safety, on_failure: {mode}, threshold: 0.6, streams: hold}}
"""
CASE = """
- name: own
  what: {{texts: [{{text: "A lock.", position: {position}}}], guardrails: {says}{answer}}}
  where: {{zone: {zone}}}
  expect: {{decision: {decision}, rules: {rules}}}
"""


def case(
    says: str,
    decision: str,
    *,
    rules: str = "[]",
    zone: str = "internal",
    mode: str = "refuse",
    position: str = "newest",
    answer: str = "",
) -> PolicyTestResult:
    answer = f", answer: {answer}" if answer else ""
    files = {
        "content.yaml": BUNDLE["content.yaml"] + RULE.format(mode=mode),
        "tests/own.yaml": CASE.format(
            says=says, decision=decision, rules=rules, zone=zone, position=position, answer=answer
        ),
    }
    results = run_tests(BUNDLE | files, CACHE)
    return next(one for one in results if one.file == "tests/own.yaml")


FIRED = "[outside-guard]"


@pytest.mark.parametrize(
    "result",
    [
        ("{}", "allow", {}),
        ("{safety: {score: 0.5}}", "allow", {}),
        ("{safety: {score: 0.6}}", "refuse", {"rules": FIRED}),
        ("{safety: {score: 0.9}}", "allow", {"position": "system"}),
        ("{safety: {flagged: true}}", "refuse", {"rules": FIRED}),
        ("{other: {score: 0.9}}", "allow", {}),
        ("{safety: {fails: true}}", "refuse", {"rules": FIRED}),
        ("{safety: {fails: true}}", "allow", {"mode": "allow"}),
        ("{safety: {score: 0.9}}", "refuse", {"position": "system", "rules": FIRED, "answer": "x"}),
    ],
)
def test_a_case_states_the_verdict(result: tuple[str, str, dict[str, str]]) -> None:
    says, decision, more = result
    got = case(says, decision, **more)
    assert got.passed, (got.expected, got.got)


def test_what_a_failure_does_follows_the_table() -> None:
    table = BUNDLE["failures.yaml"]
    assert "public: flag, internal: flag, confidential: flag, restricted: inside" in table
    secret = '{texts: ["Het wachtwoord is T9#kq2Lm-x1."], guardrails: {safety: {fails: true}}}'
    content = BUNDLE["content.yaml"] + RULE.format(mode="allow")
    for zone, decision in (("internal", "allow"), ("eu", "refuse")):
        own = f"- {{name: own, what: {secret}, where: {{zone: {zone}}}, "
        files = {
            "content.yaml": content,
            "tests/own.yaml": own + f"expect: {{decision: {decision}}}}}",
        }
        results = run_tests(BUNDLE | files, CACHE)
        assert next(one for one in results if one.file == "tests/own.yaml").passed


def test_a_rule_names_a_guardrail_of_the_catalogue() -> None:
    files = {**BUNDLE, "content.yaml": BUNDLE["content.yaml"] + RULE.format(mode="refuse")}
    kinds = ("use_case", "team", "provider", "deployment", "guardrail")
    known: dict[str, set[str]] = {kind: set() for kind in kinds}
    known["deployment"].add("safety")  # one that answers requests
    found = [one.message for one in faults(files, known)]
    assert any("there is no guardrail 'safety' to ask" in one for one in found)
    known["guardrail"].add("safety")
    found = [one.message for one in faults(files, known)]
    assert not [one for one in found if "to ask" in one]
