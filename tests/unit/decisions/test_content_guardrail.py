"""Rules that ask a guardrail: what a rule must state, and which verdicts it is about."""

import pytest
import yaml

from gateway.core.level import Level
from gateway.decisions import (
    BundleError,
    Circumstances,
    ContentRules,
    GuardrailCheck,
    GuardrailVerdict,
    LackingScore,
)

ANYBODY = Circumstances("t", "k", "u", Level.INTERNAL)


def rules(guardrail: str, **fields: object) -> ContentRules:
    rule = {
        "id": "one",
        "stages": ["input"],
        "action": "refuse",
        "reason": {"en": "x", "nl": "x"},
        "guardrail": yaml.safe_load(guardrail),
        **fields,
    }
    return ContentRules(yaml.safe_dump({"rules": [rule]}))


@pytest.mark.parametrize(
    ("guardrail", "fault"),
    [
        ("{name: g}", "state on_failure: refuse or allow; it has no default"),
        ("{name: g, on_failure: flag}", "state on_failure"),
        ("{on_failure: allow}", "state name"),
        ("{name: g, on_failure: allow, timeout: 3}", "not 'timeout'"),
        ("{name: g, on_failure: allow, timeout_ms: 0}", "timeout_ms must be from 1 to 30000"),
        ("{name: g, on_failure: allow, timeout_ms: 30001}", "timeout_ms"),
        ("{name: g, on_failure: allow, timeout_ms: true}", "timeout_ms"),
        ("{name: g, on_failure: allow, threshold: 0}", "threshold"),
        ("{name: g, on_failure: allow, threshold: .nan}", "threshold"),
        ("{name: g, on_failure: allow, threshold: 1.1}", "threshold"),
        ("{name: g, on_failure: allow, categories: [x]}", "categories need a threshold"),
        ("{name: g, on_failure: allow, streams: hold}", "streams is for rules on output"),
        ("{name: g, on_failure: allow, streams: yes}", "streams must be hold or refuse"),
        ("[g]", "guardrail must be a mapping"),
    ],
)
def test_what_is_not_stated_well_is_refused_with_what_to_do(guardrail: str, fault: str) -> None:
    with pytest.raises(BundleError, match="rule 'one'") as error:
        rules(guardrail)
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"action": "inside"}, "use refuse, flag or monitor"),
        ({"patterns": ["x"]}, "has no other form"),
        ({"threshold": 0.5}, "its threshold is that of guardrail"),
        ({"stages": ["output"]}, "state streams: hold"),
        ({"stages": ["output"], "action": "flag"}, "or streams: refuse"),
        ({"stages": ["input", "output"]}, "a guardrail judges whole answers"),
    ],
)
def test_a_rule_asks_where_it_can(fields: dict[str, object], fault: str) -> None:
    with pytest.raises(BundleError) as error:
        rules("{name: g, on_failure: allow}", **fields)
    assert fault in str(error.value)


def test_what_is_only_monitored_may_not_end_anything() -> None:
    with pytest.raises(BundleError, match="state on_failure: allow"):
        rules("{name: g, on_failure: refuse}", action="monitor")
    hold = "{name: g, on_failure: allow, streams: hold}"
    with pytest.raises(BundleError, match="streams is for rules"):
        rules(hold, action="monitor", stages=["output"])
    rules("{name: g, on_failure: allow}", action="monitor", stages=["output"])


def test_a_rule_is_asked_for_its_stage_and_scope_only() -> None:
    found = rules("{name: g, on_failure: refuse}", scope={"levels": ["confidential"]})
    assert found.guardrails("input", ANYBODY) == []
    confidential = Circumstances("t", "k", "u", Level.CONFIDENTIAL)
    assert [one.id for one in found.guardrails("input", confidential)] == ["one"]
    assert found.guardrails("output", confidential) == []


@pytest.mark.parametrize(
    ("check", "verdict", "matches"),
    [
        ("{}", {"flagged": True}, True),
        ("{}", {"flagged": False, "score": 1.0}, False),
        ("{threshold: 0.5}", {"flagged": True, "score": 0.49}, False),
        ("{threshold: 0.5}", {"flagged": False, "score": 0.5}, True),
        ("{threshold: 0.5}", {"flagged": False, "categories": {"a": 0.1, "b": 0.7}}, True),
        (
            "{threshold: 0.5, categories: [a]}",
            {"flagged": True, "score": 1.0, "categories": {"a": 0.1, "b": 0.7}},
            False,
        ),
    ],
)
def test_a_verdict_matches_by_flag_or_by_score(
    check: str, verdict: dict[str, object], matches: bool
) -> None:
    node = {"name": "g", "on_failure": "refuse", **yaml.safe_load(check)}
    said = GuardrailVerdict(**verdict)  # type: ignore[arg-type]
    assert GuardrailCheck.of(node).matches(said) is matches


@pytest.mark.parametrize("check", ["{threshold: 0.5}", "{threshold: 0.5, categories: [a]}"])
def test_a_verdict_without_the_score_of_the_rule_says_nothing(check: str) -> None:
    node = {"name": "g", "on_failure": "refuse", **yaml.safe_load(check)}
    with pytest.raises(LackingScore):
        GuardrailCheck.of(node).matches(GuardrailVerdict(flagged=False))
