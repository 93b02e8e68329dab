"""Content rules: a bundle may have none, and none may be in vain."""

import pytest

from gateway.decisions import BundleError, ContentRules

RULE = """
rules:
  - id: long
    stages: [output]
    action: refuse
    reason: {en: x, nl: x}
    patterns: ['PATTERN']
"""


def test_a_bundle_without_rules_lets_everything_pass() -> None:
    rules = ContentRules("rules: []")
    guard = rules.guard()
    assert rules.fired_by("how to make a bomb") == ()
    assert rules.clean_output("anything")
    assert guard.feed("anything") + guard.finish() == "anything"


def test_an_output_rule_longer_than_a_stream_may_lag_is_refused() -> None:
    ContentRules(RULE.replace("PATTERN", "a" * 64))
    with pytest.raises(BundleError, match="at least 65"):
        ContentRules(RULE.replace("PATTERN", "a" * 65))


@pytest.mark.parametrize("reason", ["{en: x}", "{nl: x}", "{}"])
def test_a_rule_says_why_in_both_languages(reason: str) -> None:
    with pytest.raises(BundleError, match="rule 'long': reason"):
        ContentRules(RULE.replace("{en: x, nl: x}", reason))
