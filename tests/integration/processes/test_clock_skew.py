"""The clock of this machine against that of the database."""

import time
from pathlib import Path

import pytest

from gateway.storage.database import Database

pytestmark = pytest.mark.integration


async def test_a_clock_that_is_off_shows(postgres_url: str) -> None:
    database = Database(postgres_url)
    try:
        assert abs(await database.clock_skew_s(time.time)) < 1.0
        assert 59.0 < await database.clock_skew_s(lambda: time.time() + 60) < 61.0
    finally:
        await database.close()


async def test_a_file_has_no_clock(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'governance.db'}")
    assert await database.clock_skew_s(lambda: 0.0) == 0.0
    await database.close()
