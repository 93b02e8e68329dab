"""Fold a text for comparison with an organisation's terms: case, width and spacing do not count."""

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache

from gateway.core.text.look_alikes import LOOK_ALIKES
from gateway.privacy.text.normalized_text import NormalizedText, is_word

_STRANGE = re.compile(r"[^\x00-\x7f]+")
_RUN = re.compile(r"\s{2,}")
# Invisible marks that normalisation keeps: variation selectors and the grapheme joiner.
_INVISIBLE = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x34F)))


class Folded:
    """The folded ``text``, with a map to the offsets of the view."""

    __slots__ = ("_folded", "_lower", "_odd", "_places", "_runs", "text")

    def __init__(self, view: NormalizedText) -> None:
        self._lower = view.lower
        self._odd = False  # whether a character folds to none or to several
        self._folded = view.lower if view.lower.isascii() else self._fold(view.lower)
        self._places: list[int] | None = None
        self._runs: tuple[list[int], list[int]] | None = None
        self.text = " ".join(self._folded.split())

    def _fold(self, text: str) -> str:
        for character in set("".join(_STRANGE.findall(text))):
            read = _read(character)
            if read != character:
                self._odd = self._odd or len(read) != 1
                text = text.replace(character, read)
        return text

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether a stretch begins and ends with whole words."""
        text = self.text
        if start and is_word(text[start - 1]) and is_word(text[start]):
            return False
        return end == len(text) or not (is_word(text[end]) and is_word(text[end - 1]))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the view of a stretch of whole words."""
        if len(self.text) != len(self._folded):
            start, end = self._spaced(start), self._spaced(end - 1) + 1
        if not self._odd:
            return start, end
        if self._places is None:
            self._places = [at for at, one in enumerate(self._lower) for _ in _read(one)]
        return self._places[start], self._places[end - 1] + 1

    def _spaced(self, index: int) -> int:
        """Return the index of a character before runs of white space became one space."""
        if self._runs is None:
            self._runs = self._shifts()
        after, shifts = self._runs
        return index + shifts[bisect_left(after, index)]

    def _shifts(self) -> tuple[list[int], list[int]]:
        """Return for each run its place in ``text``, and the characters removed up to it."""
        lead = len(self._folded) - len(self._folded.lstrip())
        after, shifts = [], [lead]
        for run in _RUN.finditer(self._folded, lead):
            after.append(run.start() - shifts[-1])
            shifts.append(shifts[-1] + run.end() - run.start() - 1)
        return after, shifts


def canonical(term: str) -> str:
    """Return the form that all spellings of a term share."""
    return Folded(NormalizedText(term)).text


@lru_cache(maxsize=4096)
def _read(character: str) -> str:
    """Return the folded form of a character in lower case."""
    if character in _INVISIBLE:
        return ""
    latin = LOOK_ALIKES.get(character, character)
    return unicodedata.normalize("NFKC", latin).casefold()
