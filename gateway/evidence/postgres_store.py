"""Entries in PostgreSQL through COPY; the tables are made by the migrations."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from gateway.evidence.entry import values_of
from gateway.evidence.rows import (
    DETAIL_COLUMNS,
    ENTRY_COLUMNS,
    ORPHANS,
    SPENT,
    UNCLOSED,
    Batch,
)
from gateway.evidence.trail import Orphan, StoreFailed

T = TypeVar("T")
_CONNECT_S = 2.0
_STATEMENT_MS = 1000
_BATCH_S = 3.0
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


def _lease_number(log: str) -> int:
    return int.from_bytes(hashlib.sha256(log.encode()).digest()[:8], "big", signed=True)


class PostgresStore:
    """The store of one process: one connection, which also holds the log's advisory lock."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._db: asyncpg.Connection | None = None
        self._leased: list[str] = []

    async def append(self, batch: Batch) -> None:
        """One transaction for the batch."""

        async def work(db: asyncpg.Connection) -> None:
            async with db.transaction():
                await db.copy_records_to_table(
                    "audit_entry", records=batch.entries(), columns=ENTRY_COLUMNS
                )
                await db.copy_records_to_table(
                    "audit_detail", records=batch.details(), columns=DETAIL_COLUMNS
                )
                if batch.subject_keys:
                    await db.executemany(
                        "INSERT INTO subject_key (log, subject, wrapped) VALUES ($1, $2, $3) "
                        "ON CONFLICT DO NOTHING",
                        batch.keys(),
                    )

        await self._run(work)

    async def lease(self, log: str) -> None:
        """Holds an advisory lock for as long as the connection lives."""

        async def work(db: asyncpg.Connection) -> None:
            await db.execute("SELECT pg_advisory_lock($1)", _lease_number(log))

        await self._run(work)
        self._leased.append(log)

    async def orphans(self, log: str) -> list[Orphan]:
        """Of logs whose lock is free: their process is gone. Other replicas' logs are left."""
        return await self._run(lambda db: _orphans(db, log))

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """From the entries of all replicas."""
        rows = await self._run(lambda db: db.fetch(SPENT.format(since="$1"), time_ms))
        return {row["team"]: float(row["micros"]) / 1_000_000 for row in rows}

    async def close(self) -> None:
        """Closes the connection, which frees the lock."""
        if self._db is not None:
            await self._db.close(timeout=_CONNECT_S)

    async def _run(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(_BATCH_S):
                if self._db is None or self._db.is_closed():
                    self._db = await self._connect()
                return await work(self._db)
        except _FAILURES as error:
            if self._db is not None:
                self._db.terminate()
                self._db = None
            raise StoreFailed(type(error).__name__) from error

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._dsn,
            timeout=_CONNECT_S,
            server_settings={
                "statement_timeout": str(_STATEMENT_MS),
                "application_name": "sluis-trail",
            },
        )


async def _orphans(db: asyncpg.Connection, own: str) -> list[Orphan]:
    found = []
    for row in await db.fetch(UNCLOSED.format(own="$1"), own):
        log = row["log"]
        number = _lease_number(log)
        if not await db.fetchval("SELECT pg_try_advisory_lock($1)", number):
            continue
        try:
            for request, of_log, disclosure in await db.fetch(ORPHANS.format(log="$1"), log):
                found.append(Orphan(request, of_log, values_of(disclosure)))
        finally:
            await db.execute("SELECT pg_advisory_unlock($1)", number)
    return found
