"""A gateway starts over a database of its own version only; the control plane migrates it."""

import asyncpg

from gateway.core.system.postgres_errors import FAILURES
from gateway.storage.schema_version import require_current

_TIMEOUT_S = 5.0


async def require_schema(database_url: str | None) -> None:
    """Check the version of PostgreSQL's schema; ``database_url`` is None in embedded mode.

    A database that does not answer is left to what opens it next.

    Raises:
        SchemaMismatch: when it is another version; the message says what to do.
    """
    if database_url is None:
        return
    try:
        found = await _versions(database_url)
    except FAILURES:
        return
    require_current(found)


async def _versions(database_url: str) -> list[str]:
    connection = await asyncpg.connect(database_url, timeout=_TIMEOUT_S)
    try:
        rows = await connection.fetch("SELECT version_num FROM alembic_version", timeout=_TIMEOUT_S)
    except asyncpg.UndefinedTableError:
        return []
    finally:
        connection.terminate()
    return [row["version_num"] for row in rows]
