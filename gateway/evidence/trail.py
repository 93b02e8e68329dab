"""The write path of the trail: one hash chain a process, durable by group commit.

Whoever records something awaits ``record``; it returns when the entry is on disk. All that wait at
the same time share one commit. An entry gets its place in the chain only when its batch is written,
so a failed write leaves no gap: the log is closed and a new one begins, which names its forerunner.
Where policy allows it, a batch that the store does not take goes into a spool, and what comes after it too
(docs/adr/0010).
"""

import asyncio
import logging
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress

from gateway.core.errors import Unavailable
from gateway.core.spool_policy import SpoolPolicy
from gateway.evidence.commit_queue import BatchSizer, PendingEntry
from gateway.evidence.entry import GENESIS, SEED_BYTES, Entry, Sealed, Value, seal
from gateway.evidence.payload import PayloadCipher, SubjectKey
from gateway.evidence.rows import ALLOW, CLOSE, SETTLE, EntryBatch
from gateway.evidence.spool import Spool
from gateway.evidence.store import AbandonedLog, BatchRefused, EntryStore, StoreFailed
from gateway.evidence.values import Mention, StoredValue, ValueCipher, VaultWrite

logger = logging.getLogger(__name__)
_MAX_WAITING = 10_000
_RETRY_AFTER_S = 2
_COMPANY_S = 0.001  # the longest that an entry waits for others


class Trail:
    """The trail of one process; ``broken`` says that a fault of ours ended its writer."""

    def __init__(
        self, store: EntryStore, *, kek: bytes, origin: str, spool: Spool | None = None
    ) -> None:
        """``spool`` stands in for ``store`` where policy allows it; without one nothing does."""
        self._store = store
        self._spool = spool
        self._marked = False  # whether our logs in the store say that they may go on in the spool
        self._returning: asyncio.Task[None] | None = None
        self._kek = kek
        self._origin = origin
        self._waiting: list[PendingEntry] = []
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._log = ""
        self._after: str | None = None
        self._seq = 0
        self._prev = GENESIS
        self._box = PayloadCipher(kek, "")
        self._values = ValueCipher(kek)
        self._loop: asyncio.AbstractEventLoop
        self._crowd = BatchSizer()
        self._patience: asyncio.TimerHandle | None = None
        self._closing = False
        self.broken = False

    @property
    def log(self) -> str:
        """The id of the log that entries go into now."""
        return self._log

    async def start(self, *, clock_ms: int) -> int:
        """Opens a log, closes what dead processes left open; gives how many that were.

        What a dead process left in a spool is in the store before anything is closed.

        Raises:
            Unavailable: when the store cannot be written.
        """
        self._loop = asyncio.get_running_loop()
        self._writer = self._loop.create_task(self._write_forever(), name="trail-writer")
        self._begin(after=None)
        try:
            await self._store.lease(self._log)
            await self.record(Entry("trail:log:open", "", clock_ms, {"log": self._log}))
            spools = await self._take_over_spools(clock_ms)
            dead = await self._store.dead(self._log, spools=spools, now_ms=clock_ms)
            for one in dead:
                await self._settle(one, clock_ms)
            if self._spool is not None:
                await self._spool.forget()
        except StoreFailed as error:
            raise _unavailable() from error
        return sum(len(one.orphans) for one in dead)

    async def allow(self, policy: SpoolPolicy | None, *, clock_ms: int) -> None:
        """Takes what policy says about going on without the store; None is: not at all.

        It holds once the store has it on record, so that no other process takes ours for dead.
        """
        spool = self._spool
        if spool is None or policy == spool.policy:
            return
        try:
            await spool.allow(policy)
        except StoreFailed:
            logger.exception("trail:spool:fail this disk holds no spool; requests will be refused")
        if spool.ready:
            marking = self._marking(spool, clock_ms)
            self._queue(marking)
            await asyncio.wait([marking.done])

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """Money spent since a moment (epoch milliseconds), by team.

        Raises:
            Unavailable: when the store cannot be read.
        """
        try:
            return await self._store.spent_since(time_ms)
        except StoreFailed as error:
            raise _unavailable() from error

    async def record(
        self, entry: Entry, body: bytes | None = None, keeping: VaultWrite | None = None
    ) -> None:
        """Returns when the entry, with its encrypted body and what is to be kept, is durable.

        Raises:
            Unavailable: when it is not; the caller must not go on as if it were.
        """
        if self._writer is None or self._closing or len(self._waiting) >= _MAX_WAITING:
            raise _unavailable()
        done = self._loop.create_future()
        self._waiting.append(PendingEntry(entry, body, keeping, done))
        if len(self._waiting) >= self._crowd.enough:
            self._wake.set()
        elif len(self._waiting) == 1:
            self._patience = self._loop.call_later(_COMPANY_S, self._wake.set)
        await done

    async def stop(self, *, clock_ms: int) -> None:
        """Writes what waits and a closing entry, then releases the store."""
        if self._writer is None:
            return
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.wait([self._returning])
        try:
            await self.record(Entry("trail:log:close", "", clock_ms, {"log": self._log}))
        except Unavailable:
            logger.warning("trail:log:close not_written")
        self._closing = True
        self._wake.set()
        await self._writer
        if self._spool is not None:
            await self._spool.close()
        await self._store.close()

    async def _take_over_spools(self, clock_ms: int) -> list[str]:
        """What dead processes left on this disk is in the store afterwards; gives their spools."""
        left = await self._spool.left() if self._spool is not None else []
        for one in left:
            if one.entries:
                about: dict[str, Value] = {"of_log": one.log, "entries": one.entries}
                await self.record(Entry("trail:spool:end", one.spool, clock_ms, about))
        return [one.spool for one in left]

    async def _settle(self, dead: AbandonedLog, clock_ms: int) -> None:
        """Closes what a dead process left open, then says so: nobody looks at that log again."""
        for orphan in dead.orphans:
            fields = {**orphan.fields, "outcome": "unknown_crash", "of_log": dead.log}
            await self.record(Entry(CLOSE, orphan.request, clock_ms, fields))
        closed: dict[str, Value] = {"of_log": dead.log, "closed": len(dead.orphans)}
        await self.record(Entry(SETTLE, dead.log, clock_ms, closed))

    def _begin(self, *, after: str | None) -> None:
        self._log = f"{self._origin}/{uuid.uuid4()}"
        self._after = after
        self._seq, self._prev = 0, GENESIS
        self._box = PayloadCipher(self._kek, self._log)
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

    async def _write_or_fail(self, batch: list[PendingEntry]) -> None:
        try:
            await self._write(batch)
        except BaseException as fault:  # ours: whoever waits must not wait for ever
            if not isinstance(fault, asyncio.CancelledError):
                self.broken = True
                logger.critical("trail:writer:fault", extra={"reason": type(fault).__name__})
            self._fail(batch)
            raise

    async def _write(self, batch: list[PendingEntry]) -> None:
        spool = self._spool if self._spool is not None and self._spool.active else None
        if spool is not None:
            batch = self._admitted(spool, batch)
        if not batch:
            return
        if self._after and self._seq == 0:
            batch[:0] = self._preface(batch[0].entry.time)
        sealed = self._seal(batch, degraded=spool is not None)
        try:
            await (spool or self._store).append(sealed)
        except StoreFailed as failure:
            await self._not_taken(batch, sealed, failure)
            return
        last = sealed.sealed[-1]
        self._seq, self._prev = last.seq + 1, last.hash
        self._release(batch)

    async def _not_taken(
        self, batch: list[PendingEntry], sealed: EntryBatch, failure: StoreFailed
    ) -> None:
        """The spool takes it as it is: its place in its log stays good, also when the store has it.

        Afterwards a new log begins in any case. After an uncertain write the old one may or may not
        hold the batch; and who finds the old one without a lease may settle it.
        """
        spool = self._spool
        refused = isinstance(failure, BatchRefused)
        if spool is None or refused or not self._marked or not await _begun(spool, sealed):
            self._fail(batch)
            await self._restart()
            return
        first, last = sealed.sealed[0].seq, sealed.sealed[-1]
        about: dict[str, Value] = {"of_log": self._log, "first": first, "last": last.seq}
        self._begin(after=self._log)
        self._queue(self._unattended(Entry("trail:spool:begin", spool.name, last.time, about)))
        self._returning = self._loop.create_task(self._return(spool), name="trail-return")
        self._release(self._admitted(spool, batch))

    async def _return(self, spool: Spool) -> None:
        """Tries until the store has everything; then entries go to it as before."""
        while spool.active:
            await asyncio.sleep(spool.retry_s)
            with suppress(StoreFailed):
                await spool.drain()
                async with spool.turn:  # nothing more comes in: what is left is all there is
                    await spool.drain(brief=True)
                    await self._store.lease(self._log)
                    entries, lasted = await spool.end()
                about: dict[str, Value] = {"entries": entries, "lasted_ms": lasted}
                entry = Entry("trail:spool:end", spool.name, spool.now_ms, about)
                self._queue(self._unattended(entry))

    def _admitted(self, spool: Spool, batch: list[PendingEntry]) -> list[PendingEntry]:
        """Those that the spool takes; the others are told."""
        refused = {waiting for waiting in batch if spool.refuses(waiting.entry)}
        self._refuse(refused)
        return [waiting for waiting in batch if waiting not in refused] if refused else batch

    def _seal(self, batch: list[PendingEntry], *, degraded: bool) -> EntryBatch:
        sealed: list[Sealed] = []
        keys: list[SubjectKey] = []
        values: list[StoredValue] = []
        mentions: list[Mention] = []
        seq, prev = self._seq, self._prev
        # One call for all: each lets go of the interpreter, which costs more than the bytes.
        seeds = os.urandom(SEED_BYTES * len(batch)).hex()
        if degraded:
            for waiting in batch:
                waiting.entry.fields = {**waiting.entry.fields, "degraded": True}
        for number, waiting in enumerate(batch):
            if waiting.body is not None:
                self._encrypt(waiting.entry, waiting.body, keys)
            seed = seeds[2 * SEED_BYTES * number : 2 * SEED_BYTES * (number + 1)]
            one = seal(waiting.entry, log=self._log, seq=seq, prev=prev, seed=seed)
            sealed.append(one)
            if waiting.keeping is not None:
                values += self._kept(waiting.keeping, one)
                mentions.append(Mention(seq, one.time, waiting.keeping.mentions))
            seq, prev = seq + 1, one.hash
        return EntryBatch(self._log, sealed, keys, values, mentions)

    def _kept(self, keeping: VaultWrite, entry: Sealed) -> list[StoredValue]:
        return [
            StoredValue(
                entry.seq,
                taken.id,
                keeping.scope,
                taken.type,
                taken.identifier,
                entry.time,
                keeping.expires,
                *self._values.seal(taken, scope=keeping.scope),
            )
            for taken in keeping.values
        ]

    def _encrypt(self, entry: Entry, body: bytes, keys: list[SubjectKey]) -> None:
        subject = entry.subject or "none"
        box = self._box.encrypt(body, subject=subject, request=entry.request)
        entry.subject = subject
        entry.payload = box.ciphertext
        entry.payload_key = box.commitment
        entry.wrapped_key = box.wrapped_key
        if box.new_subject_key:
            keys.append(box.new_subject_key)

    def _preface(self, time_ms: int) -> list[PendingEntry]:
        """The first entries of a log that follows one that failed."""
        about: dict[str, Value] = {"log": self._log, "after": self._after}
        opening = self._unattended(Entry("trail:log:open", "", time_ms, about))
        if self._spool is None or not self._spool.ready:
            return [opening]
        return [opening, self._marking(self._spool, time_ms)]

    def _marking(self, spool: Spool, time_ms: int) -> PendingEntry:
        """The entry that says: this log may go on in a spool, so do not take it for dead."""
        policy = spool.policy
        about: dict[str, Value] = {"of_log": self._log}
        if policy is not None:
            about.update(
                minutes=policy.minutes,
                megabytes=policy.megabytes,
                inside_only=policy.internal_only,
                level=policy.level.label,
            )
        marking = self._unattended(Entry(ALLOW, spool.name, time_ms, about))
        marking.done.add_done_callback(self._note_marked)
        return marking

    def _note_marked(self, done: asyncio.Future[None]) -> None:
        self._marked = self._marked or done.exception() is None

    def _unattended(self, entry: Entry) -> PendingEntry:
        """An entry that nobody waits for."""
        done = self._loop.create_future()
        done.add_done_callback(asyncio.Future.exception)  # else its failure would be complained of
        return PendingEntry(entry, None, None, done)

    def _queue(self, waiting: PendingEntry) -> None:
        if not self._closing:
            self._waiting.append(waiting)
            self._wake.set()

    def _release(self, batch: list[PendingEntry]) -> None:
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_result(None)

    def _fail(self, batch: list[PendingEntry]) -> None:
        logger.error("trail:batch:failed", extra={"log": self._log, "entries": len(batch)})
        self._refuse(batch)

    def _refuse(self, batch: Iterable[PendingEntry]) -> None:
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_exception(_unavailable())

    async def _restart(self) -> None:
        """A new log: after an uncertain write the old one may or may not hold the batch."""
        self._begin(after=self._log)
        if self._spool is not None and self._spool.active:
            return  # it is leased when the store is back
        try:
            await self._store.lease(self._log)
        except StoreFailed:
            logger.warning("trail:log:lease_failed", extra={"log": self._log})


async def _begun(spool: Spool, batch: EntryBatch) -> bool:
    """Whether the spool has the batch; not when it is in use already: then this disk fails too."""
    if spool.active or not spool.ready:
        return False
    try:
        await spool.begin(batch)
    except StoreFailed:
        logger.exception("trail:spool:fail this disk takes no entries")
        return False
    return True


def _unavailable() -> Unavailable:
    return Unavailable(
        "The audit trail cannot be written, so no request is served. Try again shortly.",
        retry_after=_RETRY_AFTER_S,
    )
