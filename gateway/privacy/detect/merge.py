"""What the classifier saw, joined with what the rules found: rules know better, none gets lost."""

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gateway.classifiers.protocol import Entity
from gateway.privacy.detect import merge_secrets
from gateway.privacy.detect.normalized_text import RuleMatch, Strength
from gateway.privacy.lexicons.names import (
    GIVEN_NAMES,
    IMPERATIVES,
    NOT_PERSONS,
    SURNAMES,
    TITLE_WORDS,
)
from gateway.privacy.lexicons.places import CAR_MAKES, CITIES_AND_COUNTRIES, NOT_CITIES

_LIVES = ("POSTCODE", "CITY", "PERSON")
_NEAR = 60
_ARTICLES = ("De", "Het", "Een", "The", "A")
_PATH = re.compile(r"[a-z](?:\.[a-z]){1,4}\.[a-z_]+")
_COLUMN = re.compile(r"[a-z]{1,2}\.[a-z_]+")
_QUERY = re.compile(
    r"\b(?:SELECT|select|UPDATE|update|JOIN|join)\b[^;]{0,400}\b(?:FROM|from|SET|set|ON|on)\b"
)
_STAMP = re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d")
_PARTICLE = re.compile(r"(?<=[a-z,] )((?:Van(?: d(?:e|er|en))?|De|Den|Ter|Ten|El) )\Z")
_LONGEST_ROW = 600
_RULED = re.compile(r"\|(?: ?:?-+:? ?\|)+")
_QUERY_REACH = 600
_SURE = 0.9  # from here on a name counts as evidence for the same name elsewhere


def merge(hits: Sequence[RuleMatch], named: Sequence[Entity], text: str) -> list[RuleMatch]:
    """Settled hits and classifier findings as hits that do not overlap.

    Where a rule found another type, only what lies beside it is taken from the classifier; where it
    found the same type, the two become one, so that no end of a longer name stays behind.
    """
    joined = merge_secrets.beside(hits, named, text)
    for one in named:
        if one.type == merge_secrets.TYPE:
            continue
        if one.type == "STREET_ADDRESS" and not _is_address(one, text, [*hits, *named]):
            continue
        if one.type == "STREET_ADDRESS" and _has_plate(one, hits):
            continue
        if one.type == "CITY" and text[one.start : one.end].lower() in NOT_CITIES:
            continue
        if one.type == "PERSON" and any(no(one, text) for no in _NO_PERSON):
            continue
        for start, end in _beside(joined, one):
            if any(map(str.isalpha, text[start:end])):
                joined = _with(joined, _hit(one, start, end))
    return _whole(sorted(joined, key=lambda hit: hit.start), text)


def _whole(hits: list[RuleMatch], text: str) -> list[RuleMatch]:
    """``Riek van Putten`` is a name, whatever else Putten is, and so is ``arts Van Ginneken`` with its particle."""
    whole: list[RuleMatch] = []
    for hit in hits:
        last = whole[-1] if whole else None
        if last is not None and _goes_on(last, hit, text):
            whole[-1] = replace(last, end=hit.end)
        elif hit.type == "PERSON" and (
            particle := _PARTICLE.search(text, max(0, hit.start - 12), hit.start)
        ):
            whole.append(replace(hit, start=max(particle.start(1), last.end if last else 0)))
        else:
            whole.append(hit)
    return whole


def _goes_on(first: RuleMatch, town: RuleMatch, text: str) -> bool:
    if (first.type, town.type) != ("PERSON", "CITY") or text[first.end : town.start] != " van ":
        return False
    name = text[first.start : first.end]
    return (
        " " not in name
        and name[:1].isupper()
        and text[town.start : town.end].lower() not in CITIES_AND_COUNTRIES
    )


def _is_address(one: Entity, text: str, others: Sequence[RuleMatch | Entity]) -> bool:
    """A street without a number is a place, unless somebody is near who may live there; a Peugeot 208 is neither."""
    if text[one.start : one.end].lower().partition(" ")[0] in CAR_MAKES:
        return False
    if any(map(str.isdigit, text[one.start : one.end])):
        return True
    first, last = one.start - _NEAR, one.end + _NEAR
    return any(o.type in _LIVES and o.start < last and first < o.end for o in others)


def _has_plate(one: Entity, hits: Sequence[RuleMatch]) -> bool:
    """``zwarte Polo 6-KVN-33`` is a car, and no street with a number."""
    return any(
        hit.type == "LICENSE_PLATE" and hit.start < one.end and one.start < hit.end for hit in hits
    )


def _is_other(one: Entity, text: str) -> bool:
    """A lone word that no list knows, further on in the name of a host or a module."""
    word = text[one.start : one.end]
    if _PATH.fullmatch(word) and re.match(r"\.[A-Za-z]", text[one.end : one.end + 2]):
        return True
    if " " in word or "." in word or word.capitalize() in GIVEN_NAMES or word.lower() in SURNAMES:
        return False
    left = text[max(0, one.start - 3) : one.start]
    return left.endswith(".") and len(left) > 2 and left[:-1].isalnum()


def _is_column(one: Entity, text: str) -> bool:
    """``d.rayon`` in a query: a column behind the short name of its table."""
    word = text[one.start : one.end]
    if _COLUMN.fullmatch(word) is None:
        return False
    return _QUERY.search(text, max(0, one.start - _QUERY_REACH), one.end + _QUERY_REACH) is not None


def _is_order(one: Entity, text: str) -> bool:
    """A lone verb that opens a line or a sentence, as what people ask of a model often does."""
    return (
        text[one.start : one.end] in IMPERATIVES and text[: one.start].rstrip(" ")[-1:] in "\n.!?:"
    )


def _is_nobody(one: Entity, text: str) -> bool:
    """Words that are no names, without a title before them; or ``De boer``, at home in any sentence."""
    words = text[one.start : one.end].replace("-", " ").split()
    if len(words) == 2 and words[0] in _ARTICLES and words[1].islower():
        return True
    if not all(word.strip(".,'").lower() in NOT_PERSONS for word in words):
        return False
    before = text[max(0, one.start - 12) : one.start].lower().split()
    return not before or before[-1].strip(".") not in TITLE_WORDS


def _is_month(one: Entity, text: str) -> bool:
    """``Jun 04 11:20:01`` in a log."""
    return _STAMP.match(text, one.start) is not None


def _is_land(one: Entity, text: str) -> bool:
    """``via Soedan en Libië``: a land or a language, where it is no name as well."""
    word = text[one.start : one.end].lower()
    return word in NOT_CITIES and word not in SURNAMES and word.capitalize() not in GIVEN_NAMES


def _is_heading(one: Entity, text: str) -> bool:
    """A word at the head of a column of a Markdown table."""
    if " " in text[one.start : one.end]:
        return False
    begin = text.rfind("\n", max(0, one.start - _LONGEST_ROW), one.start) + 1
    end = text.find("\n", one.end, one.end + _LONGEST_ROW)
    if end < 0 or text[begin : begin + 1] != "|":
        return False
    return _RULED.match(text, end + 1) is not None


_NO_PERSON = (_is_other, _is_column, _is_order, _is_nobody, _is_month, _is_land, _is_heading)


def _hit(one: Entity, start: int, end: int) -> RuleMatch:
    strength = Strength.CONTEXT if one.score >= _SURE else Strength.PLAIN
    return RuleMatch(one.type, start, end, "names", strength, one.score)


def _beside(hits: Sequence[RuleMatch], one: Entity) -> list[tuple[int, int]]:
    """The parts of a finding that no hit of another type covers."""
    parts = [(one.start, one.end)]
    for hit in hits:
        if hit.type != one.type:
            parts = [piece for part in parts for piece in _cut(part, hit)]
    return parts


def _cut(part: tuple[int, int], hit: RuleMatch) -> Iterable[tuple[int, int]]:
    start, end = part
    if hit.end <= start or end <= hit.start:
        yield part
        return
    if start < hit.start:
        yield start, hit.start
    if hit.end < end:
        yield hit.end, end


def _with(hits: list[RuleMatch], new: RuleMatch) -> list[RuleMatch]:
    """The hits with one more, which swallows those of its type that it touches."""
    apart: list[RuleMatch] = []
    for hit in hits:
        if hit.start < new.end and new.start < hit.end:
            stronger = hit if hit.strength >= new.strength else new
            new = replace(stronger, start=min(hit.start, new.start), end=max(hit.end, new.end))
        else:
            apart.append(hit)
    return [*apart, new]
