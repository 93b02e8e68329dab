"""Gateways on one database with a control plane beside them, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.system.secrets import create
from gateway.governance.plane import ControlPlane, build
from tests.support.gateways import Clock, GatedApi, Gateway, snapshot
from tests.support.in_process import InProcessGateway, key_of
from tests.support.schema import migrate
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import WireProvider

Make = Callable[..., Awaitable[Gateway]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> Iterator[GatedApi]:
    with GatedApi() as api:
        yield api


@pytest.fixture(params=["sqlite", "postgres"])
async def plane(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        url, data_dir = f"sqlite:///{tmp_path / 'governance.db'}", tmp_path
    else:
        url, data_dir = request.getfixturevalue("postgres_url"), None
    built = build(database_url=url, secrets=secrets, data_dir=data_dir, wall=clock)
    await migrate(built.database)
    yield built
    await built.close()


@pytest.fixture
async def make(
    plane: ControlPlane, tmp_path: Path, clock: Clock, provider: GatedApi
) -> AsyncIterator[Make]:
    """Makes gateways; ``url`` is another way to the database, the rest policy files by name."""
    made: list[Gateway] = []

    async def gateway(url: str | None = None, **bundle: str) -> Gateway:
        document = snapshot(provider, plane.secrets.pepper, **bundle)
        url = url or (None if plane.database.is_sqlite else plane.database.url)
        one = Gateway(document, plane.secrets, clock, folder=tmp_path, url=url)
        made.append(await one.start())
        return one

    yield gateway
    provider.gate.set()
    for one in made:
        await one.stop()


@pytest.fixture
async def gateway(make: Make) -> Gateway:
    return await make()


@pytest.fixture
async def wire_gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    """One gateway in this process, before the scripted provider of a file."""
    secrets = create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(secrets.pepper))
    async with InProcessGateway(snapshot, tmp_path, made=secrets) as running:
        yield running
