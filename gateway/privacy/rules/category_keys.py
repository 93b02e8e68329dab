"""Special categories in records: a key names the category, and its value is about one person.

``diagnosis: HIV positive``, ``"diagnose": "F32.1"``, ``religion: islam``. A key alone says nothing,
nor does a value that is no value of its category: ``Diagnosis: the disk is full``.
"""

import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import FindingKind
from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_REACH = 72  # characters from the beginning of a key to a value
_SIGNS = r"[\"'*]{0,2}[ \t]{0,2}[:=][ \t]{0,2}[\"'\[*]{0,3}"
_ICD_10 = re.compile(r"[A-TV-Z]\d\d(?:\.\d{1,2})?(?![\w.-])")
_KEYS = {
    "HEALTH": alternation("category_keys.health.patterns.txt"),
    "RELIGION": alternation("category_keys.religion.patterns.txt"),
    "ETHNICITY": alternation("category_keys.ethnicity.patterns.txt"),
    "SEXUALITY": alternation("category_keys.sexuality.patterns.txt"),
    "UNION": alternation("category_keys.union.patterns.txt"),
    "POLITICS": alternation("category_keys.politics.patterns.txt"),
}
_RELIGIONS = alternation("category_values.religion.patterns.txt")
_ORIENTATIONS = alternation("category_values.sexuality.patterns.txt")
_KEYED = {
    category: re.compile(rf"(?<![a-z])(?:{keys}){_SIGNS}[^\"':=\n]{{0,24}}$")
    for category, keys in _KEYS.items()
}
_VALUES = {
    "HEALTH": _ICD_10,
    "RELIGION": re.compile(rf"(?:{_RELIGIONS})(?!\w)"),
    "SEXUALITY": re.compile(rf"(?:{_ORIENTATIONS})(?!\w)"),
}


def is_keyed(view: NormalizedText, hit: RuleMatch) -> bool:
    """Whether a topic is in the value of a key for its category."""
    keyed = _KEYED.get(hit.type)
    before = view.lower[max(0, hit.start - _REACH) : hit.start]
    return keyed is not None and keyed.search(before) is not None


def _value(category: str, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    text = view.text if category == "HEALTH" else view.lower
    match = _VALUES[category].match(text, end)
    if match is None or view.at(start - 1).isalnum():
        return ()
    rule = f"topic:{category.lower()}"
    return (RuleMatch(category, end, match.end(), rule, score=0.7, kind=FindingKind.TOPIC),)


RULES: tuple[Rule, ...] = tuple(
    Rule(rf"(?:{_KEYS[category]}){_SIGNS}", True, partial(_value, category)) for category in _VALUES
)
