"""Restore values in a stream, except where they could be sent elsewhere.

A known placeholder waits for the text before it (``MarkupContext``) and the text after it
(``Lookahead``): within a URL, or where one would continue from it, the placeholder stays, unless
the caller wrote that URL (``CallerText``). The same holds for surrogates, which are matched first.
"""

import json as json_
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.text.matcher import Event, Match, StreamMatcher
from gateway.privacy.pseudonyms.placeholders import GRAMMAR, JSON_GRAMMAR, parse
from gateway.privacy.pseudonyms.surrogates import SURROGATE, SurrogateMap, SurrogateMatcher
from gateway.privacy.restore.caller_text import CallerText, Place, address_end, copied
from gateway.privacy.restore.exfiltration_patterns import LEADS_NOWHERE, SENDS, as_read
from gateway.privacy.restore.fetch_extent import FetchExtent
from gateway.privacy.restore.json_source import JsonReader, joined
from gateway.privacy.restore.lookahead import Lookahead
from gateway.privacy.restore.markup_context import MarkupContext

LONGEST_HELD = 64
_MOST_UNSCANNED = 4096
_BESIDE_SURROGATES = 24  # characters that wait for a caller's text, so that the next is still found
# Shapes that a sign before them can make part of a word, a call or a link, and these signs.
_OPEN_LEFT: dict[str, tuple[str, ...]] = {"bare": ("_",), "round": ("_", "]"), SURROGATE: ()}


@dataclass(slots=True)
class _Waiting:
    """A placeholder as it was written and as it reads, and its value.

    ``lookahead`` decides on the text after it, once; where that or the text before makes it unsafe
    it is restored only as in a text of the caller, from ``begins`` on. ``runs``: the rest of the
    code that it is in decides.
    """

    written: str
    placeholder: str
    value: str
    begins: int
    lookahead: Lookahead | None
    in_code: bool
    in_span: bool
    prints: bool
    sends: FetchExtent | None
    safe: bool = False
    runs: bool = False


class _Copied(NamedTuple):
    """A stretch of a text of the caller, in the answer from ``begins`` to ``at``.

    It ends at ``end`` of that text.
    """

    text: str
    end: int
    at: int
    begins: int


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
        code: bool | None = None,
        caller: CallerText | None = None,
        restores: bool = True,
    ) -> None:
        """``code``: for a program of the caller, as JSON is unless it says otherwise.

        ``caller`` is what the request holds; without ``restores`` placeholders are only counted.
        """
        self._values = values
        self._surrogates = surrogates
        self._words = surrogates.matcher(json=json) if surrogates else None
        self._json = json
        self._caller = caller
        self._restores = restores
        self._matcher = StreamMatcher(JSON_GRAMMAR if json else GRAMMAR)
        self._around = MarkupContext(json=json, code=code)
        self._unscanned: list[str | tuple[str, str]] = []  # texts; values, for what was sent
        self._waiting: _Waiting | None = None
        self._copied: _Copied | None = None  # up to the last value that was the caller's
        self._queue: deque[Event] = deque()  # events after the waiting placeholder
        self.restored = self.unknown = self.kept = 0

    @property
    def held(self) -> int:
        """The number of characters that were fed and are not yet released or replaced."""
        waiting = len(self._waiting.written) if self._waiting else 0
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
                safe = self._decide(self._waiting, final=final)
                if safe is None:
                    return
                waiting, self._waiting = self._waiting, None
                yield self._settle(waiting, safe=safe)
            elif not self._queue:
                return
            else:
                event = self._queue.popleft()
                if isinstance(event, Match) and (lead := self._lead(event)):
                    yield self._pass(event.text[:lead])
                    event = Match(event.id, event.text[lead:])
                if not isinstance(event, Match) or not self._may_wait(event):
                    yield self._pass(event.text)

    def _text_after(self) -> str:
        text = ""
        for event in self._queue:
            text += event.text[:LONGEST_HELD]
            if len(text) >= LONGEST_HELD:
                return text
        return text + self._matcher.held + (self._words.held if self._words else "")

    def _decide(self, waiting: _Waiting, *, final: bool) -> bool | None:
        """Return whether a placeholder is restored; None while the text after it is too short."""
        text = self._text_after()
        if waiting.lookahead is not None:
            safe = waiting.lookahead.read(text)
            if safe is None and not final:
                return None
            waiting.safe = safe is not False
            waiting.runs = waiting.lookahead.runs and not waiting.safe
            waiting.lookahead = None
        if waiting.safe and not self._may_be_sent_on(waiting, text):
            return True
        if waiting.begins < 0 or (self._caller is None and not waiting.safe):
            return False
        # It may lead somewhere, so only the caller's own comes back.
        whole = final or len(text) >= self._room(waiting)
        after = self._after(waiting, text)
        line, ended, _ = after.partition("\n")
        line, closed, _ = line.partition("\0")
        if waiting.safe or waiting.runs:
            if not (ended or closed or whole):
                return None
            if waiting.safe and not SENDS.search(as_read(line)):
                return True
            return bool(ended or closed or final) and self._is_callers(waiting, line)
        size = address_end(after)
        if size is None and not whole:
            return None
        if waiting.sends is None:
            return self._is_callers(waiting, line[:size])
        rest, closed, _ = after.partition("`" if waiting.in_span else "\0")
        end = waiting.sends.rest(self._around.since(waiting.sends.at), rest)
        if end is None and not (closed or whole):
            return None
        ends = final or closed or end is not None
        return self._is_callers(waiting, rest[:end], size, ends=bool(ends))

    def _is_callers(
        self, waiting: _Waiting, after: str, least: int | None = None, *, ends: bool = False
    ) -> bool:
        """Return whether a text of the caller stands so, as far back as ``waiting.begins``.

        It has at least so many characters of ``after``, and all of it but for what leads nowhere.
        ``ends``: nothing comes after that.
        """
        size, here = len(waiting.placeholder), self._around.at
        for (text, at), begins in self._places(waiting, here):
            done, _ = copied(text, at + size, after)
            if done < len(after):
                if not ends or least is None or done < min(least, len(after)):
                    continue
                if not LEADS_NOWHERE.fullmatch(after, done):
                    continue
            self._copied = _Copied(text, at + size, here + size, begins)
            self._around.copied(text, at)
            return True
        return False

    def _places(self, waiting: _Waiting, here: int) -> Iterator[tuple[Place, int]]:
        """Yield where the caller wrote all before a value, and from where on that was compared."""
        begins, last = waiting.begins, self._copied
        if last is not None and last.begins <= begins <= here:
            between = self._around.since(last.at)
            if between is not None:
                done, at = copied(last.text, last.end, between)
                if done == len(between) and last.text.startswith(waiting.placeholder, at):
                    yield (last.text, at), last.begins
        before = self._around.since(begins)
        if before is not None and self._caller is not None:
            for place in self._caller.find(waiting.placeholder, before):
                yield place, begins

    def _may_be_sent_on(self, waiting: _Waiting, text: str) -> bool:
        """Return whether the rest of a line of code may send the value on."""
        return waiting.prints or (waiting.in_code and text[:1] == "|")

    def _after(self, waiting: _Waiting, text: str) -> str:
        return self._read(text[: self._room(waiting)])

    def _room(self, waiting: _Waiting) -> int:
        room = LONGEST_HELD - len(waiting.written)
        return min(room, _BESIDE_SURROGATES) if self._words is not None else room

    def _read(self, text: str) -> str:
        return joined("".join(JsonReader().decode(text))) if self._json else text

    def _pass(self, text: str, sent: str = "") -> str:
        self._unscanned.append((text, sent) if sent else text)
        if len(self._unscanned) > _MOST_UNSCANNED:
            self._catch_up()
        return text

    def _catch_up(self) -> None:
        # Only a known placeholder needs its context, so most streams do not pay for the scan.
        for piece in self._unscanned:
            if isinstance(piece, str):
                self._around.read(piece)
            else:
                self._around.read_value(*piece)
        self._unscanned.clear()

    def _lead(self, match: Match) -> int:
        """Return the size of a backslash that only stands before a placeholder, as in a path."""
        size = 2 if self._json else 1
        escape = "\\" * size
        text = match.text
        leads = text.startswith(escape + "[") and not text.endswith(escape + "]")
        return size if leads else 0

    def _may_wait(self, match: Match) -> bool:
        """Whether it has a value that may be restored at its position."""
        text = self._read(match.text) if "\\" in match.text else match.text
        if match.id == SURROGATE and self._surrogates:
            return self._wait(match, text, self._surrogates.value_of(match.text))
        _, id_ = parse(text)
        known = self._values.get(id_)
        bare = match.id == "bare"
        if known is None:
            self.unknown += not bare
            return False
        return self._wait(match, text, known[1])

    def _wait(self, match: Match, placeholder: str, value: str) -> bool:
        if not self._restores:
            self.kept += 1
            return False
        self._catch_up()
        around = self._around
        last = around.last
        joined = match.id in _OPEN_LEFT and (last.isalnum() or last in _OPEN_LEFT[match.id])
        begins = around.begins
        if joined or (begins is not None and self._caller is None):
            self.kept += 1
            return False
        lookahead = None
        if begins is None:
            lookahead = Lookahead(
                LONGEST_HELD - len(match.text),
                bare=match.id == "bare",
                code=around.code,
                json=self._json,
            )
        self._waiting = _Waiting(
            match.text,
            placeholder,
            value,
            around.at if begins is None else around.past_lead(min(begins, around.near())),
            lookahead,
            around.in_code,
            around.in_span,
            around.prints,
            None if begins is None else around.sends(),
        )
        return True

    def _settle(self, waiting: _Waiting, *, safe: bool) -> str:
        self.restored += safe
        self.kept += not safe
        if not safe:
            return self._pass(waiting.written)
        value = waiting.value
        source = json_.dumps(value, ensure_ascii=False)[1:-1] if self._json else value
        return self._pass(source, waiting.placeholder)
