"""Reads stored values, for the process that answers requests."""

import asyncio
import sqlite3
from collections.abc import Callable
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

_SESSION = {"application_name": "sluis-values"}
# A request that cannot be served is refused within two seconds of its arrival.
_QUEUE_TIMEOUT_S = 0.3
_CONNECT_TIMEOUT_S = 0.7
_READ_TIMEOUT_S = 0.9
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
    """Stored values in the tables that all replicas share; connects on first use.

    Reads by connections of its own: the trail's is for writing.
    """

    def __init__(self, dsn: str, *, kek: bytes, on_hang: Callable[[], None] = lambda: None) -> None:
        """``on_hang`` is called when the database has not answered in time."""
        self._dsn = dsn
        self._cipher = ValueCipher(kek)
        self._on_hang = on_hang
        self._slots = asyncio.Semaphore(_MAX_CONNECTIONS)
        self._idle: list[asyncpg.Connection] = []

    async def load(self, scope: str, *, now_ms: int) -> Values:
        """Reads the values, as soon as a connection is free."""
        try:
            async with asyncio.timeout(_QUEUE_TIMEOUT_S):
                await self._slots.acquire()
        except TimeoutError as error:
            raise StoreFailed(type(error).__name__) from error
        try:
            records = await self._fetch(LOAD.format(scope="$1", now="$2"), scope, now_ms)
        except FAILURES as error:
            raise StoreFailed(type(error).__name__) from error
        finally:
            self._slots.release()
        rows: list[Row] = [(r["id"], r["type"], r["ciphertext"], r["wrapped"]) for r in records]
        return await asyncio.to_thread(self._cipher.open_all, rows, scope=scope) if rows else {}

    async def close(self) -> None:
        """Ends its connections."""
        for connection in self._idle:
            connection.terminate()

    async def _fetch(self, query: str, *values: str | int) -> list[asyncpg.Record]:
        connection = await self._connection()
        # Not a cancellation, which would wait for the server's answer.
        loop = asyncio.get_running_loop()
        timer = loop.call_later(_READ_TIMEOUT_S, self._end_hung, connection)
        try:
            records = list(await connection.fetch(query, *values))
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
                self._dsn, timeout=_CONNECT_TIMEOUT_S, server_settings=_SESSION
            )
        except TimeoutError:
            self._on_hang()
            raise

    def _end_hung(self, connection: asyncpg.Connection) -> None:
        self._on_hang()
        connection.terminate()
