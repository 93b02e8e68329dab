"""Secrets that the classifier saw, beside what the rules found."""

import re
from collections.abc import Iterable, Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.detect.normalized_text import RuleMatch, Strength

TYPE = "SECRET"
_SHORTEST = 4  # characters
_PHRASE = 0.85  # a secret of several words asks for more certainty
_DIGITS = 0.9  # and so does a number
_COUNTED = re.compile(
    r"\d{1,4} ?x ?\d.*|(?:\d ){4,}\d|[a-zà-ÿ]+, [a-zà-ÿ ]+"
)  # sizes, digits in order, two words
_BEHIND = ".,;:\"'`)"
_NAMES = ("PERSON", "STREET_ADDRESS", "CITY")  # of which one may be part of a secret
# What names a number that opens nothing.
_NUMBERED = re.compile(
    r"(?:nummers?|numbers?|\bnr|\bno|\bext|extension|toestel|referenti[ea]|reference|\bref"
    r"|artikelcode|\bsku|\bean|\blot|\bbatch"
    r"|bleep|kanaal|channel|passport|paspoort|slug|formaat|format)[.\"' ]{0,3}(?:is|are|zijn|was|:"
    r"|=|and|en|\d{4,9},? (?:and|en))?[\"' ]{0,3}$"
)


def beside(hits: Sequence[RuleMatch], named: Iterable[Entity], text: str) -> list[RuleMatch]:
    """The hits with the secrets; a number that a rule knows stays what it is, a name in a secret is part of it."""
    found = list(hits)
    for one in named:
        if one.type == TYPE and (hit := _hit(one, text)) is not None:
            touched = [other for other in found if other.start < hit.end and hit.start < other.end]
            if all(_gives_way(other, hit) for other in touched):
                start = min([hit.start, *(other.start for other in touched)])
                end = max([hit.end, *(other.end for other in touched)])
                found = [other for other in found if other not in touched]
                found.append(_secret(start, end, hit.score))
    return sorted(found, key=lambda hit: hit.start)


def _hit(one: Entity, text: str) -> RuleMatch | None:
    start, end = one.start, one.end
    while end > start and text[end - 1] in _BEHIND:
        end -= 1
    value = text[start:end]
    if end - start < _SHORTEST or _is_cut(text, start, end):
        return None
    if " " in value and not any(map(str.isdigit, value)) and one.score < _PHRASE:
        return None
    if _COUNTED.fullmatch(value) or (value.isdigit() and one.score < _DIGITS):
        return None
    if _NUMBERED.search(text[max(0, start - 40) : start].lower()):
        return None
    return _secret(start, end, one.score)


def _secret(start: int, end: int, score: float) -> RuleMatch:
    return RuleMatch(TYPE, start, end, "names", Strength.PLAIN, score, FindingKind.SECRET)


def _is_cut(text: str, start: int, end: int) -> bool:
    """Whether it is a part of something longer: of a host, a path, a file, a number; behind ``admin/`` it is none."""
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    return _goes_on(before[::-1], ".-_") or _goes_on(behind, ".-_/")


def _goes_on(near: str, joiners: str) -> bool:
    return near[:1].isalnum() or (near[:1] in joiners and near[1:].isalnum())


def _gives_way(other: RuleMatch, secret: RuleMatch) -> bool:
    if other.type == TYPE:
        return True
    inside = secret.start <= other.start and other.end <= secret.end
    return inside and other.type in _NAMES and other.strength < Strength.CHECKSUM
