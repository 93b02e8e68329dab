"""The names of keys by their ids, for readers; revoked ones too."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.keys.tables import api_key

_AT_ONCE = 300  # a database takes so many values in one statement


async def names_of_keys(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, str]:
    """The name of each id that is a key's; a person who signs on has none here."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        query = select(api_key.c.id, api_key.c.name).where(api_key.c.id.in_(part))
        found.update({row.id: row.name for row in await connection.execute(query)})
    return found
