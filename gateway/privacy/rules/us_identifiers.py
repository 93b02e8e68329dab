"""US numbers: social security and telephone, as in mail from customers there.

Their form is specific enough without a word beside them: groups of three, two and four digits, or
of three, three and four.
"""

from collections.abc import Iterable

from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength


def _social_security(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a social security number: no group is all zeros (Social Security Administration)."""
    groups = view.text[start:end].split("-")
    if not view.stands_alone(start, end) or any(set(group) == {"0"} for group in groups):
        return ()
    return (RuleMatch("NATIONAL_ID", start, end, "rule:ssn", Strength.CONTEXT, 0.7),)


def _telephone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number whose area and exchange begin with 2 to 9 (North American Numbering Plan)."""
    if view.at(end).isalnum():
        return ()
    if not view.text[start:end].startswith("(") and not view.stands_alone(start, end):
        return ()
    return (RuleMatch("PHONE", start, end, "rule:phone-us", Strength.CONTEXT, 0.7),)


RULES: tuple[Rule, ...] = (
    Rule(r"\d{3}-\d{2}-\d{4}", False, _social_security),
    Rule(r"(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])[2-9]\d{2}[-.]\d{4}", False, _telephone),
)
