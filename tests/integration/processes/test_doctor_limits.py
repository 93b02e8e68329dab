"""What the doctor says about the store of limits, and about gateways that count apart."""

from pathlib import Path

import pytest

from gateway.processes.doctor_limits import check_store
from gateway.processes.settings import read
from tests.support.ports import free_port
from tests.support.valkey import running

pytestmark = pytest.mark.integration
STORE = "the store of limits and budgets"


class Findings:
    def __init__(self) -> None:
        self.todo: dict[str, str | None] = {}

    def __call__(self, what: str, *, ok: bool, todo: str = "") -> None:
        self.todo[what] = None if ok else todo


async def test_a_store_that_keeps_counters_is_good(tmp_path: Path) -> None:
    found = Findings()
    await check_store(read({}), found)
    assert not found.todo
    with running(tmp_path / "valkey") as server:
        await check_store(read({"SLUIS_VALKEY_URL": server.url}), found)
    assert found.todo == {STORE: None}


async def test_a_store_that_forgets_or_is_away_is_a_fault(tmp_path: Path) -> None:
    found = Findings()
    with running(tmp_path / "valkey", "--maxmemory-policy", "allkeys-lru") as server:
        await check_store(read({"SLUIS_VALKEY_URL": server.url}), found)
    assert "set noeviction" in str(found.todo[STORE])
    url = f"redis://:secret@127.0.0.1:{free_port()}"
    await check_store(read({"SLUIS_VALKEY_URL": url}), found)
    assert "no connection" in str(found.todo[STORE])
    assert "secret" not in str(found.todo[STORE])
