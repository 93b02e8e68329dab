"""What the caller wrote around each value, as the provider got it.

A model that writes a link or a command of the caller again writes it as it was sent. So a value in
one comes back where the text of the answer from where the link or command begins, and on to its
end, stands so in the request, beside the placeholder of the same value.

A tool shows lines with numbers, a patch marks those it adds: how a line is led in is not what it
says, so lines are compared from there on.
"""

import re
from collections.abc import Iterable, Iterator

_KEY = 8  # characters of a line before a value by which its places are found
_LOOKED_BACK = 64  # characters in which the line of a key may begin
Place = tuple[str, int]  # a text, and where the value begins in it
_MOST = 32  # places of one value after the same characters that are compared
_LARGEST_BY_LINES = 8192  # characters before a value that are compared line by line
# These end an address; what follows them cannot change where it leads.
_ENDS = frozenset(' \t\n\r\f\v\0"`<>()[],')
# No letter, dot or slash, and no more digits than a host that cannot be reached: what leads a line
# in names nothing.
_LEAD = re.compile("[ \t]*(?:[\u2192|:+\\-]*[ \t]*\\d){0,6}[ \t\u2192|:+\\-]*")


class CallerText:
    """The places of replaced values in the texts of a request, in redacted form."""

    def __init__(self) -> None:
        self._added: list[tuple[str, Iterable[tuple[int, int]]]] = []
        self._after: dict[tuple[str, str], list[Place]] = {}  # by value, and the text before it
        self._all: dict[str, list[Place]] = {}

    def add(self, text: str, places: Iterable[tuple[int, int]]) -> None:
        """Add the start and end of each replaced value in a redacted text."""
        self._added.append((text, places))  # few answers ask for one

    def find(self, placeholder: str, before: str) -> Iterator[Place]:
        """Yield where the caller wrote the value after this text."""
        self._index()
        if len(before) < _KEY:
            found = self._all.get(placeholder, [])
        else:
            found = self._after.get((placeholder, _key(before, len(before))), [])
        for text, at in found:
            if text.endswith(before, 0, at) or _stands_before(text, at, before):
                yield text, at

    def _index(self) -> None:
        for text, places in self._added:
            for start, end in places:
                value = text[start:end]
                for known in (
                    self._after.setdefault((value, _key(text, start)), []),
                    self._all.setdefault(value, []),
                ):
                    if len(known) < _MOST:
                        known.append((text, start))
        self._added.clear()


def past_lead(text: str, at: int = 0) -> int:
    """Return where a line that begins at a place says something."""
    lead = _LEAD.match(text, at)
    return lead.end() if lead else at


def copied(text: str, at: int, said: str) -> tuple[int, int]:
    """Return how much of ``said`` stands in a text from a place on, and where it ends there."""
    done = 0
    while done < len(said):
        end = said.find("\n", done) + 1 or len(said)
        size = _common(text, at, said[done:end])
        done, at = done + size, at + size
        if done < end:
            break
        if said[end - 1] == "\n":
            done, at = past_lead(said, done), past_lead(text, at)
    return done, at


def address_end(text: str) -> int | None:
    """Return the size of what continues an address, with its end; None if it does not end."""
    for size, character in enumerate(text, start=1):
        if character in _ENDS:
            return size
    return None


def _key(text: str, at: int) -> str:
    window = text[max(0, at - _LOOKED_BACK) : at]
    line = window[window.rfind("\n") + 1 :]
    if len(line) < len(window) or at <= _LOOKED_BACK:
        line = line[past_lead(line) :]
    return line[-_KEY:]


def _stands_before(text: str, at: int, before: str) -> bool:
    """Return whether the lines of ``before`` stand before a place, however they are led in."""
    first, newline, _ = before.partition("\n")
    if not newline or len(before) > _LARGEST_BY_LINES:
        return False
    begin = at
    for _ in range(before.count("\n")):
        begin = text.rfind("\n", 0, begin)
        if begin < 0:
            return False
    begin -= len(first)
    return begin >= 0 and copied(text, begin, before) == (len(before), at)


def _common(text: str, at: int, said: str) -> int:
    if text.startswith(said, at):
        return len(said)
    there = text[at : at + len(said)]
    return next(
        (n for n, (a, b) in enumerate(zip(there, said, strict=False)) if a != b), len(there)
    )
