"""Reads stored values, for the process that answers requests."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gateway.evidence.queries import LedgerQueries, PostgresQueries, Queries, no_action
from gateway.evidence.values import LOAD, ValueCipher, Values


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


class _StoredValues:
    """Stored values in the tables of the trail."""

    def __init__(self, queries: Queries, *, kek: bytes) -> None:
        self._queries = queries
        self._cipher = ValueCipher(kek)

    async def load(self, scope: str, *, now_ms: int) -> Values:
        """Reads the values, and decrypts them in a thread."""
        found = await self._queries.rows(LOAD, scope, now_ms)
        if not found:
            return {}
        rows = [(id_, type_, ciphertext, wrapped) for id_, type_, ciphertext, wrapped in found]
        return await asyncio.to_thread(self._cipher.open_all, rows, scope=scope)

    async def close(self) -> None:
        """Releases the store."""
        await self._queries.close()


class LedgerValues(_StoredValues):
    """Stored values in the SQLite file of this process, after an import of its ledger."""

    def __init__(self, tables: Path, *, kek: bytes) -> None:
        super().__init__(LedgerQueries(tables, thread="values"), kek=kek)


class PostgresValues(_StoredValues):
    """Stored values in the tables that all replicas share; connects on first use."""

    def __init__(self, dsn: str, *, kek: bytes, on_hang: Callable[[], None] = no_action) -> None:
        """``on_hang`` as for ``PostgresQueries``."""
        super().__init__(PostgresQueries(dsn, name="sluis-values", on_hang=on_hang), kek=kek)
