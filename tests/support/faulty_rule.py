"""A detector with a rule that fails on one word."""

from collections.abc import Iterable

from gateway.privacy import Detector
from gateway.privacy.rules import RULES
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch
from tests.support.detector import CACHE

FAULTY = "zwaluwstaart"
RULE = "faulty_rule.fails"


def fails(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Fail on each match, with the text in the error."""
    raise ValueError(view.text[start:end])


def faulty_detector() -> Detector:
    """Return a detector with all rules, and one that fails on ``FAULTY``."""
    return Detector(CACHE, (*RULES, Rule(FAULTY, False, fails)))
