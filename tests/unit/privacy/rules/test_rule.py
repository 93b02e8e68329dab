"""All rules have one shape."""

import pytest

from gateway.privacy.rules import RULES
from gateway.privacy.rules.rule import Rule

pytestmark = pytest.mark.unit


def test_every_rule_is_a_rule() -> None:
    assert all(type(rule) is Rule for rule in RULES)
    assert all(callable(rule.check) for rule in RULES)
