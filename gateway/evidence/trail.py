"""The write path of the trail: one hash chain per process, durable by group commit.

Callers await ``record``, which returns when the entry is durable. Callers that wait at the same
time share one commit. An entry gets its position in the chain only when its batch is written, so a
failed write leaves no gap: the log is closed and a new one starts, which names its predecessor.
Where policy allows it, a batch that the store does not take goes into a spool, and so do later ones
(docs/adr/0010).
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress

from gateway.core.errors import Unavailable
from gateway.core.spool_policy import SpoolPolicy
from gateway.core.system.logs import fault_fields
from gateway.core.usage import Spending
from gateway.evidence.commit_queue import BatchSizer, PendingEntry
from gateway.evidence.entry import Entry, Value
from gateway.evidence.kek_check import check_kek
from gateway.evidence.log_sealer import LogSealer
from gateway.evidence.own_entries import (
    log_closed,
    log_opened,
    log_settled,
    spool_allowed,
    spool_ended,
    spool_recovered,
)
from gateway.evidence.rows import EntryBatch
from gateway.evidence.spool import Spool
from gateway.evidence.store import BatchRefused, EntryStore, StoreFailed
from gateway.evidence.values import VaultWrite
from gateway.evidence.write_health import WriteHealth, unavailable

logger = logging.getLogger(__name__)
_MAX_PENDING = 10_000
_BATCH_DELAY_S = 0.001  # the longest time that an entry waits for others


class Trail:
    """The trail of one process; ``broken`` says that a bug ended its writer."""

    def __init__(
        self,
        store: EntryStore,
        *,
        kek: bytes,
        origin: str,
        spool: Spool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``spool`` replaces an unavailable ``store`` where policy allows it.

        ``clock`` is monotonic seconds.
        """
        self._store = store
        self._spool = spool
        self._spool_allowed = False  # whether the store has the entry that announces the spool
        self._return_task: asyncio.Task[None] | None = None
        self._kek = kek
        self._origin = origin
        self._pending: list[PendingEntry] = []
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._sealer = LogSealer(kek, "")
        self._after: str | None = None
        self._loop: asyncio.AbstractEventLoop
        self._batch_sizer = BatchSizer()
        self._batch_timer: asyncio.TimerHandle | None = None
        self._closing = self.broken = False
        self._check_ms: int | None = None  # epoch milliseconds of a check that is due
        self._health = WriteHealth(clock)
        self.gateway: str | None = None  # the name by which operators know this process

    @property
    def log(self) -> str:
        """The id of the present log."""
        return self._sealer.log

    @property
    def problem(self) -> str | None:
        """Why no entries have been written for some seconds, or None."""
        if self.broken:
            return "the trail's writer has failed; start this process again"
        spool = self._spool
        if spool is not None and spool.active and spool.full:
            return "the database takes no entries, and the spool on this disk is full"
        if spool is not None and self._may_spool and (self._health.works or not spool.active):
            return None
        return self._health.problem

    async def check(self, *, clock_ms: int) -> None:
        """Has the writer see whether entries can be written, unless it has just written some.

        Call it about once a second. ``problem`` shows the result.
        """
        if self._health.check_due and not self._pending and not self._closing:
            self._check_ms = clock_ms
            self._wake.set()

    def pause(self) -> None:
        """Refuses entries for a second: something else has found that the database hangs."""
        if not self._may_spool:
            self._health.pause()

    @property
    def _may_spool(self) -> bool:
        return self._spool is not None and self._spool_allowed and self._spool.ready

    @property
    def degraded(self) -> bool:
        """Whether entries wait on this disk, because the store takes none."""
        return self._spool is not None and self._spool.active

    async def start(self, *, clock_ms: int) -> int:
        """Opens a log and closes the requests of dead processes; returns their number.

        Spools of dead processes are replayed into the store before any request is closed.

        Raises:
            WrongKek: when the store was written with another key; nothing was written.
            Unavailable: when the store cannot be written.
        """
        try:
            await check_kek(self._store, self._kek)
        except StoreFailed as error:
            raise unavailable() from error
        self._loop = asyncio.get_running_loop()
        self._writer = self._loop.create_task(self._write_forever(), name="trail-writer")
        self._begin_log(after=None)
        try:
            await self._store.lease(self.log)
            await self.record(log_opened(self.log, clock_ms, gateway=self.gateway))
            spools = await self._recover_spools(clock_ms)
            dead = await self._store.abandoned_logs(self.log, spools=spools, now_ms=clock_ms)
            for one in dead:
                for entry in log_settled(one, clock_ms):
                    await self.record(entry)
            if self._spool is not None:
                await self._spool.release_abandoned()
        except StoreFailed as error:
            raise unavailable() from error
        return sum(len(one.orphans) for one in dead)

    async def allow(self, policy: SpoolPolicy | None, *, clock_ms: int) -> None:
        """Applies the policy for degraded mode; None forbids it.

        It applies once its entry is stored, so that no other process takes this one for dead.
        """
        spool = self._spool
        if spool is None or policy == spool.policy:
            return
        await spool.allow(policy)
        if spool.ready:
            allowance = self._spool_allowance(spool, clock_ms)
            self._enqueue(allowance)
            await asyncio.wait([allowance.done])

    async def spent_since(self, time_ms: int) -> list[Spending]:
        """Returns the money spent since a time (epoch milliseconds).

        Raises:
            Unavailable: when the store cannot be read.
        """
        try:
            return await self._store.spent_since(time_ms)
        except StoreFailed as error:
            raise unavailable() from error

    async def record(
        self, entry: Entry, body: bytes | None = None, vault_write: VaultWrite | None = None
    ) -> None:
        """Returns when the entry, its encrypted body and its values are durable.

        Raises:
            Unavailable: when they are not; the caller must not continue the request.
        """
        full = self._closing or len(self._pending) >= _MAX_PENDING
        if self._writer is None or full or self._health.paused:
            raise unavailable()
        done = self._loop.create_future()
        self._pending.append(PendingEntry(entry, body, vault_write, done))
        if len(self._pending) >= self._batch_sizer.target:
            self._wake.set()
        elif len(self._pending) == 1:
            self._batch_timer = self._loop.call_later(_BATCH_DELAY_S, self._wake.set)
        await done

    async def stop(self, *, clock_ms: int) -> None:
        """Writes the pending entries and a closing entry, then releases the store."""
        if self._writer is None:
            return
        if self._return_task is not None:
            self._return_task.cancel()
            await asyncio.wait([self._return_task])
        try:
            await self.record(log_closed(self.log, clock_ms))
        except Unavailable:
            logger.warning("trail:log:close", extra={"log": self.log, "reason": "not-written"})
        self._closing = True
        self._wake.set()
        await self._writer
        if self._spool is not None:
            await self._spool.close()
        await self._store.close()

    async def _recover_spools(self, clock_ms: int) -> list[str]:
        """Replays the spools of dead processes on this disk; returns their names."""
        recovered = await self._spool.recover_abandoned() if self._spool is not None else []
        for one in recovered:
            if one.entries:
                await self.record(spool_recovered(one, clock_ms))
        return [one.spool for one in recovered]

    def _begin_log(self, *, after: str | None) -> None:
        self._sealer = LogSealer(self._kek, f"{self._origin}/{uuid.uuid4()}")
        self._after = after
        if after:
            logger.warning("trail:log:restart", extra={"log": self.log, "after": after})

    async def _write_forever(self) -> None:
        try:
            while not (self._closing and not self._pending):
                await self._wake.wait()
                self._wake.clear()
                if self._batch_timer is not None:
                    self._batch_timer.cancel()
                batch, self._pending = self._pending, []
                if batch:
                    self._batch_sizer.observe(len(batch))
                if batch or self._check_ms is not None:
                    await self._write_or_fail(batch)
        finally:  # when the writer ends, no caller may wait, and no entry may be added
            self._closing = True
            if self._pending:
                self._fail(self._pending, reason="writer-ended")

    async def _write_or_fail(self, batch: list[PendingEntry]) -> None:
        try:
            await (self._write(batch) if batch else self._check_store())
        except BaseException as fault:  # a bug: callers must not wait for ever
            if not isinstance(fault, asyncio.CancelledError):
                self.broken = True
                about = {"reason": type(fault).__name__, **fault_fields(fault)}
                logger.critical("trail:writer:fault", extra=about)
            self._fail(batch, reason=type(fault).__name__)
            raise

    async def _write(self, batch: list[PendingEntry]) -> None:
        spool = self._spool if self._spool is not None and self._spool.active else None
        if spool is not None:
            batch = self._accepted_by_spool(spool, batch)
        if not batch:
            return
        if self._after and self._sealer.is_empty:
            batch[:0] = self._opening_entries(batch[0].entry.time)
        await self._append(batch, spool)

    async def _check_store(self) -> None:
        """Asks the store; after a failed write only a durable one shows that it works again."""
        clock_ms, self._check_ms = self._check_ms, None
        if clock_ms is None or (self._spool is not None and self._spool.active):
            return  # what a spool takes, or not, is noted
        began = self._health.clock()
        try:
            await self._store.check()
        except StoreFailed as failure:
            self._note_failure(failure, began)
        else:
            if not self._health.works and self._after and self._sealer.is_empty:
                await self._append(self._opening_entries(clock_ms), None)
            else:
                self._health.succeeded(durable=False)

    def _note_failure(self, failure: StoreFailed, began: float) -> None:
        """Notes that the store failed; what waited while it hung has waited long enough."""
        if self._health.failed(failure, since=began) and not (self._closing or self._may_spool):
            self._health.pause()
            waiting, self._pending = self._pending, []
            self._refuse(waiting)

    async def _append(self, batch: list[PendingEntry], spool: Spool | None) -> None:
        sealed = self._sealer.seal(batch, degraded=spool is not None)
        began = self._health.clock()
        try:
            await (spool or self._store).append(sealed)
        except StoreFailed as failure:
            await self._handle_failed_write(batch, sealed, failure, began)
            return
        self._sealer.advance(sealed)
        self._health.succeeded(durable=True)
        self._complete(batch)

    async def _handle_failed_write(
        self, batch: list[PendingEntry], sealed: EntryBatch, failure: StoreFailed, began: float
    ) -> None:
        """Moves the sealed batch to the spool, or fails it; starts a new log in any case.

        The batch keeps its position in its log, which stays valid also when the store has it. After
        an uncertain write the old log may or may not hold the batch, and a process that finds the
        old log without a lease may settle it.
        """
        spool = self._spool
        refused = isinstance(failure, BatchRefused) or not self._spool_allowed
        if spool is None or refused or not await spool.start(sealed, reason=str(failure)):
            self._fail(batch, reason=str(failure))
            if not isinstance(failure, BatchRefused):
                self._note_failure(failure, began)
            await self._restart()
            return
        self._health.succeeded(durable=True)
        first, last = sealed.sealed[0].seq, sealed.sealed[-1]
        fields: dict[str, Value] = {"of_log": self.log, "first": first, "last": last.seq}
        self._begin_log(after=self.log)
        entry = Entry("trail:spool:begin", spool.name, last.time, fields)
        self._enqueue(self._pending_entry(entry))
        returning = self._return_to_store(spool)
        self._return_task = self._loop.create_task(returning, name="trail-return")
        self._complete(self._accepted_by_spool(spool, batch))

    async def _return_to_store(self, spool: Spool) -> None:
        """Retries until the store has all entries; then new entries go to the store again."""
        while spool.active:
            await asyncio.sleep(spool.retry_s)
            with suppress(StoreFailed):
                await spool.drain()
                async with spool.write_lock:  # no entries are added while the rest is drained
                    await spool.drain(brief=True)
                    await self._store.lease(self.log)
                    entries, duration_ms = await spool.end()
                self._enqueue(self._pending_entry(spool_ended(spool, entries, duration_ms)))

    def _accepted_by_spool(self, spool: Spool, batch: list[PendingEntry]) -> list[PendingEntry]:
        """Returns the entries that the spool accepts; fails the others."""
        refused = {pending for pending in batch if spool.refuses(pending.entry)}
        self._refuse(refused)
        return [pending for pending in batch if pending not in refused] if refused else batch

    def _opening_entries(self, time_ms: int) -> list[PendingEntry]:
        """Returns the first entries of a log that follows a failed one."""
        opened = log_opened(self.log, time_ms, gateway=self.gateway, after=self._after)
        opening = self._pending_entry(opened)
        if self._spool is None or not self._spool.ready:
            return [opening]
        return [opening, self._spool_allowance(self._spool, time_ms)]

    def _spool_allowance(self, spool: Spool, time_ms: int) -> PendingEntry:
        """Returns the entry that records that this log may go on in a spool."""
        allowance = self._pending_entry(spool_allowed(self.log, spool, time_ms))
        allowance.done.add_done_callback(self._note_spool_allowed)
        return allowance

    def _note_spool_allowed(self, done: asyncio.Future[None]) -> None:
        self._spool_allowed = self._spool_allowed or done.exception() is None

    def _pending_entry(self, entry: Entry) -> PendingEntry:
        """Returns a pending entry without a waiting caller."""
        done = self._loop.create_future()
        done.add_done_callback(asyncio.Future.exception)  # asyncio logs unretrieved exceptions
        return PendingEntry(entry, None, None, done)

    def _enqueue(self, pending: PendingEntry) -> None:
        if not self._closing:
            self._pending.append(pending)
            self._wake.set()

    def _complete(self, batch: list[PendingEntry]) -> None:
        for pending in batch:
            if not pending.done.done():
                pending.done.set_result(None)

    def _fail(self, batch: list[PendingEntry], *, reason: str) -> None:
        logger.error(
            "trail:batch:failed check that the database runs, may be written and its disk has room",
            extra={"log": self.log, "entries": len(batch), "reason": reason},
        )
        self._refuse(batch)

    def _refuse(self, batch: Iterable[PendingEntry]) -> None:
        for pending in batch:
            if not pending.done.done():
                pending.done.set_exception(unavailable())

    async def _restart(self) -> None:
        """Starts a log after an uncertain write; it names the last one that surely has entries."""
        self._begin_log(after=self._after or self.log if self._sealer.is_empty else self.log)
        if self._spool is not None and self._spool.active:
            return  # it is leased when the store is available again
        began = self._health.clock()
        try:
            await self._store.lease(self.log)
        except StoreFailed as failure:
            self._note_failure(failure, began)
            about = {"log": self.log, "reason": str(failure)}
            logger.warning("trail:log:lease_failed", extra=about)
