"""Reads stored values, for the process that answers requests."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import asyncpg

from gateway.core.system.postgres_errors import FAILURES
from gateway.core.system.serial_executor import SerialExecutor
from gateway.evidence.ledger import LedgerDamaged
from gateway.evidence.ledger_import import connect, import_ledgers
from gateway.evidence.store import StoreFailed
from gateway.evidence.values import LOAD, Row, ValueCipher, Values

_CONNECT_TIMEOUT_S = 2.0
_READ_TIMEOUT_S = 3.0
_IMPORT_TIMEOUT_S = 10.0
_MAX_CONNECTIONS = 2


class ValueReader(Protocol):
    """A source of stored values."""

    async def load(self, scope: str, *, now_ms: int) -> Values:
        """Returns the unexpired values of a scope; the newest ones when there are too many.

        Raises:
            StoreFailed: when they cannot be read.
        """
        ...

    async def close(self) -> None:
        """Releases the store."""
        ...


class LedgerValues:
    """Stored values in the SQLite file of this process, after an import of its ledger."""

    def __init__(self, tables: Path, *, kek: bytes) -> None:
        self._tables = tables
        self._cipher = ValueCipher(kek)
        self._thread = SerialExecutor("values")

    async def load(self, scope: str, *, now_ms: int) -> Values:
        """Imports the ledger and reads the values, in a thread."""
        try:
            async with asyncio.timeout(_IMPORT_TIMEOUT_S):
                return await self._thread.run(lambda: self._load(scope, now_ms))
        except TimeoutError as error:
            raise StoreFailed(type(error).__name__) from error

    async def close(self) -> None:
        """Ends the thread."""
        self._thread.close()

    def _load(self, scope: str, now_ms: int) -> Values:
        try:
            import_ledgers(self._tables)
            with closing(connect(self._tables)) as db:
                rows = db.execute(LOAD.format(scope="?", now="?"), (scope, now_ms)).fetchall()
        except (sqlite3.Error, OSError, LedgerDamaged) as error:
            raise StoreFailed(f"{type(error).__name__}: {error}") from error
        return self._cipher.open_all(rows, scope=scope)


class PostgresValues:
    """Stored values in the tables that all replicas share; connects on first use."""

    def __init__(self, dsn: str, *, kek: bytes) -> None:
        self._dsn = dsn
        self._cipher = ValueCipher(kek)
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def load(self, scope: str, *, now_ms: int) -> Values:
        """Reads the values by a separate connection: the trail's is for writing."""
        try:
            async with asyncio.timeout(_READ_TIMEOUT_S):
                pool = await self._open_pool()
                records = await pool.fetch(LOAD.format(scope="$1", now="$2"), scope, now_ms)
        except FAILURES as error:
            raise StoreFailed(type(error).__name__) from error
        rows: list[Row] = [(r["id"], r["type"], r["ciphertext"], r["wrapped"]) for r in records]
        return await asyncio.to_thread(self._cipher.open_all, rows, scope=scope) if rows else {}

    async def close(self) -> None:
        """Closes its connections."""
        if self._pool is not None:
            await self._pool.close()

    async def _open_pool(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=_MAX_CONNECTIONS,
                    timeout=_CONNECT_TIMEOUT_S,
                    server_settings={"application_name": "sluis-values"},
                )
            return self._pool
