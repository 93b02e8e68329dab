"""The forms in which a value may return: what to search for, and what a place must look like."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from gateway.privacy.lexicons.names import MONTHS

_LONGEST = 120  # characters of a value that is searched
_SHORTEST_CODE, _SHORTEST_NUMBER, _SHORTEST_WORDS = 6, 8, 8
_ALONE_BELOW = 8  # a shorter code counts as a word of its own only
_DIGITS_ALONE_BELOW = 9  # a shorter number counts only where no digit is beside it
_NUMBERS = re.compile(r"\d+|[^\W\d_]+")
_FIGURES = re.compile(r"\d+")
_NAMES_OF_MONTHS = {
    month: sorted({
        "".join(filter(str.isalnum, name.casefold()))
        for name, number in MONTHS.items()
        if number == month
    })
    for month in range(1, 13)
}
_DUTCH_PREFIX = re.compile(r"(?:\+|\b00)?(?:31)?[ .-]?\(?0?\)?[ .-]?\Z")


class Form(NamedTuple):
    """One form: ``sought`` is its letters and digits, folded; ``fits`` judges a place.

    ``fits`` gets a text and where the form is in it, and returns the whole place, None for none.
    """

    sought: str
    type: str
    fits: Callable[[str, int, int], tuple[int, int] | None]


def folded(text: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(filter(str.isalnum, text.casefold()))


def forms_of(type_: str, value: str) -> Iterator[Form]:
    """All forms of a personal value that are specific enough to be searched without context."""
    if len(value) > _LONGEST:
        return
    plain = folded(value)
    for sought, fits in _MAKERS.get(type_, _code)(value, plain):
        yield Form(sought, type_, fits)


def is_distinct_secret(value: str) -> bool:
    """Whether a secret may be searched as it is: neither a word, a number nor a piece of code."""
    if not 6 <= len(value) <= 4096 or not any(map(str.isalpha, value)):
        return False
    if any(map(str.isdecimal, value)):
        return any(not sign.isalnum() or sign.isupper() for sign in value) or len(value) >= 8
    cases = any(map(str.isupper, value)) and any(map(str.islower, value))
    return cases and len(value) >= 8 and any(sign in "!@#$%&*?+" for sign in value)


_Fits = Callable[[str, int, int], tuple[int, int] | None]
_Made = Iterator[tuple[str, _Fits]]


def _never(_: str, __: str) -> _Made:
    return iter(())


def _code(value: str, plain: str) -> _Made:
    """A number or a code of letters and digits."""
    digits = sum(map(str.isdecimal, plain))
    if digits == len(plain):
        yield from _number(value, plain)
    elif digits and len(plain) >= _SHORTEST_CODE:
        yield plain, _alone if len(plain) < _ALONE_BELOW else _anywhere


def _number(value: str, plain: str) -> _Made:
    if len(plain) >= _SHORTEST_NUMBER:
        yield plain, _own_number if len(plain) < _DIGITS_ALONE_BELOW else _whole_number


def _phone(value: str, plain: str) -> _Made:
    """A Dutch number with or without its country; another one as it is."""
    for prefix, length in (("0031", 13), ("31", 11), ("310", 12), ("0", 10)):
        if plain.startswith(prefix) and len(plain) == length:
            yield plain[-9:], _dutch_phone
            return
    yield from _number(value, plain)


def _words(value: str, plain: str) -> _Made:
    """An e-mail address, or a street with its number."""
    if len(plain) >= _SHORTEST_WORDS and ("@" in value or any(map(str.isdecimal, plain))):
        yield plain, _alone


def _name(value: str, plain: str) -> _Made:
    """A full name as an identifier or a URL writes it: ``jan-de-vries``, ``JanDeVries``."""
    words = [folded(word) for word in value.split()]
    if len(words) > 1 and len(plain) >= _SHORTEST_WORDS and all(map(str.isalpha, words)):
        starts = [sum(map(len, words[:number])) for number in range(1, len(words))]
        yield plain, _parted_at(starts)


def _date(value: str, plain: str) -> _Made:
    """A date in figures, in both orders, and with the name of its month."""
    date = _parse_date(value)
    if date is None:
        return
    day, month, year = date
    days, months = {f"{day}", f"{day:02d}"}, {f"{month}", f"{month:02d}"}
    for digits in {f"{d}{m}{year}" for d in days for m in months}:
        yield digits, _figures
    yield f"{year}{month:02d}{day:02d}", _figures
    for name in _NAMES_OF_MONTHS[month]:
        for written in days:
            yield f"{written}{name}{year}", _alone
            yield f"{name}{written}{year}", _alone


def _parse_date(value: str) -> tuple[int, int, int] | None:
    """Day, month and year; None where one is missing or the year has two digits."""
    parts = _NUMBERS.findall(value.lower())
    if len(parts) == 1 and len(value) == 8:
        size = 4 if value[:2] in ("19", "20") else 2
        parts = [value[:size], value[size : size + 2], value[size + 2 :]]
    if len(parts) != 3:
        return None
    numbers = [MONTHS.get(part, 0) or (int(part) if part.isdecimal() else 0) for part in parts]
    if numbers[0] > 1000:
        numbers.reverse()
    day, month, year = numbers
    if parts[0] in MONTHS:
        day, month = month, day
    if month > 12 and day <= 12:
        day, month = month, day
    good = 1 <= day <= 31 and 1 <= month <= 12 and 1000 < year < 10_000
    return (day, month, year) if good else None


# Types whose values are ordinary words for those whom they do not concern.
ORDINARY_WORDS = frozenset({"CITY"})
_MAKERS: Mapping[str, Callable[[str, str], _Made]] = {
    "PHONE": _phone,
    "EMAIL": _words,
    "STREET_ADDRESS": _words,
    "PERSON": _name,
    "DATE_OF_BIRTH": _date,
    **dict.fromkeys(ORDINARY_WORDS, _never),
    "IP_ADDRESS": _never,  # its form is enough: the rule finds it everywhere
}


def _anywhere(text: str, start: int, end: int) -> tuple[int, int] | None:
    return start, end


def _alone(text: str, start: int, end: int) -> tuple[int, int] | None:
    before, after = text[start - 1 : start], text[end : end + 1]
    return None if before.isalnum() or after.isalnum() else (start, end)


def _own_number(text: str, start: int, end: int) -> tuple[int, int] | None:
    before, after = text[start - 1 : start], text[end : end + 1]
    return None if before.isdecimal() or after.isdecimal() else (start, end)


def _whole_number(text: str, start: int, end: int) -> tuple[int, int] | None:
    """With the digits right beside it: a rest of them would tell which number it was."""
    while text[start - 1 : start].isdecimal():
        start -= 1
    while text[end : end + 1].isdecimal():
        end += 1
    return start, end


def _dutch_phone(text: str, start: int, end: int) -> tuple[int, int] | None:
    prefix = _DUTCH_PREFIX.search(text, max(0, start - 10), start)
    if prefix is not None and (written := prefix[0].strip(" .-")):
        start = start - len(prefix[0]) + prefix[0].index(written)
    return _whole_number(text, start, end)


def _figures(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A date of eight figures, or of three numbers with a year of four."""
    numbers = _FIGURES.findall(text, start, end)
    one = len(numbers) == 1 and len(numbers[0]) == 8
    three = len(numbers) == 3 and any(len(number) == 4 for number in numbers)
    return _own_number(text, start, end) if one or three else None


def _parted_at(starts: list[int]) -> _Fits:
    """Words have a sign or a capital between them."""

    def fits(text: str, start: int, end: int) -> tuple[int, int] | None:
        place = text[start:end]
        letters = [at for at, sign in enumerate(place) if sign.isalnum()]
        parted = all(
            letters[at] - letters[at - 1] > 1
            or (place[letters[at]].isupper() and place[letters[at] - 1].islower())
            for at in starts
        )
        return _alone(text, start, end) if parted else None

    return fits
