"""Guess the language of a text, for reports and for content rules that name languages.

Naive Bayes over the runs of four characters in a text. The weights are a part of py3langid's model
(training/language_grams.py writes the file); they are loaded on first use.
"""

import re
import struct
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from gateway.core.text.languages import LANGUAGES

_UNKNOWN = "und"
GRAMS = Path(__file__).with_name("language_grams.txt")
_LENGTH = 4
_SAMPLE = 300  # characters; so many weights of at most 125 fit in the two bytes of a language
_FIRST_SAMPLE = 64  # characters that suffice where they are as clear as _CLEAR_IN_FIRST
# Steps of an eighth of a nat between the first language and the second.
_CLEAR, _CLEAR_ALONE, _CLEAR_IN_FIRST = 16, 48, 120
_VOTES = struct.Struct(f">{len(LANGUAGES)}H")
_BREAK = re.compile(r"[.!?:;\n][\"')\]]*\s+|\n| [-|\u2013] ")
_SCANNED = 4000  # characters that are searched for further languages
_SENTENCE = 20  # characters from which on a sentence has a language of its own
_STRETCH = 160  # characters of a long sentence that are judged together
_LEAST_SHARE = 0.1  # of the characters with a known language
_REACH = 200  # characters of a sentence on each side of a place


def language_of(text: str) -> str:
    """Return one of ``LANGUAGES``, the main one of a mixed text; "und" if none is clear."""
    if len(text) > _FIRST_SAMPLE:
        found = _classify(text[:_FIRST_SAMPLE], _CLEAR_IN_FIRST)
        if found != _UNKNOWN:
            return found
    return _classify(text[:_SAMPLE], _CLEAR)


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages of a message, the main one first: those of whole sentences."""
    sizes: Counter[str] = Counter()
    for sentence in _sentences(text[:_SCANNED]):
        if len(sentence) >= _SENTENCE:
            sizes[_classify(sentence[:_SAMPLE], _CLEAR_ALONE)] += len(sentence)
    del sizes[_UNKNOWN]
    least = _LEAST_SHARE * sizes.total()
    main = language_of(text)
    others = (language for language, size in sizes.most_common() if size >= least)
    return tuple(name for name in dict.fromkeys((main, *others)) if name != _UNKNOWN)


def clear_languages(text: str) -> frozenset[str]:
    """Return the languages of all stretches of a text that are clear; none for a short text.

    The time is linear in the text.
    """
    found = {
        _classify(sentence[at : at + _STRETCH], _CLEAR_ALONE)
        for sentence in _sentences(text)
        for at in range(0, len(sentence), _STRETCH)
        if len(sentence) - at >= _SENTENCE
    }
    return frozenset(found - {_UNKNOWN})


def language_at(text: str, start: int, end: int) -> str:
    """Return the language of the sentence around a place, or of the text if that is not clear."""
    begin, stop = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _BREAK.finditer(text, begin, start):
        begin = match.end()
    match_after = _BREAK.search(text, end, stop)
    stop = stop if match_after is None else match_after.start()
    found = _classify(text[begin:stop][:_SAMPLE], _CLEAR_ALONE)
    return found if found != _UNKNOWN else language_of(text)


def _sentences(text: str) -> Iterator[str]:
    at = 0
    for match in _BREAK.finditer(text):
        yield text[at : match.start()]
        at = match.end()
    yield text[at:]


def _classify(text: str, clear: int) -> str:
    """Return the language of a sample if it leads by ``clear`` steps, else "und"."""
    sample = " ".join(text.split())
    if sample.isupper():
        sample = sample.lower()
    framed = f" {sample} "
    runs = {framed[at : at + _LENGTH] for at in range(len(framed) - _LENGTH + 1)}
    weights = _weights()
    total = sum(map(weights.__getitem__, weights.keys() & runs))
    votes = _VOTES.unpack(total.to_bytes(_VOTES.size))
    first, second = sorted(votes, reverse=True)[:2]
    return LANGUAGES[votes.index(first)] if first >= second + clear else _UNKNOWN


@cache
def _weights() -> dict[str, int]:
    """Return by run its weights in all languages: two bytes each, in one number to be added."""
    lines = GRAMS.read_text(encoding="utf-8").split("\n")
    return {
        line[:_LENGTH]: int.from_bytes(line[_LENGTH:].encode("utf-16-be"), "big") for line in lines
    }
