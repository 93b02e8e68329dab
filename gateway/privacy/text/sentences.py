"""The sentence around a place, and text without capitals around it.

A rule that judges the surroundings of a finding uses these, so that other sentences in the same
text, on the same line or not, do not change what it finds.
"""

import re

from gateway.privacy.text.normalized_text import NormalizedText

_END = re.compile(r"[.!?…:;][\"'”’)\]]{0,2}(?=\s)|\n")


def sentence_around(view: NormalizedText, start: int, end: int, reach: int) -> tuple[int, int]:
    """Return start and end of the sentence or line, at most ``reach`` characters on each side."""
    first, last = max(0, start - reach), min(len(view.text), end + reach)
    begins = [match.end() for match in _END.finditer(view.text, first, start)]
    stop = _END.search(view.text, end, last)
    return begins[-1] if begins else first, stop.start() if stop else last


def without_capitals(view: NormalizedText, start: int, end: int, reach: int) -> str:
    """Return the sentences around a place, as far as they hold no capital.

    They reach at most ``reach`` characters on each side. The result is empty where the sentence of
    the place itself holds a capital.
    """
    text, lower = view.text, view.lower
    first, last = max(0, start - reach), min(len(text), end + reach)
    if text[start:end] != lower[start:end]:
        return ""
    if text[first:start] != lower[first:start]:
        capital = max(at for at in range(first, start) if text[at] != lower[at])
        begin = _END.search(text, capital, start)
        if begin is None:
            return ""
        first = begin.end()
    if text[end:last] != lower[end:last]:
        capital = min(at for at in range(end, last) if text[at] != lower[at])
        stops = [match.start() for match in _END.finditer(text, end, capital)]
        if not stops:
            return ""
        last = stops[-1]
    return text[first:last]
