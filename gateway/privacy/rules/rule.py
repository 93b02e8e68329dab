"""The shape of all rules: a pattern that finds candidates, and a check that decides on each."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

# From the text, start and end of a candidate: what it is, if anything.
Check = Callable[[NormalizedText, int, int], Iterable[RuleMatch]]


class Rule(NamedTuple):
    """A pattern of the engine in ``gateway.core.text.patterns``, and the check of its matches."""

    pattern: str
    ignore_case: bool
    check: Check
