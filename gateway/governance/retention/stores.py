"""Transactions over a store of entries and the governance database, which has the holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.database import Database


@asynccontextmanager
async def locked(
    governance: Database, store: Database
) -> AsyncIterator[tuple[AsyncConnection, AsyncConnection]]:
    """A transaction of each, always in the same order, so that there is no deadlock."""
    async with governance.write() as first:
        if store is governance:
            yield first, first
        else:
            async with store.write() as second:
                yield first, second
