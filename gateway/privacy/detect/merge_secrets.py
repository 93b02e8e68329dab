"""Merge the classifier's secrets with the hits of the rules."""

import re
from collections.abc import Iterable, Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.detect.nearby import touching
from gateway.privacy.rules.credentials import is_public_form
from gateway.privacy.text.normalized_text import RuleMatch, Strength

TYPE = "SECRET"
_SHORTEST = 4  # characters
_LEAST_PHRASE_SCORE = 0.85  # of a secret of several words
_LEAST_NUMBER_SCORE = 0.9  # of a number
_COUNTED = re.compile(
    r"\d{1,4} ?x ?\d.*|(?:\d ){4,}\d|[a-zà-ÿ]+, [a-zà-ÿ ]+"
)  # sizes, digits in order, two words
_TRAILING = ".,;:\"'`)"
_NAMES = ("PERSON", "STREET_ADDRESS", "CITY")  # types that may be part of a secret
# Words before a number that is no secret.
_NUMBERED = re.compile(
    r"(?:nummers?|numbers?|\bnr|\bno|\bext|extension|toestel|referenti[ea]|reference|\bref"
    r"|artikelcode|\bsku|\bean|\blot|\bbatch|bleep|kanaal|channel|passport|paspoort|slug|formaat"
    r"|format)[.\"' ]{0,3}(?:is|are|zijn|was|:|=|and|en|\d{4,9},? (?:and|en))?[\"' ]{0,3}$"
)


def add(hits: Sequence[RuleMatch], entities: Iterable[Entity], text: str) -> list[RuleMatch]:
    """Return the settled hits with the secrets, in order.

    A secret takes in names, and yields to other hits.
    """
    found = list(hits)
    for one in entities:
        if one.type == TYPE and (hit := _hit(one, text)) is not None:
            place = touching(found, hit.start, hit.end)
            touched = found[place]
            if all(_gives_way(other, hit) for other in touched):
                start = min([hit.start, *(other.start for other in touched)])
                end = max([hit.end, *(other.end for other in touched)])
                found[place] = [_secret(start, end, hit.score)]
    return found


def _hit(one: Entity, text: str) -> RuleMatch | None:
    start, end = one.start, one.end
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    value = text[start:end]
    if end - start < _SHORTEST or _is_cut(text, start, end):
        return None
    if " " in value and not any(map(str.isdigit, value)) and one.score < _LEAST_PHRASE_SCORE:
        return None
    if is_public_form(value):
        return None
    if _COUNTED.fullmatch(value) or (value.isdigit() and one.score < _LEAST_NUMBER_SCORE):
        return None
    if _NUMBERED.search(text[max(0, start - 40) : start].lower()):
        return None
    return _secret(start, end, one.score)


def _secret(start: int, end: int, score: float) -> RuleMatch:
    return RuleMatch(TYPE, start, end, "names", Strength.PLAIN, score, FindingKind.SECRET)


def _is_cut(text: str, start: int, end: int) -> bool:
    """Whether it is part of a longer host, path, file or number; a start after ``/`` is whole."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return _goes_on(before[::-1], ".-_") or _goes_on(after, ".-_/")


def _goes_on(near: str, joiners: str) -> bool:
    return near[:1].isalnum() or (near[:1] in joiners and near[1:].isalnum())


def _gives_way(other: RuleMatch, secret: RuleMatch) -> bool:
    if other.type == TYPE:
        return True
    contained = secret.start <= other.start and other.end <= secret.end
    return contained and other.type in _NAMES and other.strength < Strength.CHECKSUM
