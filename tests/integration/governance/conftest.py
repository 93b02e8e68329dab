"""What several tests of the control plane stand on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.core.system.secrets import create
from tests.support.issuer import TestIssuer
from tests.support.office import Office
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


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    with TestIssuer() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[Office]:
    """Two control planes on either database, and an issuer whose persons sign on."""
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        made = Office(f"sqlite:///{tmp_path / 'governance.db'}", secrets, tmp_path, issuer)
    else:
        made = Office(request.getfixturevalue("postgres_url"), secrets, None, issuer)
    await made.open()
    yield made
    await made.close()
