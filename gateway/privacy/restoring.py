"""Put values back into a stream, except where they could be carried off.

A known placeholder waits for what precedes it (``Surroundings``) and for the few characters behind
it (``_Tail``): inside a URL, or where one would go on from it, the placeholder stays.
"""

import json as json_
import unicodedata
from collections.abc import Iterable, Mapping

from gateway.core.matcher import Event, Match, StreamMatcher
from gateway.privacy.placeholders import GRAMMAR, parse
from gateway.privacy.surroundings import JsonReader, Surroundings

_TAIL = 16  # with the longest placeholder, 48 characters, that makes 64
_SIGNS = ".:\u3002\uff0e\uff61"  # the last three count as dots in host names
_UNREAD = 4096
# Shapes that something before them can make part of a word, a call or a link, and by which signs.
_OPEN_LEFT = {"bare": ("_",), "round": ("_", "]")}


class _Waiting:
    """A placeholder that may be restored, and the text behind it that decides."""

    __slots__ = ("bare", "dotted", "placeholder", "raw", "reader", "value")

    def __init__(
        self, placeholder: str, value: str, *, bare: bool, reader: JsonReader | None
    ) -> None:
        self.placeholder = placeholder
        self.value = value
        self.bare = bare
        self.raw = ""
        self.dotted = ""
        self.reader = reader

    def take(self, character: str) -> bool | None:
        """True: safe to restore; False: it stays; None: not known yet."""
        self.raw += character
        read = character if self.reader is None else self.reader.read(character)
        if read == "":
            return None
        if self.bare:
            if read == "s" and len(self.raw) == 1:
                return None
            if read.isalnum() or read == "_":
                return False
            self.bare = False
        if self.dotted:
            return self._after_sign(read)
        if read in _SIGNS:
            self.dotted = read
            return None
        if _in_host(read):
            return False if len(self.raw) >= _TAIL else None
        return read not in "@%"

    def _after_sign(self, read: str) -> bool:
        if self.dotted == ":":
            return read not in "/\\"
        return not (_in_host(read) or read == "%")

    def meets(self, placeholder: str) -> bool:
        """Whether it is safe with another placeholder right behind."""
        return not (self.bare or self.dotted) or not placeholder[0].isalnum()


def _in_host(read: str) -> bool:
    """Whether a host name can go on with it; scripts that write no spaces are left out."""
    if read.isascii():
        return read.isalnum() or read in "-_"
    return (read.isalnum() and read < "\u2e80") or unicodedata.category(read) in ("Cf", "Mn")


class Restorer:
    """One stream of text or of JSON source; any chunking gives the same result.

    ``restored``, ``unknown``, ``kept`` and ``mistyped`` count placeholders: put back, not of this
    conversation, left because of where they stand, put back under a wrong type word. At most 64
    characters are held, those of an open placeholder and of what follows it.
    """

    def __init__(self, values: Mapping[str, tuple[str, str]], *, json: bool = False) -> None:
        self._values = values
        self._json = json
        self._matcher = StreamMatcher(GRAMMAR)
        self._around = Surroundings(json=json)
        self._unread: list[str] = []
        self._waiting: _Waiting | None = None
        self._previous = ""
        self.restored = self.unknown = self.kept = self.mistyped = 0

    def feed(self, text: str) -> str:
        """What can be released now that this piece has come."""
        return "".join(self._take(self._matcher.feed(text)))

    def finish(self) -> str:
        """All that is left, now that nothing follows."""
        out = list(self._take(self._matcher.finish()))
        out += self._settle(safe=True)
        return "".join(out)

    def _take(self, events: Iterable[Event]) -> Iterable[str]:
        for event in events:
            if isinstance(event, Match):
                yield from self._placeholder(event)
            else:
                yield from self._plain(event.text)

    def _plain(self, text: str) -> Iterable[str]:
        at = 0
        while self._waiting is not None and at < len(text):
            safe = self._waiting.take(text[at])
            at += 1
            if safe is not None:
                yield from self._settle(safe=safe)
        if at < len(text):
            yield self._pass(text[at:])

    def _pass(self, text: str) -> str:
        self._unread.append(text)
        self._previous = text[-1]
        if len(self._unread) > _UNREAD:
            self._catch_up()
        return text

    def _catch_up(self) -> None:
        # Only a known placeholder asks where it stands, so most streams never pay for reading.
        for piece in self._unread:
            self._around.read(piece)
        self._unread.clear()

    def _placeholder(self, match: Match) -> Iterable[str]:
        if self._waiting is not None:
            yield from self._settle(safe=self._waiting.meets(match.text))
        type_, id_ = parse(match.text)
        known = self._values.get(id_)
        bare = match.id == "bare"
        if known is None:
            self.unknown += not bare
            yield self._pass(match.text)
            return
        self._catch_up()
        joined = match.id in _OPEN_LEFT and (
            self._previous.isalnum() or self._previous in _OPEN_LEFT[match.id]
        )
        if joined or self._around.unsafe:
            self.kept += 1
            yield self._pass(match.text)
            return
        self.mistyped += type_ != known[0]
        reader = JsonReader() if self._json else None
        self._waiting = _Waiting(match.text, known[1], bare=bare, reader=reader)

    def _settle(self, *, safe: bool) -> Iterable[str]:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        self.restored += safe
        self.kept += not safe
        value = waiting.value if safe else waiting.placeholder
        if safe and self._json:
            value = json_.dumps(value, ensure_ascii=False)[1:-1]
        yield self._pass(value)
        if waiting.raw:
            yield self._pass(waiting.raw)
