"""The tables of all slices together are those that the migrations make."""

import re
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from gateway.governance.tables import SLICES, metadata
from gateway.storage.database import Database

pytestmark = pytest.mark.integration
SCHEMA = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "schema.sql"
ENTRIES = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", SCHEMA.read_text("utf-8")))


def differences(connection: Connection) -> list[Any]:
    """What a new migration would change."""
    options = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def names(connection: Connection) -> set[str]:
    """The tables of the database, without the partitions of entries."""
    return {n for n in inspect(connection).get_table_names() if not n.startswith("audit_detail_")}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_migrations_make_the_tables_of_all_slices(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if kind == "postgres":
        url = request.getfixturevalue("empty_postgres_url")
    database = Database(url)
    await database.migrate()
    async with database.read() as connection:
        assert not await connection.run_sync(differences)
        found = await connection.run_sync(names)
    await database.close()
    assert found - ENTRIES - {"alembic_version", "schema_window"} == set(metadata.tables)


def test_every_table_belongs_to_one_slice() -> None:
    owned = [name for module in SLICES for name in metadata.tables if hasattr(module, name)]
    assert sorted(owned) == sorted(metadata.tables)
