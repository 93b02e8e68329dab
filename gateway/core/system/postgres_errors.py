"""How a connection to PostgreSQL fails."""

import asyncpg

# InternalClientError: the server ended the connection while something was under way.
FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
