"""Documents in a request, read before anything is decided. What departs is their text.

Files hold more than a reader sees (properties, hidden layers, pictures), and nothing can be
redacted in place. So the text of a document replaces the document, as any other text. A document
that cannot be read stays as it is: unread, for internal deployments only.
"""

import asyncio
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec

from gateway.core.fields import dotted
from gateway.privacy.documents import ExtractedDocument
from gateway.request.context import ParsedRequest

MOST = 16  # documents of one request that are read
_PARALLEL = 2
_ROOM = 8 * 1024 * 1024  # bytes of text that are kept
_KEPT_S = 1800.0
_LEFT_OUT = "\n\n(Pictures and other parts that are not text were left out.)"


class ReadText(Protocol):
    """The text of a file, None where it cannot be read."""

    def __call__(self, file_data: str, *, seconds: float) -> ExtractedDocument | None: ...


class DocumentExtractor:
    """Reads documents beside the event loop, a few at a time, until a deadline."""

    def __init__(
        self, read: ReadText, *, key: bytes, deadline_s: float, clock: Callable[[], float]
    ) -> None:
        """``key`` hides what is remembered; ``deadline_s`` is for all documents of one request."""
        self._read = read
        self._deadline_s = deadline_s
        self._clock = clock
        self._threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="documents")
        self._kept = _Kept(key, clock)

    async def as_text(self, request: ParsedRequest) -> ParsedRequest:
        """The request, with the text of each readable document in the document's place."""
        parts = [(path, request.dialect.document(request.body, path)) for path in request.documents]
        found = await self._read_all([part.data for _, part in parts if part.data][:MOST])
        read = [
            (dotted(path), part, document)
            for path, part in parts
            if (document := found.get(part.data))
        ]
        replaced = {place for place, _, _ in read}
        complete = {place for place, _, document in read if document.complete}
        texts = [part.replace(_text_of(document)) for _, part, document in read]
        return msgspec.structs.replace(
            request,
            texts=list(dict.fromkeys([*request.texts, *texts])),
            dropped=[*request.dropped, *(place for place, _, _ in read)],
            inside_only=[place for place in request.inside_only if place not in replaced],
            unread=[place for place in request.unread if place not in complete],
        )

    def close(self) -> None:
        """Begins no more; what is being read ends by its own deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _read_all(self, wanted: Sequence[str]) -> dict[str, ExtractedDocument]:
        """What each file says; a file that was not read in time is not in it."""
        known = {data: self._kept.get(data) for data in wanted}
        loop = asyncio.get_running_loop()
        reading = {
            data: loop.run_in_executor(self._threads, self._timed, data)
            for data, kept in known.items()
            if kept is None
        }
        try:
            if reading:
                await asyncio.wait(reading.values(), timeout=self._deadline_s)
        finally:  # also when the caller has left: what did not begin, does not begin
            for future in reading.values():
                future.cancel()
        for data, future in reading.items():
            if not future.cancelled():
                known[data] = self._remembered(data, *future.result())
        return {data: kept.document for data, kept in known.items() if kept and kept.document}

    def _timed(self, data: str) -> tuple[ExtractedDocument | None, float]:
        began = self._clock()
        return self._read(data, seconds=self._deadline_s), self._clock() - began

    def _remembered(
        self, data: str, document: ExtractedDocument | None, took_s: float
    ) -> "_Outcome":
        outcome = _Outcome(document)
        if document or took_s < self._deadline_s:  # one that only took too long is tried again
            self._kept.put(data, outcome)
        return outcome


class _Outcome(msgspec.Struct, frozen=True):
    """How reading ended; without a document it cannot be read."""

    document: ExtractedDocument | None

    @property
    def size(self) -> int:
        return 256 + (sys.getsizeof(self.document.text) if self.document else 0)


class _Kept:
    """Outcomes by keyed hash, for half an hour and up to a size in all; the first go first."""

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        self._keyed = hashlib.blake2b(key=key[:64], digest_size=16)
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, _Outcome]] = OrderedDict()
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def get(self, data: str) -> _Outcome | None:
        self._tidy()
        known = self._known.get(self._hash(data))
        return known[1] if known else None

    def put(self, data: str, outcome: _Outcome) -> None:
        key = self._hash(data)
        if key in self._known:
            return
        self._known[key] = (self._clock() + _KEPT_S, outcome)
        self._size += outcome.size
        self._tidy()

    def _hash(self, data: str) -> bytes:
        hasher = self._keyed.copy()
        hasher.update(data.encode("utf-8", "surrogatepass"))
        return hasher.digest()

    def _tidy(self) -> None:
        now = self._clock()
        while self._known and (self._size > _ROOM or self._first_goes_at() <= now):
            _, (_, outcome) = self._known.popitem(last=False)
            self._size -= outcome.size
        if self._known and self._timer is None:
            wait = self._first_goes_at() - now
            self._timer = asyncio.get_running_loop().call_later(wait, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._tidy()

    def _first_goes_at(self) -> float:
        return next(iter(self._known.values()))[0]


def _text_of(document: ExtractedDocument) -> str:
    return document.text if document.complete else document.text + _LEFT_OUT
