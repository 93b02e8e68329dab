"""Account numbers and postcodes that are spelled letter by letter over the telephone."""

import re
from collections.abc import Iterable
from functools import lru_cache

import stdnum.iban
from stdnum import numdb

from gateway.privacy.rules.rule import Rule
from gateway.privacy.rules.spoken_numbers import DIGIT_WORD, NUMBER_WORD, digits_of_word
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_TOKEN = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[ ,.\-\n]{1,3}")
_BANK = re.compile(r"[a-z]{4}")
_LONGEST = 34  # characters of an IBAN
_HEAD = 4  # its country and check digits
_IBAN_PARTS = re.compile(r"(\d+)!")
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}|[1-9]\d{3}[a-z]{2}")
_ANSWER_REACH = 90  # characters between a question and its answer


def _iban(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find an IBAN by its checksum: ``n l tweeëntachtig a b n a vier negen ...``."""
    stop = next((end for value, end in _iban_prefixes(view, start) if _is_iban(value)), None)
    if stop is None:
        return ()
    return (RuleMatch("IBAN", start, stop, "rule:iban-spelled", Strength.CHECKSUM, 0.95),)


def _iban_prefixes(view: NormalizedText, start: int) -> Iterable[tuple[str, int]]:
    """Yield what has the length of an account number of its country; stop where none can follow."""
    for value, end in _prefixes(view, start):
        if len(value) < _HEAD:
            continue
        length = _iban_length(value[:2]) if value[2:_HEAD].isdigit() else 0
        if len(value) == length:
            yield value, end
        if len(value) >= length:
            return


@lru_cache(maxsize=1024)
def _iban_length(country: str) -> int:
    """Return the length of a country's account numbers, 0 for a country without."""
    _, properties = numdb.get("iban").info(country.upper())[0]
    structure = properties.get("bban", "")
    return _HEAD + sum(map(int, _IBAN_PARTS.findall(structure))) if structure else 0


def _is_iban(value: str) -> bool:
    return bool(stdnum.iban.is_valid(value))


def _postcode(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``l s six one l f`` after the word postcode."""
    asked = view.lower[max(0, start - _ANSWER_REACH) : start]
    if "postcode" not in asked and "post code" not in asked:
        return ()
    stops = [end for value, end in _prefixes(view, start) if _POSTCODE.fullmatch(value)]
    if not stops:
        return ()
    return (
        RuleMatch("POSTCODE", start, stops[-1], "rule:postcode-spelled", Strength.CONTEXT, 0.8),
    )


def _prefixes(view: NormalizedText, start: int) -> Iterable[tuple[str, int]]:
    """Yield the spelled value after each word, and its end: letters, numbers, names of banks."""
    value, at, times = "", start, 1
    while (token := _TOKEN.match(view.lower, at)) is not None and len(value) < _LONGEST:
        word = token[0]
        if word in ("dubbel", "double"):
            times = 2
        else:
            letters = (
                word if len(word) == 1 or _may_be_letters(word, value) else digits_of_word(word)
            )
            if not letters:
                return
            value, times = value + letters * times, 1
            yield value, token.end()
        gap = _GAP.match(view.lower, token.end())
        if gap is None:
            return
        at = gap.end()


def _may_be_letters(word: str, value: str) -> bool:
    """Whether a word is letters: country or bank of an account number, end of a postcode."""
    if len(word) == 2:
        return not value or (len(value) == 4 and value.isdigit() and not digits_of_word(word))
    return len(value) == 4 and _BANK.fullmatch(word) is not None


_COUNTRIES = "nl|be|de|gb|fr|es|it|lu|at|pl|se|dk|ie|pt|ch"
_D = rf"(?:{DIGIT_WORD})"

RULES: tuple[Rule, ...] = (
    Rule(rf"\b(?:{_COUNTRIES}|[a-z] [a-z]) (?:{DIGIT_WORD})", True, _iban),
    Rule(
        rf"\b[a-z](?: [a-z])? {_D}(?: (?:{DIGIT_WORD}|[a-z]))?(?: {_D})? [a-z] [a-z]\b",
        True,
        _postcode,
    ),
    Rule(
        rf"\b(?:\d\d|{NUMBER_WORD}) (?:\d\d|{NUMBER_WORD}|{_D} {_D}) [a-z] ?[a-z]\b",
        True,
        _postcode,
    ),
)
