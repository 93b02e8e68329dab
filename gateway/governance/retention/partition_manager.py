"""The monthly partitions of the trail in PostgreSQL: coming ones are made, empty ones dropped.

Expiry deletes single entries, since a month holds several classes and entries under hold. Once a
month is empty its partition is dropped.
"""

import logging
import re
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Unavailable
from gateway.evidence.month_partition import OTHER, REQUESTS, Month, months_from
from gateway.storage.database import Database

_AHEAD = 3  # this month and two more: the longest downtime of a control plane
# Writers of entries wait behind the lock, for a second at most. Neither getting the lock nor
# scanning dead rows may take long. What takes longer is tried again the next time.
_BRIEFLY = text(
    "SELECT set_config('lock_timeout', '300ms', true), set_config('statement_timeout', '300ms', "
    "true)"
)
_PARTS = text(
    "SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i "
    f"JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '{REQUESTS}'::regclass"
)
_BOUNDS = re.compile(r"FROM \((?:'?(\d+)'?|MINVALUE)\) TO \('?(\d+)'?\)")
logger = logging.getLogger(__name__)


class PartitionManager:
    """Keeps the partitions of the governance database; SQLite has none."""

    def __init__(self, database: Database, *, wall: Callable[[], float]) -> None:
        self._database = database
        self._wall = wall

    async def maintain(self) -> None:
        """Make the coming partitions and drop the empty ones.

        What cannot be locked at once is left to the next time.
        """
        if self._database.is_sqlite:
            return
        now = int(self._wall() * 1000)
        parts = await self._parts()
        for month in months_from(now, count=_AHEAD):
            if not any(month.low < high and low < month.high for low, high in parts.values()):
                await self._make(month)
        for name, (_, high) in parts.items():
            if high <= now:
                await self._drop_if_empty(name)

    async def _parts(self) -> dict[str, tuple[int, int]]:
        """The range of each partition, without the one for all other times."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_PARTS)).all()
        # A partition that another control plane drops at this moment has no bounds.
        ranged = [row for row in rows if row.name != OTHER and row.bounds]
        found = {row.name: _BOUNDS.search(row.bounds) for row in ranged}
        return {name: (int(at[1] or 0), int(at[2])) for name, at in found.items() if at}

    async def _make(self, month: Month) -> None:
        # IntegrityError: entries of that month are in the default partition, and may stay there.
        with suppress(IntegrityError, Unavailable):
            async with self._database.write() as connection:
                await connection.execute(_BRIEFLY)
                await connection.execute(text(month.creation))

    async def _drop_if_empty(self, name: str) -> None:
        with suppress(ProgrammingError, Unavailable):  # another control plane has dropped it
            async with self._database.read() as connection:
                if not await _empty(connection, name):  # before the lock, which is rarely needed
                    return
            async with self._database.write() as connection:
                await connection.execute(_BRIEFLY)
                await connection.execute(text(f"LOCK TABLE {REQUESTS} IN ACCESS EXCLUSIVE MODE"))
                if await _empty(connection, name):
                    await connection.execute(text(f"DROP TABLE {name}"))
                    logger.info("partition:month:drop", extra={"month": name})


async def _empty(connection: AsyncConnection, name: str) -> bool:
    found = await connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1"))  # of the catalogue
    return found.first() is None
