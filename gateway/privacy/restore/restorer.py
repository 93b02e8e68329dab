"""Restore values in a stream, except where they could be sent elsewhere.

A known placeholder waits for the text before it (``MarkupContext``) and the text after it
(``Lookahead``): within a URL, or where one would continue from it, the placeholder stays. The same
holds for surrogates, which are matched first.
"""

import json as json_
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from gateway.core.text.matcher import Event, Match, StreamMatcher
from gateway.privacy.pseudonyms.placeholders import GRAMMAR, JSON_GRAMMAR, parse
from gateway.privacy.pseudonyms.surrogates import SURROGATE, SurrogateMap, SurrogateMatcher
from gateway.privacy.restore.json_source import JsonReader
from gateway.privacy.restore.lookahead import Lookahead
from gateway.privacy.restore.markup_context import MarkupContext

LONGEST_HELD = 64
_MOST_UNSCANNED = 4096
# Shapes that a sign before them can make part of a word, a call or a link, and these signs.
_OPEN_LEFT: dict[str, tuple[str, ...]] = {"bare": ("_",), "round": ("_", "]"), SURROGATE: ()}


class Restorer:
    """One stream of text or of JSON source; any chunking gives the same result.

    ``restored``, ``unknown`` and ``kept`` count placeholders: restored, of another conversation,
    kept because of their position. Fewer than LONGEST_HELD characters are held: a waiting
    placeholder looks ahead only within that limit, and all text after it counts.
    """

    def __init__(
        self,
        values: Mapping[str, tuple[str, str]],
        surrogates: SurrogateMap | None = None,
        *,
        json: bool = False,
    ) -> None:
        self._values = values
        self._surrogates = surrogates
        self._words = surrogates.matcher(json=json) if surrogates else None
        self._json = json
        self._matcher = StreamMatcher(JSON_GRAMMAR if json else GRAMMAR)
        self._around = MarkupContext(json=json)
        self._unscanned: list[str] = []
        self._waiting: tuple[str, str, Lookahead] | None = (
            None  # placeholder, value, the text after it
        )
        self._queue: deque[Event] = deque()  # events after the waiting placeholder
        self.restored = self.unknown = self.kept = 0

    @property
    def held(self) -> int:
        """The number of characters that were fed and are not yet released or replaced."""
        waiting = len(self._waiting[0]) if self._waiting else 0
        queued = sum(len(event.text) for event in self._queue)
        return (
            waiting
            + queued
            + len(self._matcher.held)
            + (len(self._words.held) if self._words else 0)
        )

    def feed(self, text: str) -> str:
        """Return the text that can be released after this piece."""
        if self._words is not None:
            return "".join(self._with_surrogates(self._words, text))
        self._queue += self._matcher.feed(text)
        return "".join(self._release(final=False))

    def finish(self) -> str:
        """Return the rest at the end of the stream."""
        if self._words is not None:
            self._add(self._words.finish())
        self._queue += self._matcher.finish()
        return "".join(self._release(final=True))

    def _with_surrogates(self, words: SurrogateMatcher, text: str) -> Iterator[str]:
        # In steps, so that the limit applies at the same place for any chunking.
        at = 0
        while at < len(text):
            room = max(1, LONGEST_HELD - 1 - self.held)
            self._add(words.feed(text[at : at + room]))
            yield from self._release(final=False)
            at += room
            if self.held >= LONGEST_HELD - 1:
                self._add(words.give_up())
                yield from self._release(final=False)

    def _add(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Match):
                self._queue += self._matcher.finish()
                self._queue.append(event)
            else:
                self._queue += self._matcher.feed(event.text)

    def _release(self, *, final: bool) -> Iterator[str]:
        while True:
            if self._waiting is not None:
                placeholder, value, lookahead = self._waiting
                safe = lookahead.read(self._text_after())
                if safe is None and not final:
                    return
                self._waiting = None
                yield self._settle(placeholder, value, safe=safe is not False)
            elif not self._queue:
                return
            else:
                event = self._queue.popleft()
                if not isinstance(event, Match) or not self._may_wait(event):
                    yield self._pass(event.text)

    def _text_after(self) -> str:
        text = ""
        for event in self._queue:
            text += event.text[:LONGEST_HELD]
            if len(text) >= LONGEST_HELD:
                return text
        return text + self._matcher.held + (self._words.held if self._words else "")

    def _pass(self, text: str) -> str:
        self._unscanned.append(text)
        if len(self._unscanned) > _MOST_UNSCANNED:
            self._catch_up()
        return text

    def _catch_up(self) -> None:
        # Only a known placeholder needs its context, so most streams do not pay for the scan.
        for piece in self._unscanned:
            self._around.read(piece)
        self._unscanned.clear()

    def _may_wait(self, match: Match) -> bool:
        """Whether it has a value that may be restored at its position."""
        text = match.text
        if match.id == SURROGATE and self._surrogates:
            return self._wait(match, self._surrogates.value_of(text))
        if self._json and "\\" in text:
            reader = JsonReader()
            text = "".join(map(reader.read, text))
        _, id_ = parse(text)
        known = self._values.get(id_)
        bare = match.id == "bare"
        if known is None:
            self.unknown += not bare
            return False
        return self._wait(match, known[1])

    def _wait(self, match: Match, value: str) -> bool:
        self._catch_up()
        last = self._around.last
        joined = match.id in _OPEN_LEFT and (last.isalnum() or last in _OPEN_LEFT[match.id])
        if joined or self._around.unsafe:
            self.kept += 1
            return False
        room = LONGEST_HELD - len(match.text)
        lookahead = Lookahead(
            room, bare=match.id == "bare", code=self._around.code, json=self._json
        )
        self._waiting = match.text, value, lookahead
        return True

    def _settle(self, placeholder: str, value: str, *, safe: bool) -> str:
        self.restored += safe
        self.kept += not safe
        if not safe:
            return self._pass(placeholder)
        return self._pass(json_.dumps(value, ensure_ascii=False)[1:-1] if self._json else value)
