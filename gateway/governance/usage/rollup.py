"""The roll-up: follows the trail from a stored position, and counts each entry exactly once.

The position and the sums change in one transaction. Control planes take turns: whoever finds the
position moved leaves its work undone. A batch adds what its requests now count for, less what they
counted for before, so that an entry that comes late (out of a spool) changes what it must.
"""

import asyncio
from dataclasses import dataclass

from gateway.core.errors import Unavailable
from gateway.governance.actor import Actor
from gateway.governance.audit.request_group import Ask
from gateway.governance.journal import Journal
from gateway.governance.usage import store
from gateway.governance.usage.cells import Cells, Fingerprints
from gateway.governance.usage.reader import Batch, UsageReader
from gateway.storage.database import Database

EVERY_S = 5.0
_ROUNDS = 5  # batches before an answer: it is current unless the roll-up is far behind
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class UsageCheck:
    """Whether the stored sums are those of the entries.

    ``hours`` were compared; ``kept_before`` is the moment before which entries have expired, so
    that nothing can be compared (epoch milliseconds, 0 without one). ``differing`` are the first
    hours that differ.
    """

    same: bool
    entries: int
    hours: int
    kept_before: int
    differing: list[int]


class UsageRollup:
    """Counts the entries of all processes."""

    def __init__(self, database: Database, journal: Journal, ask: Ask, *, size: int = 0) -> None:
        """``ask`` reads the trail; ``size`` is the number of entries of a batch, 0: the usual."""
        self._database = database
        self._journal = journal
        self._reader = UsageReader(ask, size=size) if size else UsageReader(ask)
        self._turn = asyncio.Lock()

    async def advance(self) -> int:
        """Count the next entries; gives their number, 0 when all are counted."""
        async with self._turn:
            async with self._database.read() as connection:
                positions, again_to = await store.positions_of(connection)
                kept = await store.kept_before(connection)
            ends = await self._reader.heads()
            batch = await self._reader.next(positions, ends, again_to=again_to, kept_before=kept)
            if batch is None:
                return 0
            await self._store(batch, positions.get(batch.log, -1))
            return batch.entries

    async def run(self) -> None:
        """Count all new entries."""
        while await self.advance():
            pass

    async def catch_up(self) -> int:
        """Count new entries before an answer; gives the number that is left for the job."""
        for _ in range(_ROUNDS):
            if not await self.advance():
                return 0
        return await self.pending()

    async def pending(self) -> int:
        """The number of entries that are not counted yet."""
        async with self._database.read() as connection:
            positions, _ = await store.positions_of(connection)
        heads = await self._reader.heads()
        return sum(max(0, head - positions.get(log, -1)) for log, head in heads.items())

    async def rebuild(self, actor: Actor) -> int:
        """Count everything again; hours with expired entries keep their sums. Gives their end.

        Until all entries are counted, figures say how many are not.

        Raises:
            Unavailable: when entries expired meanwhile.
        """
        kept = await self._reader.expired_before()
        async with self._turn, self._database.write() as connection:
            if await self._reader.expired_before() != kept:
                raise Unavailable("Entries expire just now; try again.", retry_after=5)
            await store.restart(connection, kept)
            await self._journal.record(connection, actor, "control:usage:rebuild", since=kept)
        await self.run()
        return kept

    async def check(self) -> UsageCheck:
        """Count everything again in memory, and compare."""
        await self.run()
        stored = Fingerprints()
        async with self._turn, self._database.write() as connection:  # so that no sum changes
            ends, _ = await store.positions_of(connection)
            async for hour, cell in store.stored_cells(connection):
                stored.add(hour, cell)
        counted, entries = await self._recounted(ends)
        kept = await self._reader.expired_before()
        hours = {hour for hour in (*stored.by_hour, *counted.by_hour) if hour >= kept}
        differing = sorted(
            hour for hour in hours if stored.by_hour.get(hour, 0) != counted.by_hour.get(hour, 0)
        )
        return UsageCheck(not differing, entries, len(hours), kept, differing[:_SHOWN])

    async def _recounted(self, ends: dict[str, int]) -> tuple[Fingerprints, int]:
        found, entries = Fingerprints(), 0
        positions: dict[str, int] = {}
        while (batch := await self._reader.next(positions, ends)) is not None:
            await asyncio.to_thread(_fold, found, batch.cells)
            positions[batch.log] = batch.last
            entries += batch.entries
        return found, entries

    async def _store(self, batch: Batch, before: int) -> None:
        async with self._database.write() as connection:
            positions, _ = await store.positions_of(connection)
            if positions.get(batch.log, -1) == before:
                await store.add(connection, batch)


def _fold(found: Fingerprints, cells: Cells) -> None:
    for hour, cell in cells.cells():
        found.add(hour, cell)
