"""Logs of dead processes are settled once, by one; those of living ones are left alone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from gateway.core.errors import Unavailable
from gateway.evidence import CLOSE, INTENT, Trail
from gateway.evidence.entry import values_of
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.rows import EntryBatch
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_trail import NOW, FailingStore, Make, entry, make, plane
from tests.support.link import Link

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration


async def died(make: Make, *requests: str) -> str:
    """The log of a process that is gone, with what it left open."""
    trail = make()
    await trail.start(clock_ms=NOW)
    for request in requests:
        await trail.record(entry(INTENT, request), b"{}")
    await trail._store.close()  # its connection or lock is gone, as after a kill
    return trail.log


async def events(plane: ControlPlane) -> Counter[tuple[str, str]]:
    rows = await plane.trail.rows("SELECT event, request FROM audit_entry", {})
    return Counter((row["event"], row["request"]) for row in rows)


async def test_a_dead_log_is_settled_once(plane: ControlPlane, make: Make) -> None:
    log = await died(make, "a" * 32, "b" * 32)
    for closed in (2, 0, 0):
        trail = make()
        assert await trail.start(clock_ms=NOW) == closed
        await trail.stop(clock_ms=NOW)
    found = await events(plane)
    assert found["trail:log:settle", log] == 1
    assert found[CLOSE, "a" * 32] == found[CLOSE, "b" * 32] == 1
    (settled,) = await plane.trail.entries_of(log)
    assert (settled.fields["of_log"], settled.fields["closed"]) == (log, 2)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)  # one writer a file
async def test_replicas_that_start_together_close_nothing_twice(
    plane: ControlPlane, make: Make
) -> None:
    requests = [f"{number:032x}" for number in range(30)]
    dead = [make() for _ in range(3)]
    for at, trail in enumerate(dead):
        await trail.start(clock_ms=NOW)
        for request in requests[at::3]:
            await trail.record(entry(INTENT, request), b"{}")
    for trail in dead:
        await trail._store.close()
    logs = [trail.log for trail in dead]
    replicas = [make() for _ in range(4)]
    closed = await asyncio.gather(*(replica.start(clock_ms=NOW) for replica in replicas))
    assert sum(closed) == len(requests)
    found = await events(plane)
    assert [found[CLOSE, request] for request in requests] == [1] * len(requests)
    assert [found["trail:log:settle", log] for log in logs] == [1] * len(logs)
    for replica in replicas:
        await replica.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)  # there is no connection to be lost
async def test_a_live_process_that_lost_its_connection_keeps_its_logs(
    plane: ControlPlane, make: Make
) -> None:
    living = make()
    await living.start(clock_ms=NOW)
    await living.record(entry(INTENT, "c" * 32), b"{}")
    await cut(plane)
    try:
        await living.record(entry(INTENT, "e" * 32), b"{}")
    except Unavailable:  # it was writing when it noticed; the next is a log of its own
        await living.record(entry(INTENT, "e" * 32), b"{}")
    other = make()
    assert await other.start(clock_ms=NOW) == 0
    for request in ("c" * 32, "e" * 32):
        await living.record(entry(CLOSE, request, outcome="ok"), b"[]")
    await other.stop(clock_ms=NOW)
    story = await plane.trail.entries_of("c" * 32)
    assert [one.event for one in story] == [INTENT, CLOSE]
    assert story[-1].fields["outcome"] == "ok"
    await living.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
async def test_a_read_only_database_takes_no_entries(plane: ControlPlane, make: Make) -> None:
    trail = make()
    await trail.start(clock_ms=NOW)
    admin = await asyncpg.connect(plane.database.url)
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await cut(plane)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await trail.record(entry(INTENT, "a" * 32), b"{}")
    await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await admin.close()
    await cut(plane)
    for _ in range(2):  # the first may find the connection gone
        with suppress(Unavailable):
            await trail.record(entry(INTENT, "b" * 32), b"{}")
            break
    found = await events(plane)
    assert (found[INTENT, "a" * 32], found[INTENT, "b" * 32]) == (0, 1)
    await trail.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
async def test_the_writer_survives_connections_that_the_server_ends(
    plane: ControlPlane, make: Make
) -> None:
    trail = make()
    await trail.start(clock_ms=NOW)
    kept = []
    for number in range(60):
        request = f"{number:032x}"
        ending = asyncio.ensure_future(cut(plane))
        for _ in range(number % 7):
            await asyncio.sleep(0)
        with suppress(Unavailable):
            await trail.record(entry(INTENT, request), b"{}")
            kept.append(request)
        await ending
    assert not trail.broken
    async with asyncio.timeout(10):
        while f"{60:032x}" not in kept:
            with suppress(Unavailable):
                await trail.record(entry(INTENT, f"{60:032x}"), b"{}")
                kept.append(f"{60:032x}")
    found = await events(plane)
    assert [found[INTENT, request] for request in kept] == [1] * len(kept)
    await trail.stop(clock_ms=NOW)


class FaultyStore(LedgerStore):
    """A store with a fault of ours in it."""

    async def append(self, batch: EntryBatch) -> None:
        raise ZeroDivisionError


@pytest.mark.parametrize("plane", ["sqlite"], indirect=True)
async def test_a_bug_in_the_writer_fails_all_waiting_callers(
    plane: ControlPlane, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FaultyStore(tmp_path / "audit-gateway.db")
    trail = Trail(store, kek=plane.secrets.kek, origin="gateway")
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await trail.start(clock_ms=NOW)
        with pytest.raises(Unavailable):
            await trail.record(entry(INTENT, "a" * 32), b"{}")
    assert trail.broken
    assert "trail:writer:fault" in caplog.text
    assert isinstance(trail._writer, asyncio.Task)
    assert isinstance(trail._writer.exception(), ZeroDivisionError)
    await store.close()


async def cut(plane: ControlPlane) -> None:
    """Ends the connections of all trails, as a restart of the database does."""
    admin = await asyncpg.connect(plane.database.url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "  # until they are gone
        "WHERE application_name = 'sluis-trail' AND datname = current_database()"
    )
    await admin.close()


@pytest.mark.parametrize("plane", ["sqlite"], indirect=True)  # the store that fails is the ledger
async def test_a_log_names_its_failed_predecessor_and_both_are_settled(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    store = FailingStore(tmp_path / "audit-gateway.db")
    trail = Trail(store, kek=plane.secrets.kek, origin="gateway")
    await trail.start(clock_ms=NOW)
    before = trail.log
    await trail.record(entry(INTENT, "a" * 32), b"{}")
    store.full = True
    with pytest.raises(Unavailable):
        await trail.record(entry(INTENT, "b" * 32), b"{}")
    store.full = False
    await trail.record(entry(INTENT, "c" * 32), b"{}")
    rows = await plane.trail.rows(
        "SELECT event, disclosure FROM audit_detail WHERE log = :log AND seq = 0",
        {"log": trail.log},
    )
    assert rows[0]["event"] == "trail:log:open"
    assert values_of(bytes(rows[0]["disclosure"]))["after"] == before
    await store.close()
    living = make()
    assert await living.start(clock_ms=NOW) == 2
    found = await events(plane)
    assert found["trail:log:settle", before] == found["trail:log:settle", trail.log] == 1
    await living.stop(clock_ms=NOW)


@pytest.fixture
async def link(plane: ControlPlane) -> AsyncIterator[Link]:
    made = Link(plane.database.url)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
async def test_a_log_started_without_the_database_is_leased_later(
    plane: ControlPlane, make: Make, link: Link
) -> None:
    living = Trail(PostgresStore(link.url), kek=plane.secrets.kek, origin="gateway")
    await living.start(clock_ms=NOW)
    await link.cut()
    with pytest.raises(Unavailable):
        await living.record(entry(INTENT, "a" * 32), b"{}")
    await link.restore()
    await living.record(entry(INTENT, "b" * 32), b"{}")
    other = make()
    assert await other.start(clock_ms=NOW) == 0
    await other.stop(clock_ms=NOW)
    await living.record(entry(CLOSE, "b" * 32, outcome="ok"), b"[]")
    assert (await events(plane))[CLOSE, "b" * 32] == 1
    await living.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
async def test_a_process_whose_log_was_settled_can_write_again(
    plane: ControlPlane, make: Make, link: Link
) -> None:
    living = Trail(PostgresStore(link.url), kek=plane.secrets.kek, origin="gateway")
    await living.start(clock_ms=NOW)
    await link.cut()
    await cut(plane)
    other = make()
    await other.start(clock_ms=NOW)  # it settles the log, and keeps its lease while it lives
    with pytest.raises(Unavailable):
        await living.record(entry(INTENT, "a" * 32), b"{}")
    await link.restore()
    await living.record(entry(INTENT, "b" * 32), b"{}")
    await living.stop(clock_ms=NOW)
    await other.stop(clock_ms=NOW)


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
async def test_a_text_with_a_nul_fails_no_entry(plane: ControlPlane, make: Make) -> None:
    trail = make()
    await trail.start(clock_ms=NOW)
    log = trail.log
    asked = [
        trail.record(entry("request:refusal:record", "a" * 32, model="no\x00ne")),
        trail.record(entry(INTENT, "b" * 32), b"{}"),
    ]
    await asyncio.gather(*asked)
    assert trail.log == log
    (entry_found,) = await plane.trail.entries_of("a" * 32)
    assert entry_found.fields["model"] == "no\x00ne"
    await trail.stop(clock_ms=NOW)
