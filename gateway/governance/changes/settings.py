"""Settings that only another person undoes, as rows of the catalogue."""

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.changes.tables import catalogue

APPROVALS = "approvals"
NEVER, ENDED = "never", "ended"  # of one_person; the default is while-alone
_KIND = "setting"


async def load_settings(connection: AsyncConnection) -> dict[str, dict[str, Any]]:
    """All settings by name."""
    query = select(catalogue.c.name, catalogue.c.document).where(catalogue.c.kind == _KIND)
    rows = await connection.execute(query)
    return {row.name: msgspec.json.decode(row.document) for row in rows}


async def store_setting(connection: AsyncConnection, name: str, document: dict[str, Any]) -> None:
    """Store a setting."""
    where = (catalogue.c.kind == _KIND) & (catalogue.c.name == name)
    await connection.execute(delete(catalogue).where(where))
    await connection.execute(
        insert(catalogue).values(
            kind=_KIND,
            name=name,
            position=0,
            document=msgspec.json.encode(document).decode(),
            source="record",
        )
    )
