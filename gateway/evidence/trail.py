"""The write path of the trail: one hash chain per process, durable by group commit.

Callers await ``record``, which returns when the entry is durable. Callers that wait at the same
time share one commit. An entry gets its position in the chain only when its batch is written, so a
failed write leaves no gap: the log is closed and a new one starts, which names its predecessor.
Where policy allows it, a batch that the store does not take goes into a spool, and so do later ones
(docs/adr/0010).
"""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress

from gateway.core.errors import Unavailable
from gateway.core.spool_policy import SpoolPolicy
from gateway.core.system.logs import fault_fields
from gateway.core.usage import Spending
from gateway.evidence.commit_queue import BatchSizer, PendingEntry
from gateway.evidence.entry import Entry, Value
from gateway.evidence.kek_check import check_kek
from gateway.evidence.log_sealer import LogSealer
from gateway.evidence.rows import ALLOW, CLOSE, SETTLE, EntryBatch
from gateway.evidence.spool import Spool
from gateway.evidence.store import AbandonedLog, BatchRefused, EntryStore, StoreFailed
from gateway.evidence.values import VaultWrite

logger = logging.getLogger(__name__)
_MAX_PENDING = 10_000
_RETRY_AFTER_S = 2
_BATCH_DELAY_S = 0.001  # the longest time that an entry waits for others


class Trail:
    """The trail of one process; ``broken`` says that a bug ended its writer."""

    def __init__(
        self, store: EntryStore, *, kek: bytes, origin: str, spool: Spool | None = None
    ) -> None:
        """``spool`` replaces an unavailable ``store`` where policy allows it."""
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
        self._closing = False
        self.broken = False
        self.gateway: str | None = None  # the name by which operators know this process

    @property
    def log(self) -> str:
        """The id of the present log."""
        return self._sealer.log

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
            raise _unavailable() from error
        self._loop = asyncio.get_running_loop()
        self._writer = self._loop.create_task(self._write_forever(), name="trail-writer")
        self._begin_log(after=None)
        try:
            await self._store.lease(self.log)
            await self.record(Entry("trail:log:open", "", clock_ms, self._named()))
            spools = await self._recover_spools(clock_ms)
            dead = await self._store.abandoned_logs(self.log, spools=spools, now_ms=clock_ms)
            for one in dead:
                await self._settle_log(one, clock_ms)
            if self._spool is not None:
                await self._spool.release_abandoned()
        except StoreFailed as error:
            raise _unavailable() from error
        return sum(len(one.orphans) for one in dead)

    async def allow(self, policy: SpoolPolicy | None, *, clock_ms: int) -> None:
        """Applies the policy for degraded mode; None forbids it.

        It applies once its entry is stored, so that no other process takes this one for dead.
        """
        spool = self._spool
        if spool is None or policy == spool.policy:
            return
        try:
            await spool.allow(policy)
        except StoreFailed as failure:
            logger.error(
                "trail:spool:fail this disk holds no spool; requests will be refused",
                extra={"reason": str(failure)},
            )
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
            raise _unavailable() from error

    async def record(
        self, entry: Entry, body: bytes | None = None, vault_write: VaultWrite | None = None
    ) -> None:
        """Returns when the entry, its encrypted body and its values are durable.

        Raises:
            Unavailable: when they are not; the caller must not continue the request.
        """
        if self._writer is None or self._closing or len(self._pending) >= _MAX_PENDING:
            raise _unavailable()
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
            await self.record(Entry("trail:log:close", "", clock_ms, {"log": self.log}))
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
                fields: dict[str, Value] = {"of_log": one.log, "entries": one.entries}
                await self.record(Entry("trail:spool:end", one.spool, clock_ms, fields))
        return [one.spool for one in recovered]

    async def _settle_log(self, dead: AbandonedLog, clock_ms: int) -> None:
        """Closes the open requests of a dead process, and records that its log is settled."""
        for orphan in dead.orphans:
            fields = {**orphan.fields, "outcome": "unknown_crash", "of_log": dead.log}
            await self.record(Entry(CLOSE, orphan.request, clock_ms, fields))
        closed: dict[str, Value] = {"of_log": dead.log, "closed": len(dead.orphans)}
        await self.record(Entry(SETTLE, dead.log, clock_ms, closed))

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
                    await self._write_or_fail(batch)
        finally:  # when the writer ends, no caller may wait, and no entry may be added
            self._closing = True
            if self._pending:
                self._fail(self._pending, reason="writer-ended")

    async def _write_or_fail(self, batch: list[PendingEntry]) -> None:
        try:
            await self._write(batch)
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
        sealed = self._sealer.seal(batch, degraded=spool is not None)
        try:
            await (spool or self._store).append(sealed)
        except StoreFailed as failure:
            await self._handle_failed_write(batch, sealed, failure)
            return
        self._sealer.advance(sealed)
        self._complete(batch)

    async def _handle_failed_write(
        self, batch: list[PendingEntry], sealed: EntryBatch, failure: StoreFailed
    ) -> None:
        """Moves the sealed batch to the spool, or fails it; starts a new log in any case.

        The batch keeps its position in its log, which stays valid also when the store has it. After
        an uncertain write the old log may or may not hold the batch, and a process that finds the
        old log without a lease may settle it.
        """
        spool = self._spool
        refused = isinstance(failure, BatchRefused) or not self._spool_allowed
        if spool is None or refused or not await _start_spool(spool, sealed, failure):
            self._fail(batch, reason=str(failure))
            await self._restart()
            return
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
                fields: dict[str, Value] = {"entries": entries, "lasted_ms": duration_ms}
                entry = Entry("trail:spool:end", spool.name, spool.now_ms, fields)
                self._enqueue(self._pending_entry(entry))

    def _accepted_by_spool(self, spool: Spool, batch: list[PendingEntry]) -> list[PendingEntry]:
        """Returns the entries that the spool accepts; fails the others."""
        refused = {pending for pending in batch if spool.refuses(pending.entry)}
        self._refuse(refused)
        return [pending for pending in batch if pending not in refused] if refused else batch

    def _named(self) -> dict[str, Value]:
        return {"log": self.log, **({"gateway": self.gateway} if self.gateway else {})}

    def _opening_entries(self, time_ms: int) -> list[PendingEntry]:
        """Returns the first entries of a log that follows a failed one."""
        fields: dict[str, Value] = {**self._named(), "after": self._after}
        opening = self._pending_entry(Entry("trail:log:open", "", time_ms, fields))
        if self._spool is None or not self._spool.ready:
            return [opening]
        return [opening, self._spool_allowance(self._spool, time_ms)]

    def _spool_allowance(self, spool: Spool, time_ms: int) -> PendingEntry:
        """Returns the entry that records that this log may go on in a spool."""
        policy = spool.policy
        fields: dict[str, Value] = {"of_log": self.log}
        if policy is not None:
            fields.update(policy.recorded())
        allowance = self._pending_entry(Entry(ALLOW, spool.name, time_ms, fields))
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
        about = {"log": self.log, "entries": len(batch), "reason": reason}
        logger.error("trail:batch:failed", extra=about)
        self._refuse(batch)

    def _refuse(self, batch: Iterable[PendingEntry]) -> None:
        for pending in batch:
            if not pending.done.done():
                pending.done.set_exception(_unavailable())

    async def _restart(self) -> None:
        """Starts a log after an uncertain write; it names the last one that surely has entries."""
        self._begin_log(after=self._after or self.log if self._sealer.is_empty else self.log)
        if self._spool is not None and self._spool.active:
            return  # it is leased when the store is available again
        try:
            await self._store.lease(self.log)
        except StoreFailed as failure:
            about = {"log": self.log, "reason": str(failure)}
            logger.warning("trail:log:lease_failed", extra=about)


async def _start_spool(spool: Spool, batch: EntryBatch, because: StoreFailed) -> bool:
    """Starts the spool with a batch; an active spool has failed itself, so this disk fails too."""
    if spool.active or not spool.ready:
        return False
    try:
        await spool.start(batch, reason=str(because))
    except StoreFailed as failure:
        logger.error("trail:spool:fail this disk takes no entries", extra={"reason": str(failure)})
        return False
    return True


def _unavailable() -> Unavailable:
    return Unavailable(
        "The audit trail cannot be written, so no request is served. Try again shortly.",
        retry_after=_RETRY_AFTER_S,
    )
