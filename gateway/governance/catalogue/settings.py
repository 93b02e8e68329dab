"""Settings of the installation, as rows of the catalogue."""

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.catalogue.tables import catalogue

_KIND = "setting"


async def load_settings(connection: AsyncConnection) -> dict[str, dict[str, Any]]:
    """All settings by name."""
    query = select(catalogue.c.name, catalogue.c.document).where(catalogue.c.kind == _KIND)
    rows = await connection.execute(query)
    return {row.name: msgspec.json.decode(row.document) for row in rows}
