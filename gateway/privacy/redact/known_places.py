"""Find the values of a conversation in a text, whatever their number, in one pass."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ahocorasick_rs import AhoCorasick, MatchKind

Known = tuple[str, str]  # type and value
_HALF_PAIRS = re.compile("[\ud800-\udfff]")
_TO_PRIVATE = 0x10F800 - 0xD800  # the finder takes no half pair, so another sign is in its place


class KnownPlaces:
    """A search for values that become more.

    New values get an automaton of their own, which is joined with the one before it when it is not
    smaller. So all values together are compiled a few times only, and few automata are searched.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[AhoCorasick, Sequence[Known]]] = []
        self._size = 0

    def update(self, values: dict[Known, str]) -> None:
        """Add what the keys have more than at the last update; none is ever taken out."""
        new = list(islice(reversed(values), len(values) - self._size))
        self._size = len(values)
        if not new:
            return
        while self._parts and len(self._parts[-1][1]) <= len(new):
            new += self._parts.pop()[1]
        written = [_readable(value) for _, value in new]
        finder = AhoCorasick(written, matchkind=MatchKind.Standard, store_patterns=False)
        self._parts.append((finder, new))

    def places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and type of each value; places of the same value do not overlap."""
        readable = _readable(text)
        for finder, values in self._parts:
            ends: dict[int, int] = {}  # where the last place of a value ends
            for number, start, end in finder.find_matches_as_indexes(readable, overlapping=True):
                if start >= ends.get(number, 0):
                    ends[number] = end
                    yield start, end, values[number][0]


class Stretches:
    """Stretches of a text, to tell which others overlap them."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(stretches):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touch(self, first: int, last: int) -> bool:
        """Whether one of them overlaps a stretch."""
        at = bisect_right(self._ends, first)
        return at < len(self._ends) and self._starts[at] < last


def _readable(text: str) -> str:
    if text.isascii():
        return text
    return _HALF_PAIRS.sub(lambda found: chr(ord(found[0]) + _TO_PRIVATE), text)
