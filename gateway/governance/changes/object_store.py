"""Writes governed objects into their tables."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.objects.keys import ADMIN_KEY, KEY
from gateway.governance.changes.edits import Edit
from gateway.governance.changes.tables import catalogue

WriteKey = Callable[[AsyncConnection, Edit], Awaitable[None]]


class ObjectStore:
    """The tables of governed objects: the catalogue, and that of keys."""

    def __init__(self, write_key: WriteKey) -> None:
        """``write_key`` stores a key, or revokes it."""
        self._write_key = write_key

    async def write(self, connection: AsyncConnection, edits: Iterable[Edit]) -> None:
        """Make edits within a transaction: what goes first, as a new key may have its secret."""
        for edit in sorted(edits, key=lambda edit: edit.document is not None):
            if edit.kind in (KEY, ADMIN_KEY):
                await self._write_key(connection, edit)
            else:
                await _write(connection, edit)


async def _write(connection: AsyncConnection, edit: Edit) -> None:
    where = (catalogue.c.kind == edit.kind) & (catalogue.c.name == edit.name)
    await connection.execute(delete(catalogue).where(where))
    if edit.document is not None:
        await connection.execute(
            insert(catalogue).values(
                kind=edit.kind,
                name=edit.name,
                position=edit.position,
                document=_stored(edit).decode(),
                source=edit.source,
            )
        )


def _stored(edit: Edit) -> bytes:
    document = edit.document or {}
    return msgspec.json.encode(document["networks"] if edit.kind == "network" else document)
