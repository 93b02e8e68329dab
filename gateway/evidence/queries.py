"""Queries of the process that answers requests, in the tables of the trail."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from gateway.core.system.postgres_errors import FAILURES
from gateway.core.system.serial_executor import SerialExecutor
from gateway.evidence.ledger import LedgerDamaged
from gateway.evidence.ledger_import import connect, import_ledgers
from gateway.evidence.store import StoreFailed

# A request that cannot be served is refused within two seconds of its arrival.
_QUEUE_TIMEOUT_S = 0.3
_CONNECT_TIMEOUT_S = 0.7
_READ_TIMEOUT_S = 0.9
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


def no_action() -> None:
    """What happens when a database hangs and no one handles it."""


class PostgresQueries:
    """Queries in the tables that all replicas share; connects on first use.

    The trail's own connection is for writing entries.
    """

    def __init__(self, dsn: str, *, name: str, on_hang: Callable[[], None] = no_action) -> None:
        """``name`` is how the server lists the connections.

        ``on_hang`` is called when the database has not answered in time.
        """
        self._dsn = dsn
        self._session = {"application_name": name}
        self._on_hang = on_hang
        self._slots = asyncio.Semaphore(_MAX_CONNECTIONS)
        self._idle: list[asyncpg.Connection] = []

    async def rows(self, statement: str, *given: Any) -> list[Row]:
        """Runs the statement in a transaction of its own, as soon as a connection is free."""
        try:
            async with asyncio.timeout(_QUEUE_TIMEOUT_S):
                await self._slots.acquire()
        except TimeoutError as error:
            raise StoreFailed(type(error).__name__) from error
        try:
            return [tuple(record) for record in await self._fetch(statement, given)]
        except FAILURES as error:
            raise StoreFailed(type(error).__name__) from error
        finally:
            self._slots.release()

    async def close(self) -> None:
        """Ends its connections."""
        for connection in self._idle:
            connection.terminate()

    async def _fetch(self, statement: str, given: tuple[Any, ...]) -> list[asyncpg.Record]:
        connection = await self._connection()
        # Not a cancellation, which would wait for the server's answer.
        loop = asyncio.get_running_loop()
        timer = loop.call_later(_READ_TIMEOUT_S, self._end_hung, connection)
        try:
            records = list(await connection.fetch(statement, *given))
        except BaseException:  # the next caller must not find a connection with open work
            connection.terminate()
            raise
        finally:
            timer.cancel()
        self._idle.append(connection)
        return records

    async def _connection(self) -> asyncpg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(
                self._dsn, timeout=_CONNECT_TIMEOUT_S, server_settings=self._session
            )
        except TimeoutError:
            self._on_hang()
            raise

    def _end_hung(self, connection: asyncpg.Connection) -> None:
        self._on_hang()
        connection.terminate()
