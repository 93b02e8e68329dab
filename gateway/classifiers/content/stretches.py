"""The stretches of a text that the classifier judges: overlapping windows, and single sentences."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

WINDOW, STRIDE = 96, 48  # pieces
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")
_QUOTE = re.compile(r"[\"“”„«»]|(?<!\w)['‘]|['’](?!\w)|\n")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST, _FEWEST_ALONE = 3, 6  # words; fewer of a text or sentence say nothing


class Stretch(NamedTuple):
    """Pieces from ``start`` to ``end``, which are the code points from ``first`` to ``last``."""

    start: int
    end: int
    first: int
    last: int
    alone: bool  # whether it is one sentence among others


def stretches(text: str, places: Sequence[tuple[int, int]]) -> list[Stretch]:
    """Return windows that cover a text, and its sentences where it has several.

    A text with fewer than three words has none. A sentence counts from six words, unless it begins
    within quotation marks: there the text around it decides.

    Args:
        text: The text.
        places: Where each piece of it begins and ends, in code points.
    """
    words = [found.start() for found in _WORD.finditer(text)]
    if len(words) < _FEWEST or not places:
        return []
    starts = range(0, max(1, len(places) - STRIDE), STRIDE)
    found = [_stretch(places, one, min(one + WINDOW, len(places))) for one in starts]
    begins = [start for start, _ in places]
    # A piece begins with the space before it.
    breaks = [bisect_left(begins, gap.start()) for gap in _BREAK.finditer(text)]
    borders = sorted({0, *breaks, len(places)})
    if len(borders) > 2:  # more than one sentence
        sentences = [_stretch(places, *pair, alone=True) for pair in pairwise(borders)]
        quoted = _quoted(text, [one.first for one in sentences])
        found += [
            one
            for one, is_quoted in zip(sentences, quoted, strict=True)
            if not is_quoted
            and bisect_left(words, one.last) - bisect_left(words, one.first) >= _FEWEST_ALONE
        ]
    return found


def _stretch(
    places: Sequence[tuple[int, int]], start: int, end: int, *, alone: bool = False
) -> Stretch:
    return Stretch(start, end, places[start][0], places[end - 1][1], alone)


def _quoted(text: str, starts: list[int]) -> list[bool]:
    """Return for each place whether a quotation mark of its line is open before it."""
    marks = [(found.start(), found[0] == "\n") for found in _QUOTE.finditer(text)]
    found, is_open, at = [], False, 0
    for start in starts:
        while at < len(marks) and marks[at][0] < start:
            is_open = not marks[at][1] and not is_open
            at += 1
        found.append(is_open)
    return found
