"""What does not fit together is one plain line at the start, and nothing is changed."""

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
_TABLES = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname"


async def _ask(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def ask(url: str, query: str) -> list[asyncpg.Record]:
    return asyncio.run(_ask(url, query))


def rows_of(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    return {
        name: sorted(str(row) for row in ask(url, f'SELECT * FROM "{name}"'))
        for name in (row["relname"] for row in ask(url, _TABLES))
    }


@pytest.fixture
def sluis(tmp_path: Path, postgres_url: str) -> Installation:
    made = Installation(tmp_path, database_url=postgres_url)
    made.sluis("secrets", "create")
    made.sluis("migrate")
    return made


@pytest.mark.parametrize("command", ["migrate", "control", "gateway", "doctor"])
def test_a_newer_schema_is_one_line(sluis: Installation, command: str) -> None:
    url = str(sluis.database_url)
    ask(url, "UPDATE alembic_version SET version_num = '9999'")
    before = rows_of(url)
    done = sluis.sluis(command, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "The database has schema 9999" in said
    assert "Start the version that migrated it" in said
    assert "Traceback" not in said
    assert rows_of(url) == before


def test_a_newer_schema_that_states_this_version_is_used_as_it_is(sluis: Installation) -> None:
    """During an upgrade, processes of the version before may start again."""
    url = str(sluis.database_url)
    own = ask(url, "SELECT version_num FROM alembic_version")[0]["version_num"]
    ask(url, "UPDATE alembic_version SET version_num = '9999'")
    ask(url, f"INSERT INTO schema_window VALUES ('9999', '9999'), ('9999', '{own}')")
    before = rows_of(url)["alembic_version"]
    assert sluis.sluis("migrate").returncode == 0
    try:
        sluis.start("control", "gateway")
    finally:
        sluis.stop()
    assert rows_of(url)["alembic_version"] == before
    assert "schema" not in sluis.sluis("doctor", check=False).stderr


@pytest.mark.parametrize("command", ["gateway", "doctor"])
@pytest.mark.parametrize("found", ["0001", ""])
def test_an_older_schema_is_one_line_that_names_the_command(
    sluis: Installation, command: str, found: str
) -> None:
    url = str(sluis.database_url)
    ask(
        url,
        f"UPDATE alembic_version SET version_num = '{found}'"
        if found
        else "DELETE FROM alembic_version",
    )
    before = rows_of(url)
    done = sluis.sluis(command, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert (f"schema {found}" if found else "no schema") in said
    assert "Run `sluis migrate`" in said
    assert "Traceback" not in said
    assert rows_of(url) == before


def test_the_doctor_changes_nothing(sluis: Installation) -> None:
    url = str(sluis.database_url)
    before = rows_of(url)
    assert before["alembic_version"]
    done = sluis.sluis("doctor", check=False)
    assert re.search(r"trail holds together +(ok=)?yes", done.stdout), done.stdout
    assert rows_of(url) == before


@pytest.mark.parametrize("command", ["migrate", "control", "gateway", "doctor"])
def test_a_first_installation_is_told_to_create_secrets(
    tmp_path: Path, empty_postgres_url: str, command: str
) -> None:
    done = Installation(tmp_path, database_url=empty_postgres_url).sluis(command, check=False)
    assert done.returncode == 1
    assert "sluis secrets create" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
