"""Connections to the database: what the URL may say, and its clock against this machine's."""

import asyncio
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.storage.database import Database

pytestmark = pytest.mark.integration


async def test_a_clock_that_is_off_shows(postgres_url: str) -> None:
    database = Database(postgres_url)
    try:
        assert abs(await database.clock_skew_s(time.time)) < 1.0
        assert 59.0 < await database.clock_skew_s(lambda: time.time() + 60) < 61.0
    finally:
        await database.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
async def test_what_libpq_knows_may_be_in_the_url(postgres_url: str, scheme: str) -> None:
    rest = postgres_url.partition("://")[2]
    joined = "&" if "?" in rest else "?"
    database = Database(f"{scheme}://{rest}{joined}sslmode=disable&application_name=mine")
    try:
        async with database.read() as connection:
            assert await connection.scalar(text("SHOW application_name")) == "mine"
    finally:
        await database.close()


async def test_a_file_has_no_clock(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'governance.db'}")
    assert await database.clock_skew_s(lambda: 0.0) == 0.0
    await database.close()


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Objects in reference cycles stay in memory, as in a process with little to do."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.usefixtures("no_collection")
async def test_a_write_that_is_cut_off_holds_no_lock(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    file = f"sqlite:///{tmp_path / 'governance.db'}"
    database = Database(request.getfixturevalue("postgres_url") if kind == "postgres" else file)
    counting = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000) "
        "SELECT max(x) FROM n UNION ALL SELECT 0"  # takes a while, and has a row after the first
    )
    asked = asyncio.Event()

    async def write() -> None:
        async with database.write() as connection:
            asked.set()
            await connection.execute(text(counting))

    task = asyncio.create_task(write())
    await asked.wait()
    await asyncio.wait([task], timeout=0.1)  # the database counts
    assert task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), database.write() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await database.close()
