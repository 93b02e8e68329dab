"""Degraded mode: entries wait on this process's own disk while the database cannot take them.

Only where policy allows it, and within its bounds. Docs: docs/adr/0010.
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
from gateway.evidence.ledger import LedgerDamaged, frame
from gateway.evidence.rows import CLOSE, INTENT, EntryBatch
from gateway.evidence.spool_files import SpoolFiles
from gateway.evidence.store import ReplayStore, StoreFailed

logger = logging.getLogger(__name__)
T = TypeVar("T")
_RETRY_S = 1.0
_OWN_EVENTS = "trail:"
_MEGABYTE = 1_000_000
_LEVELS = {level.label: level for level in Level}


@dataclass(frozen=True, slots=True)
class AbandonedSpool:
    """What a dead process left: its spool's name, how many entries, and the log of the last one."""

    spool: str
    entries: int
    log: str


class Spool:
    """The spool of one process, in front of the store that it stands in for.

    ``name`` is what other processes know it by; ``policy`` is None where it may not be used;
    ``active`` says that entries go into it now; ``bytes`` is how much lies in it. ``turn`` is held by
    whoever writes an entry.
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

        ``retry_s`` is how long the store is left alone between two tries.
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
        self.turn = asyncio.Lock()
        self._files = SpoolFiles(folder, self.name)
        self._thread = SerialExecutor("spool")
        self._claimed = False
        self._left: list[SpoolFiles] = []
        self._began = 0.0
        self._entries = 0
        self._told_full = False

    @property
    def ready(self) -> bool:
        """Whether policy allows the spool, and this disk can hold it."""
        return self.policy is not None and self._claimed

    @property
    def internal_only(self) -> bool:
        """Whether requests may go to internal deployments only, because entries come here."""
        return self.active and (self.policy is None or self.policy.internal_only)

    @property
    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return int(self._wall() * 1000)

    async def allow(self, policy: SpoolPolicy | None) -> None:
        """Takes what policy says from now on.

        Raises:
            StoreFailed: when this disk cannot hold a spool.
        """
        self.policy = policy
        if policy is not None and not self._claimed:
            await self._run(self._files.claim)
            self._claimed = True

    def refuses(self, entry: Entry) -> bool:
        """Whether policy or its bounds do not let an entry in.

        What is under way is always closed: a bound ends requests, not their evidence.
        """
        if entry.event == CLOSE or entry.event.startswith(_OWN_EVENTS):
            return False
        policy = self.policy
        if policy is None or self._is_full(policy):
            return True
        if entry.event != INTENT:
            return False
        level = _LEVELS.get(str(entry.fields.get("level")), Level.RESTRICTED)
        outside = entry.fields.get("zone") != Zone.INTERNAL.value
        return level > policy.level or (outside and policy.internal_only)

    async def begin(self, batch: EntryBatch) -> None:
        """Begins with a batch that the store did not take; it is durable when this returns.

        Raises:
            StoreFailed: when it is not certain that it is; then it has not begun.
        """
        self._began, self._entries, self._told_full = self._clock(), 0, False
        async with self.turn:
            await self._write(batch)
            self.active = True
        logger.error("trail:spool:begin the database takes no entries; they wait on this disk")

    async def append(self, batch: EntryBatch) -> None:
        """Into the spool, or into the store when that is back.

        Raises:
            StoreFailed: when it is not certain that the batch is durable.
        """
        async with self.turn:
            if self.active:
                await self._write(batch)
                return
        await self._store.append(batch)

    async def drain(self, *, brief: bool = False) -> None:
        """Moves what lies here into the store; more may come meanwhile.

        ``brief`` is for whoever has the ``turn``, for which others wait.

        Raises:
            StoreFailed: when the store does not take it, or a file is damaged.
        """
        await self._replay(self._files, brief=brief)

    async def end(self) -> tuple[int, int]:
        """Ends it, once all is drained; gives how many entries it had, and how many ms it lasted.

        Raises:
            StoreFailed: when the disk fails; it goes on then.
        """
        await self._run(self._files.empty)
        self.active, self.bytes = False, 0
        logger.error("trail:spool:end the database has all entries")
        return self._entries, round((self._clock() - self._began) * 1000)

    async def left(self) -> list[AbandonedSpool]:
        """What dead processes left on this disk, now in the store; ``forget`` it when it is settled.

        Raises:
            StoreFailed: when the store does not take it, or a file is damaged.
        """
        self._left = await self._run(lambda: SpoolFiles.of_dead_processes(self._folder))
        found = []
        for files in self._left:
            entries, log = await self._replay(files)
            await self._run(files.empty)
            found.append(AbandonedSpool(files.name, entries, log))
        return found

    async def forget(self) -> None:
        """What was left is settled: nobody need know of it any more."""
        for files in self._left:
            await self._run(files.leave)
        self._left = []

    async def close(self) -> None:
        """Lets go of the files. What is in them is for the next process."""
        await self._run(self._files.leave)
        self._thread.close()

    def _is_full(self, policy: SpoolPolicy) -> bool:
        late = self._clock() - self._began >= policy.minutes * 60
        full = late or self.bytes >= policy.megabytes * _MEGABYTE
        if full and not self._told_full:
            logger.error("trail:spool:full requests are refused until the database is back")
        self._told_full = full
        return full

    async def _write(self, batch: EntryBatch) -> None:
        data = frame(batch)
        await self._run(lambda: self._files.append(data))
        self.bytes += len(data)
        self._entries += len(batch.sealed)

    async def _replay(self, files: SpoolFiles, *, brief: bool = False) -> tuple[int, str]:
        """How many entries there were, and the log of the last one."""
        entries, log = 0, ""
        while batches := await self._run(files.reader.some):
            await self._store.replay(batches, brief=brief)
            files.reader.taken()
            entries, log = entries + sum(len(one.sealed) for one in batches), batches[-1].log
        return entries, log

    async def _run(self, work: Callable[[], T]) -> T:
        def call() -> T:
            try:
                return work()
            except (OSError, LedgerDamaged) as error:
                raise StoreFailed(f"{type(error).__name__}: {error}") from error

        return await self._thread.run(call)
