"""Connections to the database: what the URL may say, and its clock against this machine's."""

import time
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
