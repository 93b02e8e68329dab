"""Databases of their own on the PostgreSQL that all tests share."""

import uuid

import asyncpg


async def fresh_database(server: str) -> str:
    """The URL of a new, empty database."""
    name = f"t{uuid.uuid4().hex}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    return server.replace("/postgres?", f"/{name}?")
