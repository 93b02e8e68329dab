"""The write path of the trail: one hash chain a process, durable by group commit.

Whoever records something awaits ``record``; it returns when the entry is on disk. All that wait at
the same time share one commit. An entry gets its place in the chain only when its batch is written,
so a failed write leaves no gap: the log is closed and a new one begins, which names its forerunner.
"""

import asyncio
import logging
import uuid
from dataclasses import dataclass
from typing import Protocol

from gateway.core.errors import Unavailable
from gateway.evidence.entry import GENESIS, Entry, Sealed, Value, seal
from gateway.evidence.payload import PayloadBox, SubjectKey
from gateway.evidence.rows import Batch

logger = logging.getLogger(__name__)
_MAX_WAITING = 10_000
_RETRY_AFTER_S = 2
_CROWD_FROM = 4
_COMPANY_S = 0.001  # the longest that an entry waits for others


class StoreFailed(Exception):
    """The store did not take a batch; nothing of it may be relied on."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """A departure whose process died before it was closed."""

    request: str
    log: str
    fields: dict[str, Value]


class EntryStore(Protocol):
    """Where sealed entries become durable. One writer a store."""

    async def append(self, batch: Batch) -> None:
        """Writes a batch durably, all or nothing.

        Raises:
            StoreFailed: when it is not certain that the batch is durable.
        """
        ...

    async def lease(self, log: str) -> None:
        """Marks a log as alive for as long as this process lives."""
        ...

    async def orphans(self, log: str) -> list[Orphan]:
        """Intents without a close, of logs whose process is known to be dead."""
        ...

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """Money spent since a moment, by team, from closed entries."""
        ...

    async def close(self) -> None:
        """Releases the store."""
        ...


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    body: bytes | None
    done: asyncio.Future[None]


class _Crowd:
    """How many entries a commit should wait for: as many as lately came together.

    On a busy process that halves the commits (as ``commit_delay`` and ``commit_siblings`` do in
    PostgreSQL); where few come at a time nobody waits for company.
    """

    def __init__(self) -> None:
        self._usual = 1.0
        self.enough = 1

    def was(self, size: int) -> None:
        """Takes note of how many came together this time."""
        self._usual += (size - self._usual) / 8
        self.enough = round(self._usual) if self._usual >= _CROWD_FROM else 1


class Trail:
    """The trail of one process."""

    def __init__(self, store: EntryStore, *, kek: bytes, origin: str) -> None:
        self._store = store
        self._kek = kek
        self._origin = origin
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._log = ""
        self._seq = 0
        self._prev = GENESIS
        self._box = PayloadBox(kek, "")
        self._loop: asyncio.AbstractEventLoop
        self._crowd = _Crowd()
        self._patience: asyncio.TimerHandle | None = None
        self._closing = False

    @property
    def log(self) -> str:
        """The id of the log that entries go into now."""
        return self._log

    async def start(self, *, clock_ms: int) -> int:
        """Opens a log, closes what dead processes left open; gives how many that were.

        Raises:
            Unavailable: when the store cannot be written.
        """
        self._loop = asyncio.get_running_loop()
        self._writer = self._loop.create_task(self._write_forever(), name="trail-writer")
        self._begin(after=None)
        try:
            await self._store.lease(self._log)
            await self.record(Entry("trail:log:open", "", clock_ms, {"log": self._log}))
            orphans = await self._store.orphans(self._log)
        except StoreFailed as error:
            raise _unavailable() from error
        for orphan in orphans:
            fields = {**orphan.fields, "outcome": "unknown_crash", "of_log": orphan.log}
            await self.record(Entry("request:answer:close", orphan.request, clock_ms, fields))
        return len(orphans)

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """Money spent since a moment (epoch milliseconds), by team.

        Raises:
            Unavailable: when the store cannot be read.
        """
        try:
            return await self._store.spent_since(time_ms)
        except StoreFailed as error:
            raise _unavailable() from error

    async def record(self, entry: Entry, body: bytes | None = None) -> None:
        """Returns when the entry, with its encrypted body, is durable.

        Raises:
            Unavailable: when it is not; the caller must not go on as if it were.
        """
        if self._writer is None or self._closing or len(self._waiting) >= _MAX_WAITING:
            raise _unavailable()
        done = self._loop.create_future()
        self._waiting.append(_Waiting(entry, body, done))
        if len(self._waiting) >= self._crowd.enough:
            self._wake.set()
        elif len(self._waiting) == 1:
            self._patience = self._loop.call_later(_COMPANY_S, self._wake.set)
        await done

    async def stop(self, *, clock_ms: int) -> None:
        """Writes what waits and a closing entry, then releases the store."""
        if self._writer is None:
            return
        try:
            await self.record(Entry("trail:log:close", "", clock_ms, {"log": self._log}))
        except Unavailable:
            logger.warning("trail:log:close not_written")
        self._closing = True
        self._wake.set()
        await self._writer
        await self._store.close()

    def _begin(self, *, after: str | None) -> None:
        self._log = f"{self._origin}/{uuid.uuid4()}"
        self._seq, self._prev = 0, GENESIS
        self._box = PayloadBox(self._kek, self._log)
        if after:
            logger.warning("trail:log:restart", extra={"log": self._log, "after": after})

    async def _write_forever(self) -> None:
        try:
            while not (self._closing and not self._waiting):
                await self._wake.wait()
                self._wake.clear()
                if self._patience is not None:
                    self._patience.cancel()
                batch, self._waiting = self._waiting, []
                if batch:
                    self._crowd.was(len(batch))
                    await self._write_or_fail(batch)
        finally:  # a writer that ends for any reason leaves nobody waiting, and takes nothing more
            self._closing = True
            if self._waiting:
                self._fail(self._waiting)

    async def _write_or_fail(self, batch: list[_Waiting]) -> None:
        try:
            await self._write(batch)
        except BaseException:  # a fault of ours: whoever waits must not wait for ever
            self._fail(batch)
            raise

    async def _write(self, batch: list[_Waiting]) -> None:
        sealed, keys = self._seal(batch)
        try:
            await self._store.append(Batch(self._log, sealed, keys))
        except StoreFailed:
            self._fail(batch)
            await self._restart()
            return
        self._seq = sealed[-1].seq + 1
        self._prev = sealed[-1].hash
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_result(None)

    def _seal(self, batch: list[_Waiting]) -> tuple[list[Sealed], list[SubjectKey]]:
        sealed: list[Sealed] = []
        keys: list[SubjectKey] = []
        seq, prev = self._seq, self._prev
        for waiting in batch:
            if waiting.body is not None:
                self._encrypt(waiting.entry, waiting.body, keys)
            one = seal(waiting.entry, log=self._log, seq=seq, prev=prev)
            sealed.append(one)
            seq, prev = seq + 1, one.hash
        return sealed, keys

    def _encrypt(self, entry: Entry, body: bytes, keys: list[SubjectKey]) -> None:
        subject = entry.subject or "none"
        box = self._box.encrypt(body, subject=subject, request=entry.request)
        entry.subject = subject
        entry.payload = box.ciphertext
        entry.payload_key = box.commitment
        entry.wrapped_key = box.wrapped_key
        if box.new_subject_key:
            keys.append(box.new_subject_key)

    def _fail(self, batch: list[_Waiting]) -> None:
        logger.error("trail:batch:failed", extra={"log": self._log, "entries": len(batch)})
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_exception(_unavailable())

    async def _restart(self) -> None:
        """A new log: after an uncertain write the old one may or may not hold the batch."""
        self._begin(after=self._log)
        try:
            await self._store.lease(self._log)
        except StoreFailed:
            logger.warning("trail:log:lease_failed", extra={"log": self._log})


def _unavailable() -> Unavailable:
    return Unavailable(
        "The audit trail cannot be written, so no request is served. Try again shortly.",
        retry_after=_RETRY_AFTER_S,
    )
