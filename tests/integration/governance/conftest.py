"""What several tests of the control plane stand on."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.core.system.secrets import create
from tests.support.issuer import TestIssuer
from tests.support.lone_house import LoneHouse
from tests.support.office import Office
from tests.support.postgres import fresh_database
from tests.support.retained import Retained
from tests.support.schema import TEMPLATE


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


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=["sqlite", "postgres"])
async def lone_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, issuer: TestIssuer
) -> AsyncIterator[LoneHouse]:
    """An installation of two persons and of one who has every role."""
    folder = tmp_path_factory.mktemp("house")
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgres":
            server = request.getfixturevalue("postgres")
            url = stack.enter_context(fresh_database(server, TEMPLATE))
        database, data_dir = url or f"sqlite:///{folder / 'governance.db'}", None if url else folder
        made = LoneHouse(database, create(folder / "secrets"), data_dir, issuer)
        stack.push_async_callback(made.close)
        await made.set_up()
        yield made
