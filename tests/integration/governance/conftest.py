"""What several tests of the control plane stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.retained import Retained


@pytest.fixture(params=["sqlite", "postgres"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Retained]:
    """A control plane on either database, with requests of any age in its trail."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = Retained(tmp_path, url)
    await made.set_up()
    yield made
    await made.plane.close()
