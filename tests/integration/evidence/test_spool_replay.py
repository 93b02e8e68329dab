"""Replay of spools: after kills, by other processes, and after damage; each entry exactly once."""

import asyncio
import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import Unavailable
from gateway.core.system.secrets import PUBLIC
from gateway.evidence import CLOSE, INTENT, StoreFailed
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.rows import EntryBatch
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_leases import events, link
from tests.integration.evidence.test_trail import NOW, Make, entry, export, make, plane, verify
from tests.support.link import Link
from tests.support.spools import Start, ask, back, clock, files, killed, start, stored

__all__ = ["clock", "link", "make", "plane", "start"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("plane", ["postgres"], indirect=True),
]
ROUNDS = 40 if os.environ.get("SLUIS_CAMPAIGN") else 3


async def test_the_next_process_replays_and_then_closes_requests(
    start: Start, link: Link, plane: ControlPlane, tmp_path: Path
) -> None:
    dead = await start()
    for number in (1, 2):
        await dead.record(entry(INTENT, f"{number:032x}"), b"{}")
    logs = [dead.log]
    await link.cut()
    await dead.record(entry(CLOSE, f"{1:032x}", outcome="ok"))
    await dead.record(entry(INTENT, f"{3:032x}"), b"{}")
    await ask(dead, 4)
    logs.append(dead.log)
    await killed(dead)
    await link.restore()
    living = await start()
    assert not files(tmp_path)
    outcomes = {
        one["request"]: one["fields"]["outcome"]
        for one in await stored(plane)
        if one["event"] == CLOSE
    }
    assert [outcomes[f"{number:032x}"] for number in (1, 2, 3, 4)] == [
        "ok",
        "unknown_crash",
        "unknown_crash",
        "ok",
    ]
    await living.stop(clock_ms=NOW)
    await (await start()).stop(clock_ms=NOW)
    found = await events(plane)
    assert [found[CLOSE, f"{number:032x}"] for number in (1, 2, 3, 4)] == [1] * 4
    assert [found["trail:log:settle", log] for log in logs] == [1, 1]
    assert not list((tmp_path / "spool").iterdir())
    assert verify(await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC) == 0


class HalfStore(PostgresStore):
    """A store that is gone after the first batch of each replay."""

    def __init__(self, dsn: str, *, batch_s: float) -> None:
        super().__init__(dsn, batch_s=batch_s)
        self.halved = asyncio.Event()

    async def replay(self, batches: list[EntryBatch], *, brief: bool = False) -> None:
        await super().replay(batches[:1], brief=brief)
        self.halved.set()
        raise StoreFailed("gone")


async def test_the_next_process_continues_an_interrupted_replay(
    start: Start, link: Link, plane: ControlPlane, tmp_path: Path
) -> None:
    dead = await start(kind=HalfStore)
    await link.cut()
    for number in range(5):
        await ask(dead, number)
    await link.restore()
    assert isinstance(dead._store, HalfStore)
    await asyncio.wait_for(dead._store.halved.wait(), 10)
    await killed(dead)
    living = await start()
    await living.stop(clock_ms=NOW)
    found = await events(plane)
    assert [found[event, f"{n:032x}"] for n in range(5) for event in (INTENT, CLOSE)] == [1] * 10
    assert verify(await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC) == 0


async def test_another_replica_does_not_settle_a_spooling_log(
    start: Start, link: Link, plane: ControlPlane, make: Make
) -> None:
    cut_off = await start()
    await cut_off.record(entry(INTENT, f"{1:032x}"), b"{}")
    await cut_off.record(entry(INTENT, f"{2:032x}"), b"{}")
    log = cut_off.log
    await link.cut()
    await cut_off.record(entry(CLOSE, f"{1:032x}", outcome="ok"))
    other = make()
    assert await other.start(clock_ms=NOW + 64 * 60_000) == 0
    await other.stop(clock_ms=NOW)
    late = make()  # longer than policy lets it spool, and an hour: it is not expected back
    assert await late.start(clock_ms=NOW + 65 * 60_000) == 2
    await link.restore()
    await back(cut_off)
    await cut_off.record(entry(CLOSE, f"{2:032x}", outcome="ok"))
    # It came back all the same: what it knows better stands behind what was assumed.
    for number in (1, 2):
        story = await plane.trail.entries_of(f"{number:032x}")
        closes = [one.fields for one in story if one.event == CLOSE]
        assert sorted(str(one["outcome"]) for one in closes) == ["ok", "unknown_crash"]
        assert next(one["of_log"] for one in closes if "of_log" in one) == log
    await late.stop(clock_ms=NOW)


async def test_a_batch_replayed_into_a_settled_log_is_closed(
    start: Start, link: Link, plane: ControlPlane, make: Make
) -> None:
    dead = await start()
    log = dead.log
    await link.cut()
    await dead.record(entry(INTENT, f"{1:032x}"), b"{}")  # sealed in a log that is in the database
    await killed(dead)
    late = make()
    assert await late.start(clock_ms=NOW + 65 * 60_000) == 0
    await late.stop(clock_ms=NOW)
    await link.restore()
    living = await start()
    story = await plane.trail.entries_of(f"{1:032x}")
    assert [(one.event, one.fields.get("of_log")) for one in story] == [
        (INTENT, None),
        (CLOSE, log),
    ]
    await living.stop(clock_ms=NOW)


async def test_a_text_with_a_nul_does_not_stop_a_replay(
    start: Start, link: Link, plane: ControlPlane
) -> None:
    trail = await start()
    await link.cut()
    await ask(trail, 1)
    await trail.record(entry("request:refusal:record", "f" * 32, model="a\0b"))
    await link.restore()
    await back(trail)
    (found_entry,) = await plane.trail.entries_of("f" * 32)
    assert found_entry.fields["model"] == "a\0b"


async def test_a_damaged_spool_is_kept_and_prevents_a_start(
    start: Start, link: Link, tmp_path: Path
) -> None:
    dead = await start()
    await link.cut()
    for number in range(5):
        await ask(dead, number)
    await killed(dead)
    await link.restore()
    (file,) = files(tmp_path)
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.write_bytes(changed)
    with pytest.raises(Unavailable):
        await start()
    assert file.read_bytes() == changed


async def test_each_entry_is_stored_once_after_any_failures(
    start: Start, link: Link, plane: ControlPlane, tmp_path: Path
) -> None:
    """Cuts, hangs, lost commits and kills at random moments, under load."""
    chance, answered, number = random.Random(), [], 0
    trail = await start()

    async def client(first: int) -> None:
        for offset in range(8):
            try:
                await ask(trail, first + offset)
                answered.append(first + offset)
            except Unavailable:
                continue
            await asyncio.sleep(0)

    async def under_load(outage: Callable[[], Any]) -> None:
        nonlocal number
        load = [asyncio.ensure_future(client(number + 8 * n)) for n in range(4)]
        number += 32
        for _ in range(chance.randrange(60)):
            await asyncio.sleep(0)
        await outage()
        await asyncio.gather(*load)

    for _ in range(ROUNDS):
        for _ in range(chance.randrange(1, 4)):
            await under_load(chance.choice((link.cut, lost(link), hung(link))))
            if chance.random() < 0.8:
                await under_load(link.restore)
        await under_load(partial(killed, trail))
        await link.restore()
        trail = await start()
    if trail._return_task is not None:
        await back(trail)
    await trail.stop(clock_ms=NOW)
    found = await events(plane)
    for one in answered:
        assert found[INTENT, f"{one:032x}"] == 1
    intents = {request: count for (event, request), count in found.items() if event == INTENT}
    closed = {request: count for (event, request), count in found.items() if event == CLOSE}
    assert set(intents.values()) == {1}
    assert {request: closed.get(request) for request in intents} == intents
    assert verify(await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC) == 0
    assert not list((tmp_path / "spool").iterdir())


def lost(link: Link) -> Callable[[], Any]:
    async def outage() -> None:
        link.lose_commit = True

    return outage


def hung(link: Link) -> Callable[[], Any]:
    async def outage() -> None:
        link.hang()

    return outage
