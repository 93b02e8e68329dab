"""Content-defined chunks: after an edit only the chunks that it touched are new.

A chunk ends where the content says so (a hash of its last unit), not at a fixed distance, so that
the borders behind an edit fall in step with the old ones again. The method is that of low-bandwidth
file systems (Muthitacharoen et al., SOSP 2001), with lines, sentences and JSON values as units.
"""

import re
import zlib
from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import NamedTuple

WHOLE = 2048  # characters up to which a text is one chunk
_LEAST = 512  # characters of a chunk, except the last
_MOST = 1600
_CONTEXT = 120  # characters before a chunk that the classifier reads with it
_ONE_IN = 8  # lines after which a chunk may end
_SEARCHED = 4096
# Characters of a unit that its hash covers. For more than 5 KiB zlib lets go of the interpreter,
# and a thread that does so all the time starves the event loop.
_HASHED = 1024
_LONGEST_UNIT = 200  # a longer one is divided at words
# A line, a sentence, or a value in JSON. A full stop within a word or a number ends nothing.
_END = re.compile(r"\n{1,80}|[.!?;][^\S\n]{1,80}|[}\]]{1,80},?[^\S\n]{0,80}")
_WORD_AND_SPACE = re.compile(r"\S{1,100}\s{0,80}|\s{1,80}")
_WORD, _SENTENCE, _LINE = range(3)  # ranks of borders


class Chunk(NamedTuple):
    """A stretch of a text; the classifier also reads what lies from ``context`` to ``start``."""

    context: int
    start: int
    end: int


_Unit = tuple[int, int, int]  # end, rank, and hash of what it holds


def cut(text: str) -> list[Chunk]:
    """Return the chunks of a text, in order; they are adjacent and cover all of it."""
    if len(text) <= WHOLE:
        return [Chunk(0, 0, len(text))] if text else []
    units = list(_units(text))
    borders = [0, *_borders(units)]
    starts = [0, *[end for end, _, _ in units]]
    return list(_with_context(text, borders, starts))


def _borders(units: list[_Unit]) -> Iterator[int]:
    first, start = 0, 0
    while first < len(units):
        last = _last_unit(units, first, start)
        start = units[last][0]
        yield start
        first = last + 1


def _last_unit(units: list[_Unit], first: int, start: int) -> int:
    """Return the unit that ends the chunk: the first that its hash chooses, else the best."""
    best: tuple[int, int, int] | None = None
    for at in range(first, len(units)):
        end, rank, digest = units[at]
        if end - start > _MOST:
            return best[2] if best else max(first, at - 1)
        if end - start >= _LEAST:
            if rank == _LINE and digest % _ONE_IN == 0:
                return at
            best = min(best or (1, 0, at), (-rank, digest, at))
    return len(units) - 1


def _with_context(text: str, borders: list[int], starts: list[int]) -> Iterator[Chunk]:
    at = 0
    for start, end in pairwise(borders):
        while starts[at] < start - _CONTEXT:
            at += 1
        context = starts[at]
        if context == start and start:  # the unit before is longer: read its last words
            space = text.find(" ", start - _CONTEXT, start)
            context = start if space < 0 else space + 1
        yield Chunk(context, start, end)


def _units(text: str) -> Iterator[_Unit]:
    data = text.encode("utf-32-le", "surrogatepass")  # four bytes a character: cheap to slice
    before = start = 0  # a hash covers two units: single ones such as a bracket recur
    while start < len(text):
        end, rank = _unit_end(text, start)
        if end - start > _LONGEST_UNIT:
            start = yield from _words(text, data, start, end)
        hashed = max(before, end - _HASHED)
        yield end, rank, zlib.crc32(data[4 * hashed : 4 * end])
        before, start = start, end


def _unit_end(text: str, start: int) -> tuple[int, int]:
    """Return where a unit ends, and the rank of its end.

    One search covers so few characters that it never holds the interpreter for long.
    """
    stop = start + _SEARCHED
    match = _END.search(text, start, stop)
    if match is not None:
        return match.end(), _LINE if match[0][0] == "\n" else _SENTENCE
    if stop >= len(text):
        return len(text), _LINE
    space = text.rfind(" ", start, stop)
    return (stop if space < 0 else space + 1), _WORD


def _words(text: str, data: bytes, start: int, end: int) -> Generator[_Unit, None, int]:
    """Yield the words of a long unit, except the last; return where that begins."""
    for match in _WORD_AND_SPACE.finditer(text, start, end):
        if match.end() == end:
            return match.start()
        yield match.end(), _WORD, zlib.crc32(data[4 * match.start() : 4 * match.end()])
    return start
