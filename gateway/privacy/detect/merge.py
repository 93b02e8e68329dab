"""Merge the classifier's entities with the settled hits of the rules; rules take precedence."""

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gateway.classifiers.protocol import Entity
from gateway.privacy.detect import merge_secrets
from gateway.privacy.detect.nearby import Nearby, touching
from gateway.privacy.lexicons.loader import words
from gateway.privacy.lexicons.names import (
    GIVEN_NAMES,
    IMPERATIVES,
    NOT_PERSONS,
    SOFTWARE_NAMES,
    SURNAMES,
    TITLE_WORDS,
)
from gateway.privacy.lexicons.places import CAR_MAKES, CITIES_AND_COUNTRIES, NOT_CITIES
from gateway.privacy.text.normalized_text import RuleMatch, Strength

_NUMBERED = CAR_MAKES | SOFTWARE_NAMES | words("numbered_words.txt")  # Peugeot 208, Benchmark 5
_STATUS = re.compile(  # of HTTP
    r"[1-5]\d\d (?:Accepted|Bad|Conflict|Created|Forbidden|Found|Gateway|Gone|Internal|Moved|No"
    r"|Not|OK|Payload|Request|Service|Too|Unauthorized|Unprocessable)\b"
)
_NOT_CITIES = NOT_CITIES | (SOFTWARE_NAMES - CITIES_AND_COUNTRIES)
_ADDRESS_TYPES = ("POSTCODE", "CITY", "PERSON")
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
_CONTEXT_SCORE = 0.9  # from this score on a name is evidence for the same name elsewhere


def merge(hits: Sequence[RuleMatch], entities: Sequence[Entity], text: str) -> list[RuleMatch]:
    """Return settled hits and entities as hits that do not overlap.

    Where a rule found another type, only the rest of the entity is added. Where a rule found the
    same type, both become one hit, so that no end of a longer name is left in the text.
    """
    joined = merge_secrets.add(hits, entities, text)
    evidence = Nearby([*hits, *entities])
    for one in entities:
        if one.type == merge_secrets.TYPE:
            continue
        if one.type == "STREET_ADDRESS" and not _is_address(one, text, evidence):
            continue
        if one.type == "STREET_ADDRESS" and _has_plate(one, evidence):
            continue
        if one.type == "CITY" and text[one.start : one.end].lower() in _NOT_CITIES:
            continue
        if one.type == "PERSON" and any(veto(one, text) for veto in _PERSON_VETOES):
            continue
        for start, end in _uncovered(joined, one):
            if any(map(str.isalpha, text[start:end])):
                _absorb(joined, _hit(one, start, end))
    return _complete_names(joined, text)


def _complete_names(hits: list[RuleMatch], text: str) -> list[RuleMatch]:
    """Complete names: ``Riek van Putten`` with the city, ``arts Van Dam`` with the particle."""
    complete: list[RuleMatch] = []
    for hit in hits:
        last = complete[-1] if complete else None
        if last is not None and _continues_name(last, hit, text):
            complete[-1] = replace(last, end=hit.end)
        elif hit.type == "PERSON" and (
            particle := _PARTICLE.search(text, max(0, hit.start - 12), hit.start)
        ):
            complete.append(replace(hit, start=max(particle.start(1), last.end if last else 0)))
        else:
            complete.append(hit)
    return complete


def _continues_name(first: RuleMatch, city: RuleMatch, text: str) -> bool:
    if (first.type, city.type) != ("PERSON", "CITY") or text[first.end : city.start] != " van ":
        return False
    name = text[first.start : first.end]
    return (
        " " not in name
        and name[:1].isupper()
        and text[city.start : city.end].lower() not in CITIES_AND_COUNTRIES
    )


def _is_address(one: Entity, text: str, evidence: Nearby) -> bool:
    """Whether it has a house number or a resident nearby; ``Peugeot 208`` is not an address."""
    if text[one.start : one.end].lower().partition(" ")[0] in _NUMBERED:
        return False
    if _STATUS.match(text, one.start):
        return False
    if any(map(str.isdigit, text[one.start : one.end])):
        return True
    first, last = one.start - _NEAR, one.end + _NEAR
    return any(other.type in _ADDRESS_TYPES for other in evidence.touching(first, last))


def _has_plate(one: Entity, evidence: Nearby) -> bool:
    """Whether it overlaps a licence plate: ``zwarte Polo 6-KVN-33`` is a car, not an address."""
    return any(hit.type == "LICENSE_PLATE" for hit in evidence.touching(one.start, one.end))


def _is_host_part(one: Entity, text: str) -> bool:
    """Whether it is a word of no list within the name of a host or a module."""
    word = text[one.start : one.end]
    if _PATH.fullmatch(word) and re.match(r"\.[A-Za-z]", text[one.end : one.end + 2]):
        return True
    if " " in word or "." in word or word.capitalize() in GIVEN_NAMES or word.lower() in SURNAMES:
        return False
    left = text[max(0, one.start - 3) : one.start]
    return left.endswith(".") and len(left) > 2 and left[:-1].isalnum()


def _is_column(one: Entity, text: str) -> bool:
    """Whether it is a column of a query after the alias of its table: ``d.rayon``."""
    word = text[one.start : one.end]
    if _COLUMN.fullmatch(word) is None:
        return False
    return _QUERY.search(text, max(0, one.start - _QUERY_REACH), one.end + _QUERY_REACH) is not None


def _is_order(one: Entity, text: str) -> bool:
    """Whether it is one verb that opens a line or a sentence, as in prompts."""
    return (
        text[one.start : one.end] in IMPERATIVES and text[: one.start].rstrip(" ")[-1:] in "\n.!?:"
    )


def _is_no_person(one: Entity, text: str) -> bool:
    """Whether no word of it is a name and no title precedes it; or an article and a noun."""
    words = text[one.start : one.end].replace("-", " ").split()
    if len(words) == 2 and words[0] in _ARTICLES and words[1].islower():
        return True
    folded = [word.strip(".,'").lower() for word in words]
    if text.startswith(("X-", "x-"), one.start) and len(words) > 1:
        return True  # X-Forwarded-Proto
    if not all(word in NOT_PERSONS for word in folded) and not _is_software(folded):
        return False
    before = text[max(0, one.start - 12) : one.start].lower().split()
    return not before or before[-1].strip(".") not in TITLE_WORDS


def _is_software(words: Sequence[str]) -> bool:
    """Whether they name software and hold no name of a person: ``Oh My Zsh``, ``GNU Lesser``."""
    return not SOFTWARE_NAMES.isdisjoint(words) and not any(
        word in SURNAMES or word.capitalize() in GIVEN_NAMES for word in words
    )


def _is_month(one: Entity, text: str) -> bool:
    """Whether it is the month of a timestamp: ``Jun 04 11:20:01``."""
    return _STAMP.match(text, one.start) is not None


def _is_country(one: Entity, text: str) -> bool:
    """Whether it is a country or a language and no name: ``via Soedan en Libië``."""
    word = text[one.start : one.end].lower()
    return word in NOT_CITIES and word not in SURNAMES and word.capitalize() not in GIVEN_NAMES


def _is_heading(one: Entity, text: str) -> bool:
    """Whether it is a word in the header of a Markdown table."""
    if " " in text[one.start : one.end]:
        return False
    begin = text.rfind("\n", max(0, one.start - _LONGEST_ROW), one.start) + 1
    end = text.find("\n", one.end, one.end + _LONGEST_ROW)
    if end < 0 or text[begin : begin + 1] != "|":
        return False
    return _RULED.match(text, end + 1) is not None


_PERSON_VETOES = (
    _is_host_part,
    _is_column,
    _is_order,
    _is_no_person,
    _is_month,
    _is_country,
    _is_heading,
)


def _hit(one: Entity, start: int, end: int) -> RuleMatch:
    strength = Strength.CONTEXT if one.score >= _CONTEXT_SCORE else Strength.PLAIN
    return RuleMatch(one.type, start, end, "names", strength, one.score)


def _uncovered(hits: Sequence[RuleMatch], one: Entity) -> list[tuple[int, int]]:
    """Return the parts of an entity that no hit of another type covers."""
    parts = [(one.start, one.end)]
    for hit in hits[touching(hits, one.start, one.end)]:
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


def _absorb(hits: list[RuleMatch], new: RuleMatch) -> None:
    """Add a hit to those in order; it absorbs the hits that it overlaps."""
    overlapped = touching(hits, new.start, new.end)
    for hit in hits[overlapped]:
        stronger = hit if hit.strength >= new.strength else new
        new = replace(stronger, start=min(hit.start, new.start), end=max(hit.end, new.end))
    hits[overlapped] = [new]
