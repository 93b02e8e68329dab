"""A gateway starts over a database that it can use only; the control plane migrates it."""

import asyncpg

from gateway.core.system.postgres_errors import FAILURES
from gateway.storage.schema_version import FoundSchema, require_usable

_TIMEOUT_S = 5.0


async def require_schema(database_url: str | None) -> None:
    """Check the version of PostgreSQL's schema; ``database_url`` is None in embedded mode.

    A database that does not answer is left to what opens it next.

    Raises:
        SchemaMismatch: when this program cannot use it; the message says what to do.
    """
    if database_url is None:
        return
    try:
        found = await _found(database_url)
    except FAILURES:
        return
    require_usable(found)


async def _found(database_url: str) -> FoundSchema:
    connection = await asyncpg.connect(database_url, timeout=_TIMEOUT_S)
    try:
        versions = await _column(connection, "SELECT version_num FROM alembic_version")
        programs = await _column(
            connection, "SELECT program FROM schema_window WHERE version = ANY($1)", versions
        )
    finally:
        connection.terminate()
    return FoundSchema(versions, programs)


async def _column(connection: asyncpg.Connection, query: str, *given: list[str]) -> list[str]:
    """The first column; empty while there is no such table."""
    try:
        rows = await connection.fetch(query, *given, timeout=_TIMEOUT_S)
    except asyncpg.UndefinedTableError:
        return []
    return [row[0] for row in rows]
