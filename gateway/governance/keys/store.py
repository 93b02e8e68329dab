"""Stored keys: read and written within the transaction of a caller."""

import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key
from gateway.governance.keys.tables import api_key

FILE, ISSUED = "file", "issued"


class StoredKey(msgspec.Struct, frozen=True):
    """A key with what is known of it beside its document; times are epoch seconds."""

    key: Key
    source: str
    created: float
    revoked: float | None


async def put(connection: AsyncConnection, key: Key, *, source: str, now: float) -> None:
    """Store a key, or change the stored one."""
    values = {
        "name": key.name,
        "digest": key.digest,
        "document": msgspec.json.encode(key).decode(),
    }
    changed = await connection.execute(
        update(api_key).where(api_key.c.id == key.id).values(**values)
    )
    if not changed.rowcount:
        await connection.execute(
            insert(api_key).values(id=key.id, source=source, created=now, **values)
        )


async def find_live(connection: AsyncConnection, reference: str) -> StoredKey:
    """The key with that id or name which is not revoked.

    Raises:
        InvalidRequest: when there is none, or more than one of that name.
    """
    named = (api_key.c.id == reference) | (api_key.c.name == reference)
    found = (await connection.execute(select(api_key).where(named, _LIVE))).all()
    if len(found) != 1:
        raise InvalidRequest(
            f"{len(found)} live keys are called {reference!r}; use the key's id.",
            code="not_found",
        )
    return _stored(found[0])


async def revoke(connection: AsyncConnection, key: Key, *, now: float) -> None:
    """Revoke a key from ``now`` on (epoch seconds)."""
    await connection.execute(update(api_key).where(api_key.c.id == key.id).values(revoked=now))


async def list_all(connection: AsyncConnection) -> list[StoredKey]:
    """All keys, also revoked ones, oldest first."""
    rows = await connection.execute(select(api_key).order_by(api_key.c.created, api_key.c.id))
    return [_stored(row) for row in rows]


async def list_active(connection: AsyncConnection) -> list[Key]:
    """The keys that are not revoked, in the order of their ids."""
    rows = await connection.execute(select(api_key.c.document).where(_LIVE).order_by(api_key.c.id))
    return [msgspec.json.decode(row.document, type=Key) for row in rows]


async def replace_configured(connection: AsyncConnection, keys: Sequence[Key]) -> list[str]:
    """Replace the keys of the file by ``keys``; gives warnings about revoked ones.

    A revoked key stays revoked until the file gives it another secret.
    """
    warnings = []
    configured = api_key.c.source == FILE
    await connection.execute(delete(api_key).where(configured, _LIVE))
    revoked = select(api_key.c.digest).where(api_key.c.revoked.is_not(None))
    revoked_digests = set((await connection.execute(revoked)).scalars())
    for key in keys:
        if key.digest in revoked_digests:
            warnings.append(f"key {key.name}: it was revoked; give it another secret")
            continue
        await connection.execute(delete(api_key).where(configured, api_key.c.id == key.id))
        await put(connection, key, source=FILE, now=time.time())
    return warnings


_LIVE = api_key.c.revoked.is_(None)


def _stored(row: Row[tuple[object, ...]]) -> StoredKey:
    key = msgspec.json.decode(row.document, type=Key)
    return StoredKey(key, row.source, row.created, row.revoked)
