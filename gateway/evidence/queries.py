"""Queries of the process that answers requests, in the tables of the trail."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from gateway.core.system.postgres_errors import FAILURES
from gateway.core.system.serial_executor import SerialExecutor
from gateway.evidence.ledger import LedgerDamaged
from gateway.evidence.ledger_import import connect, import_ledgers
from gateway.evidence.store import StoreFailed

_CONNECT_TIMEOUT_S = 2.0
_QUERY_TIMEOUT_S = 3.0
_IMPORT_TIMEOUT_S = 10.0
_MAX_CONNECTIONS = 2
Row = Sequence[Any]


class Queries(Protocol):
    """A store that answers one statement at a time; parameters are written ``$1``, ``$2``."""

    async def rows(self, statement: str, *given: Any) -> list[Row]:
        """Returns the rows of a statement, which is durable when this returns.

        Raises:
            StoreFailed: when the store cannot be read or written.
        """
        ...

    async def close(self) -> None:
        """Releases the store."""
        ...


class LedgerQueries:
    """Queries in the SQLite file of this process, after an import of its ledger."""

    def __init__(self, tables: Path, *, thread: str) -> None:
        self._tables = tables
        self._thread = SerialExecutor(thread)

    async def rows(self, statement: str, *given: Any) -> list[Row]:
        """Imports the ledger and runs the statement, in a thread."""
        try:
            async with asyncio.timeout(_IMPORT_TIMEOUT_S):
                return await self._thread.run(lambda: self._rows(statement, given))
        except TimeoutError as error:
            raise StoreFailed(type(error).__name__) from error

    async def close(self) -> None:
        """Ends the thread."""
        self._thread.close()

    def _rows(self, statement: str, given: tuple[Any, ...]) -> list[Row]:
        try:
            import_ledgers(self._tables)
            with closing(connect(self._tables)) as db:
                return db.execute(statement.replace("$", "?"), given).fetchall()
        except (sqlite3.Error, OSError, LedgerDamaged) as error:
            raise StoreFailed(f"{type(error).__name__}: {error}") from error


class PostgresQueries:
    """Queries in the tables that all replicas share; connects on first use.

    The trail's own connection is for writing entries.
    """

    def __init__(self, dsn: str, *, name: str) -> None:
        """``name`` is how the server lists the connections."""
        self._dsn = dsn
        self._name = name
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def rows(self, statement: str, *given: Any) -> list[Row]:
        """Runs the statement in a transaction of its own."""
        try:
            async with asyncio.timeout(_QUERY_TIMEOUT_S):
                pool = await self._open_pool()
                return [tuple(record) for record in await pool.fetch(statement, *given)]
        except FAILURES as error:
            raise StoreFailed(type(error).__name__) from error

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
                    server_settings={"application_name": self._name},
                )
            return self._pool
