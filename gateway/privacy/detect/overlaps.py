"""Settle the overlaps of rules, so that no part of a name is left in the text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

from msgspec.structs import replace

from gateway.privacy.lexicons.names import PARTICLES
from gateway.privacy.text import normalized_text
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch


def settle(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """Return the hits without overlaps, sorted by start.

    Of two names that overlap in part, the rest of the weaker one stays a name: in ``Sanne de Vries
    Jan Bakker`` two rules may each take ``Jan``. A stronger name within a longer one replaces it.
    """
    chosen = normalized_text.settle(hits)
    names = [hit for hit in hits if hit.type == "PERSON"] if len(chosen) < len(hits) else []
    while rests := _rests(view, chosen, names):
        chosen = normalized_text.settle([*chosen, *rests])
    return chosen


def _rests(
    view: NormalizedText, chosen: Sequence[RuleMatch], names: Sequence[RuleMatch]
) -> list[RuleMatch]:
    """Return the parts of names that no chosen hit covers; each overlaps none of those."""
    starts = [hit.start for hit in chosen]
    ends = [hit.end for hit in chosen]
    rests = []
    for name in names:
        at = bisect_right(starts, name.start) - 1
        if at >= 0 and name.end <= ends[at]:
            continue
        over = chosen[bisect_right(ends, name.start) : bisect_left(starts, name.end)]
        if any(hit.type != "PERSON" or _replaces(hit, name) for hit in over):
            continue
        taken = [(hit.start, hit.end) for hit in over]
        rests += [
            replace(name, start=start, end=end)
            for start, end in uncovered(view.text, name.start, name.end, taken)
        ]
    return rests


def _replaces(hit: RuleMatch, name: RuleMatch) -> bool:
    return hit.strength > name.strength and name.start <= hit.start and hit.end <= name.end


def uncovered(
    text: str, start: int, end: int, taken: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a name that hold a word of it and lie in none of the stretches.

    ``taken`` is sorted and its stretches do not overlap.
    """
    for first, last in taken[bisect_right(taken, start, key=itemgetter(1)) :]:
        if first >= end:
            break
        yield from _part(text, start, first)
        start = last
    yield from _part(text, start, end)


def _part(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    words = text[start:end].split()
    if any(len(word) > 1 and word.lower() not in PARTICLES for word in words):
        yield start, end
