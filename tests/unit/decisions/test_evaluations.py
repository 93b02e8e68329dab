"""What evaluations must show, by risk class; a bundle without the file asks for nothing."""

from pathlib import Path

import pytest

from gateway.compiled.policy import evaluation_rules
from gateway.decisions import BundleError, EvaluationRules, SuiteThresholds

SHIPPED = (Path(__file__).parents[3] / "policies" / "evaluations.yaml").read_text(encoding="utf-8")


def rules(text: str) -> EvaluationRules:
    return evaluation_rules({"evaluations.yaml": text})


def test_a_bundle_without_the_file_asks_for_nothing() -> None:
    found = evaluation_rules({})
    assert found.for_risk("high").suites == []
    assert not found.for_risk("high").blocks
    assert found.thresholds("high", "refusal", own=True) is None


def test_the_shipped_file_blocks_high_risk_alone() -> None:
    found = rules(SHIPPED)
    assert [found.for_risk(risk).blocks for risk in ("minimal", "limited", "high")] == [
        False,
        False,
        True,
    ]
    assert found.for_risk("high").own_suites
    assert not found.for_risk(None).suites
    assert found.thresholds("limited", "refusal", own=False) == SuiteThresholds(
        "refusal", 0.8, 50, 0.05
    )
    assert found.thresholds("high", "letters", own=True) == SuiteThresholds("letters", 0.8, 30)
    assert found.thresholds("high", "letters", own=False) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("risks: {grave: {}}", "Invalid enum value 'grave'"),
        ("risks: {high: {suites: [{suite: a, min: 1.5}]}}", "<= 1.0"),
        ("risks: {high: {suites: [{suite: a, min: 0.5, items: 0}]}}", ">= 1"),
        ("risks: {high: {suites: [{suite: a}]}}", "missing required field `min`"),
        ("risks: {high: {suites: [{suite: a, min: 0.1}, {suite: a, min: 1}]}}", "'a' is named"),
        ("risks: {high: {suites: [{suite: own-suites, min: 1}]}}", "own_suites: true"),
        ("validity: 3", "unknown field `validity`"),
        ("validity_days: 0", ">= 1"),
    ],
)
def test_it_is_checked_strictly(text: str, fault: str) -> None:
    with pytest.raises(BundleError, match=r"evaluations\.yaml: ") as refused:
        rules(text)
    assert fault in str(refused.value)
