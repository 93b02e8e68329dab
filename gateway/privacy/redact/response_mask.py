"""Mask new personal data in an answer; any chunking gives the same result.

The text is scanned in windows, each cut where no value can continue. The holder of the mask decides
when a window is full; if it counts characters, the result does not depend on the chunks.
Placeholders and surrogates are left for the restorer.
"""

import re
from collections.abc import Callable

from gateway.core.finding import Finding, FindingKind, is_unread
from gateway.privacy.redact.vault import UNREAD_TEXT, look_alikes, touches

_CONTEXT = 96  # characters of released text that serve as context
_WORD = re.compile(r"\S+")
_SIGNS = frozenset("0123456789@[(+=:/")


class AnswerMask:
    """One stream of text. ``masked`` counts the masked values."""

    def __init__(
        self,
        scan: Callable[[str], tuple[Finding, ...]],
        known: Callable[[str], bool],
        surrogates: Callable[[str], list[tuple[int, int]]] = lambda _: [],
    ) -> None:
        """``scan`` finds by rules; ``known`` tells whether the request contained a value.

        ``surrogates`` returns the places of surrogates in a text.
        """
        self._scan = scan
        self._known = known
        self._surrogates = surrogates
        self._held = ""
        self._before = ""
        self.masked = 0

    @property
    def held(self) -> int:
        """The number of characters that were added and are not yet released."""
        return len(self._held)

    def add(self, text: str) -> None:
        """Add another piece of the text."""
        self._held += text

    def release(self) -> str:
        """Return a masked part of the held text, of at least one character."""
        return self._release(_cut(self._held))

    def finish(self) -> str:
        """Return the rest at the end of the text."""
        return self._release(len(self._held)) if self._held else ""

    def _release(self, size: int) -> str:
        """Mask and release so many characters; findings may begin in released text."""
        piece, self._held = self._held[:size], self._held[size:]
        offset = len(self._before)
        whole = self._before + piece
        self._before = whole[-_CONTEXT:]
        findings = self._scan(whole)
        if is_unread(findings):
            self.masked += 1
            return UNREAD_TEXT
        kept = [(start, end) for start, end, _ in look_alikes(whole)]
        kept += self._surrogates(whole)
        out, done = [], offset
        for finding in findings:
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
    """Return where to cut a full window: before words at its end that may begin a value."""
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
