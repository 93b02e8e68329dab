"""Numbers in words, as they are spoken over the telephone, in Dutch and English."""

import re
from collections.abc import Iterable

from gateway.privacy.rules.dutch_identifiers import nearest, number
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_DIGIT_WORDS = {
    word: str(value)
    for value, words in enumerate((
        "nul zero oh o",
        "een één one",
        "twee two",
        "drie three",
        "vier four",
        "vijf five",
        "zes six",
        "zeven seven zeuven",
        "acht eight",
        "negen nine",
        "tien ten",
        "elf eleven",
        "twaalf twelve",
        "dertien thirteen",
        "veertien fourteen",
        "vijftien fifteen",
        "zestien sixteen",
        "zeventien seventeen",
        "achttien eighteen",
        "negentien nineteen",
    ))
    for word in words.split()
}
_TENS = {
    word: value
    for value, words in enumerate(
        (
            "",
            "twintig twenty",
            "dertig thirty",
            "veertig forty",
            "vijftig fifty",
            "zestig sixty",
            "zeventig seventy",
            "tachtig eighty",
            "negentig ninety",
        ),
        start=1,
    )
    for word in words.split()
}
_TIMES = {"dubbel": 2, "double": 2, "treble": 3, "triple": 3}
_BETWEEN = ("en", "de", "and", "plus", "dan", "then", "eh", "ehm", "uh", "uhm", "euh")
_HUNDRED = ("hundred", "honderd")
_SPLIT = re.compile(r"[ ,.\-\n]+")


def _spelled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number in words: a telephone number, or one that a word names."""
    if _TOO_MANY.match(view.lower, start):
        return ()
    stop, digits, times = start, "", 1
    position = start
    for word in _SPLIT.split(view.lower[start : start + 240]):
        size = len(word)
        value = digits_of_word(word)
        if word in _TIMES:
            times = _TIMES[word]
        elif word in ("keer", "maal", "times") and digits:  # "drie keer de zeven"
            times, digits = int(digits[-1]) or 1, digits[:-1]
        elif word in _HUNDRED and digits:
            digits, stop = digits + "00", position + size
        elif not value and word not in _BETWEEN:
            break
        else:
            digits += value * times
            times = 1
            stop = position + size if value else stop
        position += size
        while view.at(position) in (" ", ",", ".", "-", "\n"):
            position += 1
    if view.at(stop).isalnum() or view.at(start - 1).isalnum():
        return ()
    hits = tuple(number(view, start, stop, digits)) if 8 <= len(digits) <= 13 else ()
    if hits:
        return hits
    abroad = view.lower.startswith("plus ", start)
    if 9 <= len(digits) <= 13 and (
        digits[0] == "0" or abroad or nearest(view, start, stop) == "PHONE"
    ):
        return (RuleMatch("PHONE", start, stop, "rule:phone", Strength.CONTEXT, 0.85),)
    return ()


def digits_of_word(word: str) -> str:
    """Return the digits of a number word: 34 for vierendertig; "" for any other word."""
    if word in _DIGIT_WORDS:
        return _DIGIT_WORDS[word]
    if word.isdigit() and len(word) <= 4:
        return word
    hundreds, hundred_word, rest = word.partition("honderd")
    if hundred_word:
        hundred, tens = _DIGIT_WORDS.get(hundreds, ""), digits_of_word(rest) if rest else "00"
        return (
            f"{hundred}{tens:0>2}" if len(hundred) == 1 and tens and "honderd" not in rest else ""
        )
    for tens, value in _TENS.items():
        if word.endswith(tens):
            unit = word[: -len(tens)].removesuffix("ën").removesuffix("en") or word[: -len(tens)]
            if not unit:
                return f"{value}0" if word in _TENS else ""
            unit = "zeven" if unit == "zev" else "negen" if unit == "neg" else unit
            return f"{value}{_DIGIT_WORDS[unit]}" if unit in _DIGIT_WORDS else ""
    return ""


DIGIT_WORD = (
    "nul|zero|oh|o|een|twee|drie|vier|vijf|zes|zeven|acht|negen|one|two|three|four|five|six|seven"
    "|eight|nine"
)
NUMBER_WORD = (
    "twaalf|elf|tien|twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig"
    "|[a-z]{4,7}tien|[a-zë]{3,8}n(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig"
    "|negentig)"
)
# Digits for more than any number; nothing that follows makes it one.
_TOO_MANY = re.compile(
    rf"(?:(?:(?:{'|'.join((*_BETWEEN, *_TIMES))})[ ,.\-\n]{{1,3}}){{0,2}}"
    rf"(?:{DIGIT_WORD})[ ,.\-\n]{{1,3}}){{21}}"
)
RULES: tuple[Rule, ...] = (
    Rule(rf"\bplus (?:{DIGIT_WORD}) (?:{DIGIT_WORD}) (?:{DIGIT_WORD})[ ,\-]", True, _spelled),
    Rule(
        rf"\b(?:{DIGIT_WORD})(?: |, |-)(?:dan |then |double |dubbel )?(?:{DIGIT_WORD}"
        rf"|{NUMBER_WORD})[ ,\-]",
        True,
        _spelled,
    ),
)
