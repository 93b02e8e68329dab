"""A trail that is asked about once a second knows whether entries can be written."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import Unavailable
from gateway.evidence import INTENT, Trail
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_leases import link
from tests.integration.evidence.test_trail import NOW, FailingStore, entry, make, plane
from tests.support.link import Link
from tests.support.spools import Clock, Start, clock, start, stored

__all__ = ["clock", "link", "make", "plane", "start"]
pytestmark = pytest.mark.integration
on_postgres = pytest.mark.parametrize("plane", ["postgres"], indirect=True)


async def checked(trail: Trail, clock: Clock, told: Callable[[str | None], bool]) -> None:
    """Checks once a second until the trail says what is expected."""
    async with asyncio.timeout(20):
        while not told(trail.problem):
            clock.now += 1
            await trail.check(clock_ms=NOW)
            await asyncio.sleep(0.01)


@on_postgres
async def test_an_idle_trail_notices_an_outage_and_its_end_and_writes_nothing_for_it(
    plane: ControlPlane, link: Link, clock: Clock
) -> None:
    trail = Trail(PostgresStore(link.url), kek=plane.secrets.kek, origin="gateway", clock=clock)
    await trail.start(clock_ms=NOW)
    log, before = trail.log, len(await stored(plane))
    await link.cut()
    await checked(trail, clock, lambda problem: problem is not None)
    assert "cannot be written" in str(trail.problem)
    await link.restore()
    await checked(trail, clock, lambda problem: problem is None)
    assert (trail.log, len(await stored(plane))) == (log, before)
    await trail.record(entry(INTENT, "a" * 32), b"{}")
    await trail.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["sqlite"], indirect=True)
async def test_after_a_failed_write_only_a_durable_one_makes_it_ready(
    plane: ControlPlane, tmp_path: Path, clock: Clock
) -> None:
    store = FailingStore(tmp_path / "audit-gateway.db")
    trail = Trail(store, kek=plane.secrets.kek, origin="gateway", clock=clock)
    await trail.start(clock_ms=NOW)
    store.full = True  # while the question to the store is answered well
    with pytest.raises(Unavailable):
        await trail.record(entry(INTENT, "a" * 32), b"{}")
    await checked(trail, clock, lambda problem: problem is not None)
    clock.now += 60
    assert trail.problem is not None
    store.full = False
    await checked(trail, clock, lambda problem: problem is None)
    assert [one["event"] for one in await stored(plane) if one["log"] == trail.log] == [
        "trail:log:open"
    ]
    await trail.stop(clock_ms=NOW)


@on_postgres
async def test_a_trail_that_may_spool_stays_ready_without_its_database(
    start: Start, link: Link, clock: Clock
) -> None:
    trail = await start()
    await link.cut()
    for _ in range(20):
        clock.now += 1
        await trail.check(clock_ms=NOW)
        await asyncio.sleep(0.01)
    assert trail.problem is None
    await trail.record(entry(INTENT, "a" * 32), b"{}")
    assert trail.problem is None
    clock.now += 3600  # longer than the policy allows
    assert "full" in str(trail.problem)
