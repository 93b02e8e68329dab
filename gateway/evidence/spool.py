"""Degraded mode: entries wait on this process's own disk while the database is unavailable.

Only where policy allows it, and within its limits. See docs/adr/0010.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.core.level import Level, Zone
from gateway.core.spool_policy import SpoolPolicy
from gateway.core.system.serial_executor import SerialExecutor
from gateway.evidence.entry import Entry
from gateway.evidence.ledger import LedgerDamaged, encode_frame
from gateway.evidence.rows import CLOSE, INTENT, EntryBatch
from gateway.evidence.spool_files import SpoolFiles
from gateway.evidence.store import ReplayStore, StoreFailed

logger = logging.getLogger(__name__)
T = TypeVar("T")
_RETRY_S = 1.0
_TRAIL_EVENTS = "trail:"
_MEGABYTE = 1_000_000
_LEVELS = {level.label: level for level in Level}


@dataclass(frozen=True, slots=True)
class AbandonedSpool:
    """The spool of a dead process: its name, number of entries, and the log of the last one."""

    spool: str
    entries: int
    log: str


class Spool:
    """The spool of one process, in front of the store that it replaces temporarily.

    Other processes know it by ``name``. ``policy`` is None where it may not be used. ``active``
    says that entries go into it now; ``bytes`` is its size. Writers of entries hold ``write_lock``.
    """

    def __init__(
        self,
        folder: Path,
        store: ReplayStore,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        retry_s: float = _RETRY_S,
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds.

        ``retry_s`` is the pause between two attempts to return to the store.
        """
        self._folder = folder
        self._store = store
        self._clock = clock
        self._wall = wall
        self.retry_s = retry_s
        self.name = uuid.uuid4().hex
        self.policy: SpoolPolicy | None = None
        self.active = False
        self.bytes = 0
        self.write_lock = asyncio.Lock()
        self._files = SpoolFiles(folder, self.name)
        self._thread = SerialExecutor("spool")
        self._claimed = False
        self._abandoned: list[SpoolFiles] = []
        self._began = 0.0
        self._entries = 0
        self._full_logged = False

    @property
    def ready(self) -> bool:
        """Whether policy allows the spool, and its files exist on this disk."""
        return self.policy is not None and self._claimed

    @property
    def full(self) -> bool:
        """Whether a bound of the policy is reached, or there is none any more."""
        return self.policy is None or self._is_full(self.policy)

    @property
    def internal_only(self) -> bool:
        """Whether requests may go to internal deployments only, because the spool is active."""
        return self.active and (self.policy is None or self.policy.internal_only)

    @property
    def now_ms(self) -> int:
        """The present time in epoch milliseconds."""
        return int(self._wall() * 1000)

    async def allow(self, policy: SpoolPolicy | None) -> None:
        """Applies a policy from now on; ``ready`` stays False where this disk holds no spool."""
        self.policy = policy
        if policy is None or self._claimed:
            return
        try:
            await self._run(self._files.claim)
            self._claimed = True
        except StoreFailed as failure:
            logger.error(
                "trail:spool:fail this disk holds no spool; requests will be refused",
                extra={"reason": str(failure)},
            )

    def refuses(self, entry: Entry) -> bool:
        """Returns whether policy or its limits refuse an entry.

        Closing entries are always accepted: a limit ends requests, not their evidence.
        """
        if entry.event == CLOSE or entry.event.startswith(_TRAIL_EVENTS):
            return False
        policy = self.policy
        if policy is None or self.full:
            return True
        if entry.event != INTENT:
            return False
        level = _LEVELS.get(str(entry.fields.get("level")), Level.RESTRICTED)
        is_external = entry.fields.get("zone") != Zone.INTERNAL.value
        return level > policy.level or (is_external and policy.internal_only)

    async def start(self, batch: EntryBatch, *, reason: str) -> bool:
        """Starts with a batch that the store did not take; returns whether it is durable.

        ``reason`` is why, for the log. A spool that is active has failed itself: so does this disk.
        """
        if self.active or not self.ready:
            return False
        self._began, self._entries, self._full_logged = self._clock(), 0, False
        try:
            async with self.write_lock:
                await self._write(batch)
                self.active = True
        except StoreFailed as failure:
            logger.error(
                "trail:spool:fail this disk takes no entries", extra={"reason": str(failure)}
            )
            return False
        logger.error(
            "trail:spool:begin the database takes no entries; they wait on this disk",
            extra={"reason": reason},
        )
        return True

    async def append(self, batch: EntryBatch) -> None:
        """Appends to the spool, or to the store when that is available again.

        Raises:
            StoreFailed: when the batch may not be durable.
        """
        async with self.write_lock:
            if self.active:
                await self._write(batch)
                return
        await self._store.append(batch)

    async def drain(self, *, brief: bool = False) -> None:
        """Moves the spooled entries into the store; more may be added meanwhile.

        ``brief`` is for the holder of ``write_lock``, because other writers wait for it.

        Raises:
            StoreFailed: when the store does not take them, or a file is damaged.
        """
        await self._replay(self._files, brief=brief)

    async def end(self) -> tuple[int, int]:
        """Ends degraded mode after a full drain; returns its entries and its duration in ms.

        Raises:
            StoreFailed: when the disk fails; the spool stays active then.
        """
        await self._run(self._files.delete_files)
        self.active, self.bytes = False, 0
        logger.error("trail:spool:end the database has all entries")
        return self._entries, round((self._clock() - self._began) * 1000)

    async def recover_abandoned(self) -> list[AbandonedSpool]:
        """Replays the spools of dead processes on this disk into the store.

        Call ``release_abandoned`` after their logs are settled.

        Raises:
            StoreFailed: when the store does not take the entries, or a file is damaged.
        """
        self._abandoned = await self._run(lambda: SpoolFiles.of_dead_processes(self._folder))
        found = []
        for files in self._abandoned:
            entries, log = await self._replay(files)
            await self._run(files.delete_files)
            found.append(AbandonedSpool(files.name, entries, log))
        return found

    async def release_abandoned(self) -> None:
        """Releases the recovered spools, whose logs are settled."""
        for files in self._abandoned:
            await self._run(files.release)
        self._abandoned = []

    async def close(self) -> None:
        """Releases the files. The next process on this disk replays their entries."""
        await self._run(self._files.release)
        self._thread.close()

    def _is_full(self, policy: SpoolPolicy) -> bool:
        expired = self._clock() - self._began >= policy.minutes * 60
        full = expired or self.bytes >= policy.megabytes * _MEGABYTE
        if full and not self._full_logged:
            logger.error("trail:spool:full requests are refused until the database is back")
        self._full_logged = full
        return full

    async def _write(self, batch: EntryBatch) -> None:
        data = encode_frame(batch)
        await self._run(lambda: self._files.append(data))
        self.bytes += len(data)
        self._entries += len(batch.sealed)

    async def _replay(self, files: SpoolFiles, *, brief: bool = False) -> tuple[int, str]:
        """Replays a spool; returns its number of entries, and the log of the last one."""
        entries, log = 0, ""
        while batches := await self._run(files.reader.next_batches):
            await self._store.replay(batches, brief=brief)
            files.reader.advance()
            entries, log = entries + sum(len(one.sealed) for one in batches), batches[-1].log
        return entries, log

    async def _run(self, work: Callable[[], T]) -> T:
        def call() -> T:
            try:
                return work()
            except (OSError, LedgerDamaged) as error:
                raise StoreFailed(f"{type(error).__name__}: {error}") from error

        return await self._thread.run(call)
