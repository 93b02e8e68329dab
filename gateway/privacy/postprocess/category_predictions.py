"""What the classifier says a text tells of somebody, beside the words that rules know.

The classifier learnt from texts in which a person is meant. Where nobody is spoken of, and where a rule
has found the same category of a person already, it adds nothing.
"""

from collections.abc import Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES, FindingKind
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch
from gateway.privacy.level import PERSON_MEANT, PERSONS
from gateway.privacy.rules.person_references import speaks_of_somebody

_OF_NO_NAME = 0.25  # what is told of somebody without a name must be surer
TOLD = "told" + PERSON_MEANT


def split(named: Sequence[Entity]) -> tuple[Sequence[Entity], Sequence[Entity]]:
    """Names, streets and towns; and what is told."""
    told = [one for one in named if one.type in SPECIAL_CATEGORIES]
    return (
        ([one for one in named if one.type not in SPECIAL_CATEGORIES], told)
        if told
        else (named, told)
    )


def add(view: NormalizedText, hits: list[RuleMatch], told: Sequence[Entity]) -> list[RuleMatch]:
    """The settled hits and what is told beside them, sorted by start."""
    if not told:
        return hits
    known = {hit.type for hit in hits if hit.rule.endswith(PERSON_MEANT)}
    more = [one for one in told if one.type not in known]
    if more and not any(hit.type in PERSONS for hit in hits):
        sure = speaks_of_somebody(view)
        more = [one for one in more if sure and one.score >= _OF_NO_NAME]
    if not more:
        return hits
    said = [
        RuleMatch(one.type, one.start, one.end, TOLD, score=one.score, kind=FindingKind.TOPIC)
        for one in more
    ]
    return sorted([*hits, *said], key=lambda hit: hit.start)
