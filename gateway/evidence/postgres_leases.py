"""Which logs live: an advisory lock each, held for as long as their process's connection.

A process that lost the database may live, and may go on in a spool on its own disk (``spool``); then
what looks open in the database may be closed there. Each log of such a process says so, by an entry that
names the spool. Others leave it alone until its spool should long have come back; the next process on
that disk, which has replayed the spool, need not wait.
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
from gateway.evidence.store import AbandonedLog, UnclosedRequest

_LOOK_S = 0.05
_GONE_S = (
    60.0  # until the server notices that a connection is gone; its keepalives take half of that
)
_MINUTE_MS = 60_000
_COMING_BACK_MS = 60 * _MINUTE_MS  # what a gateway that had to stop is given to come back


async def take(db: asyncpg.Connection, log: str) -> None:
    """Takes the lock of a log that is new for this connection."""
    await db.execute("SELECT pg_advisory_lock($1)", _number(log))


async def retake(db: asyncpg.Connection, log: str, *, wait_s: float) -> None:
    """Takes the lock of a log that a lost connection, or a process of before, may still hold.

    Whoever settled the log may keep the lock as long as he lives; then it is not needed any more.

    Raises:
        TimeoutError: when the server did not notice within ``wait_s`` that the other is gone.
    """
    async with asyncio.timeout(wait_s):
        while not await _try(db, log):
            if await db.fetchval(SETTLED.format(log="$1"), log):
                return
            await asyncio.sleep(_LOOK_S)


async def dead_logs(
    db: asyncpg.Connection, own: str, *, spools: Collection[str], now_ms: int
) -> list[AbandonedLog]:
    """Those whose lock is free: their process is gone. Other replicas' logs are left.

    Their locks are kept, so that two that start together do not both settle them.
    """
    found = []
    unclosed = await _unclosed(db, own)
    ours = {row["log"] for row in await db.fetch(LOGS_OF_SPOOLS.format(spools="$1"), list(spools))}
    # Of our own spools all logs: a batch may have come to one after somebody settled it.
    for log in [*unclosed, *sorted(ours.difference(unclosed))]:
        if log in ours:  # we know that its process is gone
            await retake(db, log, wait_s=_GONE_S)
        elif await _may_come_back(db, log, now_ms) or not await _try(db, log):
            continue
        orphans = [
            UnclosedRequest(row["request"], values_of(row["disclosure"]))
            for row in await db.fetch(ORPHANS.format(log="$1"), log)
        ]
        # Settled perhaps by another, between the list and the lock.
        if orphans or log in await _unclosed(db, own):
            found.append(AbandonedLog(log, orphans))
        else:
            await db.execute("SELECT pg_advisory_unlock($1)", _number(log))
    return found


async def _try(db: asyncpg.Connection, log: str) -> bool:
    return bool(await db.fetchval("SELECT pg_try_advisory_lock($1)", _number(log)))


async def _unclosed(db: asyncpg.Connection, own: str) -> list[str]:
    return [row["log"] for row in await db.fetch(UNCLOSED.format(own="$1"), own)]


async def _may_come_back(db: asyncpg.Connection, log: str, now_ms: int) -> bool:
    """Whether the log may have gone on in a spool that will still be replayed."""
    allowed = await db.fetch(ALLOWED_IN.format(log="$1"), log)
    minutes = [values_of(row["disclosure"]).get("minutes") for row in allowed]
    longest = max((one for one in minutes if isinstance(one, int)), default=None)
    if longest is None:
        return False
    newest = await db.fetchval(NEWEST.format(log="$1"), log)
    return bool(now_ms - newest < longest * _MINUTE_MS + _COMING_BACK_MS)


def _number(log: str) -> int:
    return int.from_bytes(hashlib.sha256(log.encode()).digest()[:8], "big", signed=True)
