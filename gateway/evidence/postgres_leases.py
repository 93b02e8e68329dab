"""Leases of logs: an advisory lock per log, held as long as its process's connection.

A process that lost the database may be alive and go on in a spool on its own disk (``spool``); then
a request that is open in the database may be closed there. Each log of such a process says so by an
entry that names the spool. Other processes do not settle that log before the spool should long have
been replayed. The next process on that disk has replayed the spool, and need not wait.
"""

import asyncio
import hashlib
from collections.abc import Collection

import asyncpg

from gateway.evidence.entry import values_of
from gateway.evidence.rows import (
    ALLOWED_IN,
    LOGS_OF_SPOOLS,
    NEWEST,
    ORPHANS,
    SETTLED,
    UNCLOSED,
)
from gateway.evidence.store import AbandonedLog, orphans_of

_POLL_S = 0.05
_DISCONNECT_S = 60.0  # the server notices a lost connection by keepalives, which take half of this
_MINUTE_MS = 60_000
_RESTART_MS = 60 * _MINUTE_MS  # the time for a stopped gateway to restart


async def acquire(db: asyncpg.Connection, log: str) -> None:
    """Acquires the lock of a log that is new to this connection."""
    await db.execute("SELECT pg_advisory_lock($1)", _number(log))


async def reacquire(db: asyncpg.Connection, log: str, *, wait_s: float) -> None:
    """Acquires the lock of a log that a lost connection or an earlier process may still hold.

    A process that has settled the log may keep its lock; then the lock is no longer needed.

    Raises:
        TimeoutError: when the server has not noticed within ``wait_s`` that the holder is dead.
    """
    async with asyncio.timeout(wait_s):
        while not await _try_acquire(db, log):
            if await db.fetchval(SETTLED.format(log="$1"), log):
                return
            await asyncio.sleep(_POLL_S)


async def abandoned_logs_of(
    db: asyncpg.Connection, own: str, *, spools: Collection[str], now_ms: int
) -> list[AbandonedLog]:
    """Returns the unclosed logs whose lock is free: their processes are dead.

    Their locks are kept, so that two processes that start together do not both settle them.
    """
    found = []
    unclosed = await _unclosed(db, own)
    own_logs = {
        row["log"] for row in await db.fetch(LOGS_OF_SPOOLS.format(spools="$1"), list(spools))
    }
    # All logs of our own spools: a batch may have been added to one after it was settled.
    for log in [*unclosed, *sorted(own_logs.difference(unclosed))]:
        if log in own_logs:  # its process is known to be dead
            await reacquire(db, log, wait_s=_DISCONNECT_S)
        elif await _may_return(db, log, now_ms) or not await _try_acquire(db, log):
            continue
        rows = await db.fetch(ORPHANS.format(log="$1"), log)
        orphans = orphans_of((row["request"], row["disclosure"]) for row in rows)
        # Another process may have settled it between the query and the lock.
        if orphans or log in await _unclosed(db, own):
            found.append(AbandonedLog(log, orphans))
        else:
            await db.execute("SELECT pg_advisory_unlock($1)", _number(log))
    return found


async def _try_acquire(db: asyncpg.Connection, log: str) -> bool:
    return bool(await db.fetchval("SELECT pg_try_advisory_lock($1)", _number(log)))


async def _unclosed(db: asyncpg.Connection, own: str) -> list[str]:
    return [row["log"] for row in await db.fetch(UNCLOSED.format(own="$1"), own)]


async def _may_return(db: asyncpg.Connection, log: str, now_ms: int) -> bool:
    """Returns whether the log may have gone on in a spool that will still be replayed."""
    rows = await db.fetch(ALLOWED_IN.format(log="$1"), log)
    minutes = [values_of(row["disclosure"]).get("minutes") for row in rows]
    longest = max((value for value in minutes if isinstance(value, int)), default=None)
    if longest is None:
        return False
    newest = await db.fetchval(NEWEST.format(log="$1"), log)
    return bool(now_ms - newest < longest * _MINUTE_MS + _RESTART_MS)


def _number(log: str) -> int:
    return int.from_bytes(hashlib.sha256(log.encode()).digest()[:8], "big", signed=True)
