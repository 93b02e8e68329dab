"""The exceptions that a failed PostgreSQL connection raises."""

import asyncpg

# InternalClientError: the server ended the connection during an operation.
FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
