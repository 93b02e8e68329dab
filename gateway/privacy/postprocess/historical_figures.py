"""The dead of history: in a text that speaks of nobody else their names are no personal data.

The GDPR does not apply to the dead (recital 27), and what is asked about Thorbecke cannot be answered about
``PERSON_1``. Only the names of the list count, and with one of them in a text its parts elsewhere in it: ``Humboldt`` behind
``Alexander von Humboldt``. They stay beside anything else that is personal but a town, beside a special category, and where
more than a list of names takes one for somebody (a greeting, a title, a field): a namesake may be meant.
"""

from gateway.core.finding import FindingKind
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch
from gateway.privacy.level import NOBODY_MEANT
from gateway.privacy.lexicons.loader import entries

_NAMES = frozenset(map(str.lower, entries("historical_figures.txt")))
# What knows a name by itself, and not by what says that somebody bears it.
BY_ITSELF = (
    "names",
    "rule:person-again",
    "rule:person-first-name",
    "rule:person-lone",
    "rule:person-lower",
)


def drop(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """The hits, less the names of history where they name nobody else."""
    known = [
        set(name.split())
        for name in (_plain(view, hit) for hit in hits if hit.type == "PERSON")
        if name in _NAMES
    ]
    if not known:
        return hits
    left = [hit for hit in hits if not _is_one_of(known, view, hit)]
    return hits if any(map(_is_of_somebody, left)) else left


def _is_one_of(known: list[set[str]], view: NormalizedText, hit: RuleMatch) -> bool:
    if hit.type != "PERSON" or hit.rule not in BY_ITSELF:
        return False
    words = _plain(view, hit).split()
    return any(parts.issuperset(words) for parts in known)


def _is_of_somebody(hit: RuleMatch) -> bool:
    said = hit.kind is not FindingKind.LABEL and hit.type != "CITY"
    return said and not hit.rule.endswith(NOBODY_MEANT)


def _plain(view: NormalizedText, hit: RuleMatch) -> str:
    return view.lower[hit.start : hit.end].removesuffix("'s").removesuffix("'")
