"""What acceptance asks of PostgreSQL: its version, its standbys, and how long a commit takes."""

import statistics
import time
from dataclasses import dataclass

from sqlalchemy import text

from gateway.storage.database import Database

_COMMITS = 5
_FACTS = (
    "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby, "
    "(SELECT count(*) FROM pg_stat_replication) AS standbys"
)
# Written to the log and to no table: a commit without it would not wait for the disk.
_WRITE = "SELECT pg_logical_emit_message(true, 'sluis', 'acceptance')"


@dataclass(frozen=True, slots=True)
class PostgresFacts:
    """``standby`` says that the server itself is one; ``commit_ms`` is the median."""

    version: str
    standby: bool
    standbys: int
    commit_ms: float


async def examine(database: Database) -> PostgresFacts:
    """Ask PostgreSQL, and commit a few times; no table changes.

    Raises:
        Unavailable: when it cannot be used.
    """
    async with database.read() as connection:
        row = (await connection.execute(text(_FACTS))).one()
    times = []
    for _ in range(_COMMITS):
        began = time.monotonic()
        async with database.write() as connection:
            await connection.execute(text(_WRITE))
        times.append((time.monotonic() - began) * 1000)
    return PostgresFacts(row.version, row.standby, row.standbys, statistics.median(times))
