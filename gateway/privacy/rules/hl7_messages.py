"""Fields of HL7 version 2 messages: segment and place tell what a value is.

A segment is a line of fields between ``|``; a field has repetitions between ``~`` and components
between ``^``. ``hl7_fields.txt`` names the fields with data of a person.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from gateway.privacy.lexicons.loader import entries
from gateway.privacy.rules import field_values
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_SEGMENT = "hl7"  # names the segments in ``rows_read``
_LONGEST = 8192  # characters of one segment
_LINE_END = re.compile(r"[\r\n]|\\[rn]")  # also within a string of JSON
_NAME = re.compile(r"(?:'[a-z] |'s-)?[^\W\d_][\w'. &-]{1,60}")  # an initial alone tells no one
_WORD = re.compile(r"(?=.*\w).{2,80}")
_DIGITS = re.compile(r"(?:19|20)\d{6}")
_PHONE = re.compile(r"(?=(?:\D*\d){6})[+(\d][\d ()./-]{5,24}(?:[xX]\d{1,6})?")
_IDENTIFIER = re.compile(r"(?=.*\d)[A-Za-z0-9./-]{4,30}")
_BSN_SIGN = re.compile(r"bsn|nlminbiza|nnnld|2\.16\.840\.1\.113883\.2\.4\.6\.3", re.IGNORECASE)
_BY_SIZE = {8: "AGB_CODE", 11: "BIG_NUMBER"}  # of numbers of Dutch professionals

Component = tuple[int, int]  # start and end; an empty one has both the same
Reader = Callable[[NormalizedText, list[Component]], Iterable[RuleMatch]]


def _found(type_: str, place: Component) -> RuleMatch:
    return RuleMatch(type_, *place, f"rule:{type_.lower()}-hl7", Strength.CONTEXT, 0.9)


def _names(view: NormalizedText, parts: list[Component], first: int = 0) -> Iterator[RuleMatch]:
    """Yield family name, given name, further names."""
    for place in parts[first : first + 3]:
        if _NAME.fullmatch(view.text, *place):
            yield _found("PERSON", place)


def _professional(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    """Yield number and name, or the name alone."""
    number = view.text[slice(*parts[0])]
    if number.isdigit() and len(number) in _BY_SIZE:
        yield _found(_BY_SIZE[len(number)], parts[0])
    numbered = not number or any(map(str.isdigit, number))
    yield from _names(view, parts, first=1 if numbered else 0)


def _birth(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    match = _DIGITS.match(view.text, *parts[0])
    if match:
        yield _found("DATE_OF_BIRTH", match.span())


def _address(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    """Yield street, further lines, town and postcode."""
    kinds = ("STREET_ADDRESS", "STREET_ADDRESS", "CITY", "", "POSTCODE")
    for type_, place in zip(kinds, parts, strict=False):
        if type_ and _WORD.fullmatch(view.text, *place):
            yield _found(type_, place)


def _phone(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    for place in parts:
        if "@" in view.text[slice(*place)]:
            yield _found("EMAIL", place)
        elif _PHONE.fullmatch(view.text, *place):
            yield _found("PHONE", place)


def _identifier(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    """Yield the first component; the others tell who gave it, and so its type."""
    if not _IDENTIFIER.fullmatch(view.text, *parts[0]):
        return
    hits = tuple(field_values.CHECKS["BSN"](view, *parts[0]))
    others = view.text[parts[0][1] : parts[-1][1]]
    if hits and (_BSN_SIGN.search(others) or hits[0].strength is Strength.CHECKSUM):
        yield from hits
    else:
        yield _found("NATIONAL_ID", parts[0])


def _place(view: NormalizedText, parts: list[Component]) -> Iterator[RuleMatch]:
    if _WORD.fullmatch(view.text, *parts[0]):
        yield _found("CITY", parts[0])


_READERS: Mapping[str, Reader] = {
    "address": _address,
    "birth": _birth,
    "identifier": _identifier,
    "name": _names,
    "phone": _phone,
    "place": _place,
    "professional": _professional,
}


def _declared() -> dict[str, dict[int, Reader]]:
    fields: dict[str, dict[int, Reader]] = {}
    for entry in entries("hl7_fields.txt"):
        field, _, kind = entry.partition(" ")
        segment, _, number = field.partition("-")
        fields.setdefault(segment, {})[int(number)] = _READERS[kind]
    return fields


_FIELDS = _declared()


def _segment(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the declared fields of a segment."""
    if start < view.rows_read.get(_SEGMENT, 0):
        return  # within another segment
    readers = _FIELDS[view.text[end - 4 : end - 1]]
    stop = _LINE_END.search(view.text, end, end + _LONGEST)
    last = stop.start() if stop else min(len(view.text), end + _LONGEST)
    view.rows_read[_SEGMENT] = last
    for number, field in enumerate(_split(view.text, (end, last), "|"), start=1):
        reader = readers.get(number)
        if reader is None or field[0] == field[1]:
            continue
        for repetition in _split(view.text, field, "~"):
            yield from reader(view, list(_split(view.text, repetition, "^")))


def _split(text: str, place: Component, sign: str) -> Iterator[Component]:
    at, end = place
    while True:
        stop = text.find(sign, at, end)
        yield at, end if stop < 0 else stop
        if stop < 0:
            return
        at = stop + 1


RULES: tuple[Rule, ...] = (
    Rule(rf"(?:^|[^A-Za-z0-9]|\\[rn])(?:{'|'.join(sorted(_FIELDS))})\|", False, _segment),
)
