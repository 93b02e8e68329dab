"""Hashed features of words, the input of the gate; training computes the same.

Each word gives ``FEATURES`` rows of one table: from the word, its neighbours, its ending, its look
and pairs of these. The look of a word is its case and what the lexicon knows of it. Hashing instead
of a vocabulary is the method of Weinberger et al., "Feature Hashing for Large Scale Multitask
Learning", 2009.
"""

import re
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from gateway.classifiers.entities.word_pieces import (
    CASES,
    DIGIT,
    LONGEST,
    WordLexicon,
    case_of,
    plain,
    without_surrogates,
)

BITS = 17  # the table has 2 ** BITS rows
FEATURES = 14
BREAK = "\n"
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_|\n")
_ENDING = 3  # characters
_DIGITS = 9  # a longer number counts as one of this length
_CODE = 6  # characters from which letters and digits together are a code
_HEXADECIMAL = frozenset("0123456789abcdef")
_BREAK_CASE, _CASES = CASES, CASES + 1
_CACHED = 32_768  # words
_PRIME = np.uint64(1_000_003)
# Odd numbers with well mixed bits, one for each feature (multiplicative hashing).
_MIXERS = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xFF51AFD7ED558CCD,
        0xC4CEB9FE1A85EC53,
        0x94D049BB133111EB,
        0xBF58476D1CE4E5B9,
        0xA24BAED4963EE407,
        0x9FB21C651E98DF25,
        0xD1B54A32D192ED03,
        0x8CB92BA72F3D8DD7,
        0xE7037ED1A0B428DB,
        0x8EBC6AF09C88C6E3,
    ],
    np.uint64,
)


class TextWords(NamedTuple):
    """The words of a text, signs and line breaks among them: places, and three numbers of each."""

    starts: Any
    ends: Any
    numbers: Any  # [words, 3]: of the word, of its ending, of its look
    breaks: Any  # whether it is a line break


class WordReader:
    """Reads the words of texts; the numbers of recent words are kept."""

    def __init__(self, lexicon: WordLexicon) -> None:
        self._lexicon = lexicon
        self._known: dict[str, tuple[int, int, int]] = {}

    def read(self, text: str) -> TextWords:
        """Return the words of a text."""
        matches = list(_WORD.finditer(without_surrogates(text)))
        words = [match[0] for match in matches]
        self._learn(dict.fromkeys(words))
        known = self._known
        numbers = np.array([known[word] for word in words], np.uint64).reshape(len(words), 3)
        starts = np.array([match.start() for match in matches], np.int64)
        ends = starts + np.array([len(word) for word in words], np.int64)
        return TextWords(starts, ends, numbers, np.array([word == BREAK for word in words], bool))

    def _learn(self, words: Iterable[str]) -> None:
        fresh = [word for word in words if word not in self._known]
        if fresh and len(self._known) + len(fresh) > _CACHED:
            self._known.clear()
            fresh = list(words)
        codes = self._lexicon.codes([word[:LONGEST] for word in fresh])
        for word, code in zip(fresh, codes, strict=True):
            folded, case = _folded(plain(word[:LONGEST])), case_of(word)
            case = _BREAK_CASE if word == BREAK else case
            look = (0 if case == DIGIT else code) * _CASES + case
            ending = zlib.crc32(folded[-_ENDING:].encode())
            number = zlib.crc32(folded.encode())
            self._known[word] = (number, ending ^ (len(folded) > _ENDING), look)


def _folded(word: str) -> str:
    """Return a word, or one word for all numbers or codes of a length: these do not recur."""
    if word.isdigit():
        return "0" * min(len(word), _DIGITS)
    if len(word) >= _CODE and any(map(str.isdigit, word)):
        kind = "x" if _HEXADECIMAL.issuperset(word) else "y"
        return f"0{kind}{min(len(word) // 4, 10)}"
    return word


def rows_of(numbers: Any) -> Any:
    """Return rows of the table: an array [words, FEATURES] from one [words, 3]."""
    count = len(numbers)
    padded = np.zeros((count + 4, 3), np.uint64)
    padded[2:-2] = numbers
    word, ending, look = padded.T
    two_before, before, here, after, two_after = (slice(n, n + count) for n in range(5))
    with np.errstate(over="ignore"):
        case_before = look[before] * _PRIME + look[here]
        features = [
            look[here],
            word[here],
            word[before],
            word[after],
            case_before,
            look[here] * _PRIME + look[after],
            word[before] * _PRIME + look[here],
            word[after] * _PRIME + look[here],
            word[two_before] * _PRIME + look[here],
            ending[here] * _PRIME + look[here],
            case_before * _PRIME + look[after],
            word[two_before] * _PRIME + word[before],
            word[two_after] * _PRIME + look[here],
            (look[two_before] * _PRIME + look[before]) * _PRIME + look[here],
        ]
        mixed = [(one + np.uint64(n + 1)) * _MIXERS[n] for n, one in enumerate(features)]
    return np.stack([one >> np.uint64(64 - BITS) for one in mixed], axis=1).astype(np.int32)
