"""A restart, an upgrade and a roll-back, one process after another: no request fails."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest

from gateway.storage.schema_version import known_versions
from tests.support.balanced_load import BalancedLoad
from tests.support.installation import Installation
from tests.support.next_version import NEXT, next_version

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]


@pytest.fixture
def pair(
    tmp_path: Path, postgres_url: str, config: str, request: pytest.FixtureRequest
) -> Iterator[list[Installation]]:
    """Two gateways on one PostgreSQL; the first has the control plane.

    A parameter is the seconds that a gateway serves after it is stopped.
    """
    settings = {"SLUIS_LEAVE_S": getattr(request, "param", "2")}
    made = [Installation(tmp_path, postgres_url, settings=dict(settings)) for _ in range(2)]
    made[0].sluis("secrets", "create")
    made[0].apply(config)
    try:
        made[0].start("control", "gateway")
        made[1].start("gateway")
        yield made
    finally:
        for one in made:
            one.stop()


@pytest.fixture
def load(pair: list[Installation]) -> Iterator[BalancedLoad]:
    made = BalancedLoad(pair)
    try:
        yield made
    finally:
        made.stop()


def restarted(one: Installation, part: str, load: BalancedLoad) -> None:
    """A part stops in order and starts again, by the settings that its installation has now."""
    process = one.process(part)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    one.start(part)
    load.more(30)


def schema_of(url: str) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(url)
        try:
            return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
        finally:
            await connection.close()

    return asyncio.run(ask())


def verified(one: Installation, package: Path) -> None:
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    one.sluis("audit", "export", *period, "--output", str(package))
    assert one.sluis("audit", "verify", str(package)).returncode == 0


def test_a_rolling_restart_under_load_fails_no_request(
    pair: list[Installation], load: BalancedLoad
) -> None:
    load.more(30)
    for one in (*pair, *pair):
        restarted(one, "gateway", load)
    restarted(pair[0], "control", load)
    assert load.failed == []


@pytest.mark.parametrize("pair", ["60"], indirect=True)
def test_a_stopped_gateway_is_not_ready_and_still_serves_while_clients_leave(
    pair: list[Installation],
) -> None:
    one = pair[0]
    one.process("gateway").send_signal(signal.SIGTERM)
    one.until(lambda: httpx.get(f"{one.url}/readyz").status_code == 503, "it stops")
    ready = httpx.get(f"{one.url}/readyz")
    assert ready.json()["parts"] == {"process": "this process is stopping"}
    answer = one.ask("Hello")
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"
    one.process("gateway").send_signal(signal.SIGTERM)  # the second one ends the minute
    assert one.process("gateway").wait(timeout=30) == 0
    pair[1].kill("gateway")


def test_an_upgrade_and_a_roll_back_under_load_fail_no_request(
    pair: list[Installation], load: BalancedLoad, tmp_path: Path
) -> None:
    """Both versions serve at once, over the schema of the newer one, in both directions."""
    first, url = pair[0], str(pair[0].database_url)
    own, forks = dict(first.settings), first.forks
    newer = own | next_version(tmp_path / "next", expands=True)
    load.more(30)

    replace(first, settings=newer, forks=False, _running={}).sluis("migrate")
    assert schema_of(url) == NEXT
    load.more(30)
    for one, part in ((first, "control"), (first, "gateway"), (pair[1], "gateway")):
        one.settings, one.forks = newer, False
        restarted(one, part, load)
    assert load.failed == []

    for one, part in ((pair[1], "gateway"), (first, "gateway"), (first, "control")):
        one.settings, one.forks = own, forks
        restarted(one, part, load)
    load.stop()
    assert load.failed == []
    assert schema_of(url) == NEXT
    assert known_versions()[-1] != NEXT
    verified(first, tmp_path / "all.zip")


def test_a_version_that_the_schema_leaves_out_does_not_start_after_a_roll_back(
    pair: list[Installation], tmp_path: Path
) -> None:
    """Its migration does not say ``expands``: the way back is the backup."""
    first = pair[0]
    newer = first.settings | next_version(tmp_path / "next", expands=False)
    replace(first, settings=newer, forks=False, _running={}).sluis("migrate")
    done = replace(first, _running={}).sluis("gateway", check=False)
    assert done.returncode == 1
    assert f"The database has schema {NEXT}" in done.stderr
