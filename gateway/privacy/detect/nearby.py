"""What overlaps a place, without a look at all hits of a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from gateway.classifiers.protocol import Entity
from gateway.privacy.text.normalized_text import RuleMatch

_START, _END = attrgetter("start"), attrgetter("end")


def touching(hits: Sequence[RuleMatch], start: int, end: int) -> slice:
    """Return where the hits that overlap a place are; hits are in order and do not overlap.

    Without any it is the empty slice at which a hit of that place belongs.
    """
    first = bisect_right(hits, start, key=_END)
    return slice(first, max(first, bisect_left(hits, end, key=_START)))


class Nearby:
    """Hits and entities, which may overlap one another."""

    def __init__(self, found: Iterable[RuleMatch | Entity]) -> None:
        self._found = sorted(found, key=_START)
        self._longest = max((one.end - one.start for one in self._found), default=0)

    def touching(self, start: int, end: int) -> Iterator[RuleMatch | Entity]:
        """Yield those that overlap a place, by start."""
        first = bisect_left(self._found, start - self._longest, key=_START)
        for index in range(first, len(self._found)):
            one = self._found[index]
            if one.start >= end:
                return
            if one.end > start:
                yield one
