"""Ignore historical figures in a text that holds no other personal data.

The GDPR does not apply to deceased persons (recital 27), and a question about Thorbecke cannot be
answered about ``PERSON_1``. Only the names of the list count, and parts of those that the text
holds: ``Humboldt`` after ``Alexander von Humboldt``. A namesake may be meant, so the names stay
beside other personal data but a city, beside a special category, and where a greeting, a title or a
field says that a name is the name of a person.
"""

from gateway.core.finding import FindingKind
from gateway.privacy.level import IMPERSONAL_SUFFIX
from gateway.privacy.lexicons.loader import entries
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

HISTORICAL_FIGURES = frozenset(map(str.lower, entries("historical_figures.txt")))
# Rules that find a name by its words alone; no other word shows that it is a name.
NAME_ONLY_RULES = (
    "names",
    "rule:person-again",
    "rule:person-first-name",
    "rule:person-lone",
    "rule:person-lower",
)


def drop(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """Return the hits without historical figures, or all hits where other personal data remains."""
    known = [
        set(name.split())
        for name in (_plain(view, hit) for hit in hits if hit.type == "PERSON")
        if name in HISTORICAL_FIGURES
    ]
    if not known:
        return hits
    left = [hit for hit in hits if not _is_one_of(known, view, hit)]
    return hits if any(map(_is_personal, left)) else left


def _is_one_of(known: list[set[str]], view: NormalizedText, hit: RuleMatch) -> bool:
    if hit.type != "PERSON" or hit.rule not in NAME_ONLY_RULES:
        return False
    words = _plain(view, hit).split()
    return any(parts.issuperset(words) for parts in known)


def _is_personal(hit: RuleMatch) -> bool:
    counts = hit.kind is not FindingKind.LABEL and hit.type != "CITY"
    return counts and not hit.rule.endswith(IMPERSONAL_SUFFIX)


def _plain(view: NormalizedText, hit: RuleMatch) -> str:
    return view.lower[hit.start : hit.end].removesuffix("'s").removesuffix("'")
