"""Names of keys beside their ids, in searches and in rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from gateway.governance.keys.tables import api_key
from gateway.storage.database import Database


class KeyNames:
    """The names of all keys, also of revoked ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolved(self, filters: Mapping[str, str]) -> dict[str, str]:
        """The filters with the id of a key in place of its name; the newest key of that name."""
        name = filters.get("principal")
        if not name:
            return dict(filters)
        of_name = select(api_key.c.id).where(api_key.c.name == name)
        async with self._database.read() as connection:
            newest = of_name.order_by(api_key.c.created.desc()).limit(1)
            found = await connection.scalar(newest)
        return {**filters, "principal": str(found or name)}

    async def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add names to rows that have none, by the ids of their keys."""
        unnamed = [row for row in rows if row["principal"] and "name" not in row]
        ids = sorted({row["principal"] for row in unnamed})
        query = select(api_key.c.id, api_key.c.name).where(api_key.c.id.in_(ids))
        async with self._database.read() as connection:
            names = {row.id: row.name for row in await connection.execute(query)}
        for row in unnamed:
            row["name"] = names.get(row["principal"])
