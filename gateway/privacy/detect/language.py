"""A guess at the language of a text, for reports only: detection never depends on it.

Naive Bayes over the runs of four characters that occur in a text. Their weights are a part of
py3langid's model (training/language_grams.py makes the file), loaded when they are first asked for.
"""

import re
import struct
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "pt", "tr")
_UNKNOWN = "und"
GRAMS = Path(__file__).with_name("language_grams.txt")
_LENGTH = 4
_SAMPLE = 300  # characters; so many weights of at most 125 fit in the two bytes of a language
_GLANCE = 64  # characters that are enough where they are as clear as _SURE
# Steps of an eighth of a nat between the first language and the second.
_CLEAR, _CLEAR_ALONE, _SURE = 16, 48, 120
_VOTES = struct.Struct(f">{len(LANGUAGES)}H")
_BREAK = re.compile(r"[.!?:;\n][\"')\]]*\s+|\n| [-|\u2013] ")
_READ = 4000  # characters in which further languages are looked for
_SENTENCE = 20  # characters from which on a sentence has a language of its own
_SHARE = 0.1  # of what has a language
_REACH = 200  # characters that a sentence goes on at either side of a place


def language_of(text: str) -> str:
    """One of ``LANGUAGES``, the main one of a mixed text; "und" where nothing tells."""
    if len(text) > _GLANCE:
        found = _told(text[:_GLANCE], _SURE)
        if found != _UNKNOWN:
            return found
    return _told(text[:_SAMPLE], _CLEAR)


def languages_of(text: str) -> tuple[str, ...]:
    """The languages of a message, the main one first: of a mixed one, those of whole sentences."""
    said: Counter[str] = Counter()
    for sentence in _sentences(text[:_READ]):
        if len(sentence) >= _SENTENCE:
            said[_told(sentence[:_SAMPLE], _CLEAR_ALONE)] += len(sentence)
    del said[_UNKNOWN]
    least = _SHARE * said.total()
    main = language_of(text)
    others = (language for language, size in said.most_common() if size >= least)
    return tuple(name for name in dict.fromkeys((main, *others)) if name != _UNKNOWN)


def language_at(text: str, start: int, end: int) -> str:
    """The language of the sentence around a place, of the whole text where that does not tell."""
    begin, stop = max(0, start - _REACH), min(len(text), end + _REACH)
    for match in _BREAK.finditer(text, begin, start):
        begin = match.end()
    match_after = _BREAK.search(text, end, stop)
    stop = stop if match_after is None else match_after.start()
    found = _told(text[begin:stop][:_SAMPLE], _CLEAR_ALONE)
    return found if found != _UNKNOWN else language_of(text)


def _sentences(text: str) -> Iterator[str]:
    at = 0
    for match in _BREAK.finditer(text):
        yield text[at : match.start()]
        at = match.end()
    yield text[at:]


def _told(text: str, clear: int) -> str:
    """The language of a sample, where it leads by so many steps."""
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
    """By run its weights in all languages, two bytes each in one number: they add up together."""
    lines = GRAMS.read_text(encoding="utf-8").split("\n")
    return {
        line[:_LENGTH]: int.from_bytes(line[_LENGTH:].encode("utf-16-be"), "big") for line in lines
    }
