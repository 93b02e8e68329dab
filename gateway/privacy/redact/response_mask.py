"""Take new personal data out of an answer, in pieces of any size, one way.

The text is read in windows, each cut where no value can go on. Whoever holds the mask says when a
window is full; where he counts characters, the result does not depend on how the text arrived.
Placeholders and surrogates are left for the restorer.
"""

import re
from collections.abc import Callable

from gateway.core.finding import Finding, FindingKind
from gateway.privacy.redact.vault import look_alikes, touches

_CONTEXT = 96  # what was released before counts as context
_WORD = re.compile(r"\S+")
_SIGNS = frozenset("0123456789@[(+=:/")


class AnswerMask:
    """One stream of text. ``masked`` counts what was taken out."""

    def __init__(
        self,
        scan: Callable[[str], tuple[Finding, ...]],
        known: Callable[[str], bool],
        surrogates: Callable[[str], list[tuple[int, int]]] = lambda _: [],
    ) -> None:
        """``scan`` finds by rules; ``known`` tells of a value whether the caller sent it himself.

        ``surrogates`` tells where in a text some stand.
        """
        self._scan = scan
        self._known = known
        self._surrogates = surrogates
        self._held = ""
        self._before = ""
        self.masked = 0

    @property
    def held(self) -> int:
        """How many characters were added and are not yet released."""
        return len(self._held)

    def add(self, text: str) -> None:
        """Another piece of the text."""
        self._held += text

    def release(self) -> str:
        """A part of what is held, at least one character of it, as it may go out."""
        return self._release(_cut(self._held))

    def finish(self) -> str:
        """All that is left, now that nothing follows."""
        return self._release(len(self._held)) if self._held else ""

    def _release(self, size: int) -> str:
        """Masks and releases that much; findings may begin in what went out before."""
        piece, self._held = self._held[:size], self._held[size:]
        offset = len(self._before)
        whole = self._before + piece
        self._before = whole[-_CONTEXT:]
        kept = [(start, end) for start, end, _ in look_alikes(whole)]
        kept += self._surrogates(whole)
        out, done = [], offset
        for finding in self._scan(whole):
            if (
                not finding.redactable
                or finding.end <= done
                or touches(finding.start, finding.end, kept)
            ):
                continue
            if self._known(whole[finding.start : finding.end]):
                continue
            self.masked += 1
            mark = "SECRET" if finding.kind is FindingKind.SECRET else finding.type
            out += [whole[done : max(done, finding.start)], f"[{mark}]"]
            done = finding.end
        out.append(whole[done:])
        return "".join(out)


def _cut(window: str) -> int:
    """Where a full window ends: before the words at its end that a value may begin with."""
    cut = len(window)
    least = max(1, cut // 3)
    for word in reversed(list(_WORD.finditer(window))):
        unfinished = word.end() == len(window)
        if word.start() < least or not (unfinished or _may_be_part(word.group())):
            break
        cut = word.start()
    return cut


def _may_be_part(word: str) -> bool:
    return not _SIGNS.isdisjoint(word) or (len(word) <= 4 and word.isupper())
