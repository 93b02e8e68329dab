"""Without the database: refused by default; where policy says so, spooled, bounded, replayed once."""

import asyncio
import errno
import logging
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import Unavailable
from gateway.core.level import Level
from gateway.core.spool_policy import SpoolPolicy
from gateway.core.system.secrets import PUBLIC
from gateway.evidence import CLOSE, INTENT, Spool, StoreFailed, Trail
from gateway.evidence.entry import values_of
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.rows import EntryBatch
from gateway.evidence.spool_files import SpoolFiles
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_leases import events, link
from tests.integration.evidence.test_trail import NOW, Make, entry, export, make, plane, verify
from tests.support.link import Link

__all__ = ["link", "make", "plane"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("plane", ["postgres"], indirect=True),
]
ALL = SpoolPolicy(minutes=5, megabytes=1, inside_only=False, level=Level.RESTRICTED)
ROUNDS = 40 if os.environ.get("SLUIS_CAMPAIGN") else 3
Start = Callable[..., Any]


class Clock:
    """Monotonic seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(
    plane: ControlPlane, link: Link, clock: Clock, tmp_path: Path
) -> AsyncIterator[Start]:
    """Starts a trail behind the link, on this disk; all that live are stopped at the end."""
    living: list[Trail] = []

    async def trail(
        policy: SpoolPolicy | None = ALL,
        *,
        kind: type[PostgresStore] = PostgresStore,
        now_ms: int = NOW,
    ) -> Trail:
        store = kind(link.url, batch_s=0.5)
        spool = Spool(tmp_path / "spool", store, clock=clock, wall=lambda: NOW / 1000, retry_s=0.01)
        made = Trail(store, kek=plane.secrets.kek, origin="gateway", spool=spool)
        await made.start(clock_ms=now_ms)
        await made.allow(policy, clock_ms=now_ms)
        living.append(made)
        return made

    yield trail
    await link.restore()
    for one in living:
        if one._writer is not None and not one._closing:
            await one.stop(clock_ms=NOW)


async def killed(trail: Trail) -> None:
    """What a kill leaves: no task, no connection, no lock, and the files as they are."""
    for task in (trail._returning, trail._writer):
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
    trail._closing = True
    store, spool = trail._store, trail._spool
    assert isinstance(store, PostgresStore)
    assert spool is not None
    if store._db is not None:
        store._db.terminate()
    if spool._files._lock is not None:
        os.close(spool._files._lock)
        spool._files._lock = None
    spool._thread.close()


async def back(trail: Trail) -> None:
    """Until the database has everything again."""
    assert trail._returning is not None
    await asyncio.wait_for(trail._returning, 10)


async def ask(trail: Trail, number: int, **fields: object) -> None:
    request = f"{number:032x}"
    await trail.record(entry(INTENT, request, **fields), b'{"messages":[]}')
    await trail.record(entry(CLOSE, request, outcome="ok", cost_micros=5), b"[]")


async def stored(plane: ControlPlane) -> list[dict[str, Any]]:
    rows = await plane.trail.rows(
        "SELECT log, seq, event, request, disclosure FROM audit_detail ORDER BY log, seq", {}
    )
    return [{**row, "fields": values_of(bytes(row["disclosure"]))} for row in rows]


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "spool").glob("*.ledger"))


async def test_by_default_nothing_is_taken_without_the_database(
    start: Start, link: Link, tmp_path: Path
) -> None:
    trail = await start(None)
    await link.cut()
    with pytest.raises(Unavailable):
        await ask(trail, 1)
    assert not (tmp_path / "spool").exists()
    await link.restore()
    await ask(trail, 2)


async def test_an_episode_from_its_begin_to_its_end(
    start: Start,
    link: Link,
    plane: ControlPlane,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trail = await start()
    await ask(trail, 1)
    await trail.record(entry(INTENT, f"{2:032x}"), b"{}")
    before, stands = trail.log, len(await stored(plane))
    await link.cut()
    await trail.record(entry(CLOSE, f"{2:032x}", outcome="ok"), b"[]")
    await asyncio.gather(*(ask(trail, number) for number in range(3, 20)))
    assert trail._spool.active
    assert trail._spool.bytes == sum(file.stat().st_size for file in files(tmp_path))
    assert len(await stored(plane)) == stands
    await link.restore()
    await back(trail)
    assert (trail._spool.active, trail._spool.bytes, files(tmp_path)) == (False, 0, [])
    await ask(trail, 20)
    await trail.stop(clock_ms=NOW)
    alarms = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.message.split()[0] for one in alarms] == ["trail:spool:begin", "trail:spool:end"]

    found = await stored(plane)
    seen = Counter((one["event"], one["request"]) for one in found)
    for number in range(1, 21):
        assert seen[INTENT, f"{number:032x}"] == seen[CLOSE, f"{number:032x}"] == 1
    (begun,) = [one for one in found if one["event"] == "trail:spool:begin"]
    (ended,) = [one for one in found if one["event"] == "trail:spool:end"]
    (opened,) = [one for one in found if one["event"] == "trail:log:open" and one["log"] != before]
    assert begun["log"] == ended["log"] == opened["log"] == trail.log
    assert opened["fields"]["after"] == before
    # The batch at which the database failed stands where it was sealed; the flag is on all others.
    first, last = begun["fields"]["first"], begun["fields"]["last"]
    assert begun["fields"]["of_log"] == before
    assert [one["request"] for one in found if one["log"] == before][first : last + 1] == [
        f"{2:032x}"
    ]
    flagged = [(one["log"], one["seq"]) for one in found if one["fields"].get("degraded")]
    assert flagged == [(trail.log, seq) for seq in range(ended["seq"])]
    assert ended["fields"]["entries"] == len(flagged) + 1
    package = await export(plane, tmp_path / "e.zip")
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0


@pytest.mark.parametrize("at", [b"BEGIN", b"audit_detail", b"COMMIT"])
async def test_a_database_that_hangs_is_as_good_as_none(
    start: Start, link: Link, plane: ControlPlane, at: bytes
) -> None:
    trail = await start()
    link.hang_at = at
    async with asyncio.timeout(5):
        await ask(trail, 1)
    await ask(trail, 2)
    await link.restore()
    await back(trail)
    found = await events(plane)
    assert [found[event, f"{n:032x}"] for n in (1, 2) for event in (INTENT, CLOSE)] == [1] * 4


async def test_a_commit_whose_answer_was_lost_counts_once(
    start: Start, link: Link, plane: ControlPlane, tmp_path: Path
) -> None:
    trail = await start()
    link.lose_commit = True
    await ask(trail, 1)
    assert (await events(plane))[INTENT, f"{1:032x}"] == 1  # the database has it, and the spool
    await link.restore()
    await back(trail)
    await trail.stop(clock_ms=NOW)
    found = await events(plane)
    assert found[INTENT, f"{1:032x}"] == found[CLOSE, f"{1:032x}"] == 1
    assert verify(await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC) == 0


async def test_bounds_end_requests_and_not_their_evidence(
    start: Start, link: Link, clock: Clock, plane: ControlPlane
) -> None:
    trail = await start()
    await link.cut()
    for number in (1, 2):
        await trail.record(entry(INTENT, f"{number:032x}"), b"{}")
    clock.now = 5 * 60 - 1
    await ask(trail, 3)
    clock.now = 5 * 60
    for event in (INTENT, "request:refusal:record", "models:list:read"):
        with pytest.raises(Unavailable):
            await trail.record(entry(event, f"{4:032x}"))
    await trail.record(entry(CLOSE, f"{1:032x}", outcome="ok"))  # it was under way
    await trail.record(entry(CLOSE, f"{2:032x}", outcome="ok"))
    await link.restore()
    await back(trail)
    await ask(trail, 5)
    found = await events(plane)
    assert [found[CLOSE, f"{number:032x}"] for number in range(1, 6)] == [1, 1, 1, 0, 1]
    assert found[INTENT, f"{4:032x}"] == 0


async def test_a_spool_that_is_full_takes_no_more(
    start: Start, link: Link, caplog: pytest.LogCaptureFixture
) -> None:
    trail = await start()
    await link.cut()
    answered = 0
    with suppress(Unavailable):
        for answered in range(30):
            await trail.record(entry(INTENT, f"{answered:032x}"), os.urandom(50_000))
    assert 15 < answered < 21
    assert 1_000_000 <= trail._spool.bytes < 1_100_000
    with pytest.raises(Unavailable):
        await ask(trail, 1)
    full = [one for one in caplog.records if "trail:spool:full" in one.message]
    assert [one.levelno for one in full] == [logging.ERROR]


async def test_policy_may_let_only_some_requests_go_on(
    start: Start, link: Link, plane: ControlPlane
) -> None:
    policy = SpoolPolicy(minutes=5, megabytes=1, inside_only=True, level=Level.CONFIDENTIAL)
    trail = await start(policy)
    await link.cut()
    outcomes = await asyncio.gather(
        ask(trail, 1, zone="internal", level="confidential"),
        ask(trail, 2, zone="eu", level="public"),
        ask(trail, 3, zone="internal", level="restricted"),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [type(None), Unavailable, Unavailable]
    assert trail._spool.inside_only
    for number, zone in ((4, "internal"), (5, "global")):
        with pytest.raises(Unavailable) if zone == "global" else nullcontext():
            await ask(trail, number, zone=zone, level="public")
    await trail.allow(None, clock_ms=NOW)
    with pytest.raises(Unavailable):
        await ask(trail, 6, zone="internal", level="public")
    await link.restore()
    await back(trail)
    assert not trail._spool.inside_only
    await ask(trail, 7, zone="global", level="public")
    found = await events(plane)
    assert [found[CLOSE, f"{n:032x}"] for n in range(1, 8)] == [1, 0, 0, 1, 0, 0, 1]


async def test_who_comes_after_a_kill_replays_first_and_closes_the_rest(
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


async def test_a_replay_that_broke_off_goes_on_with_the_next_process(
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


async def test_another_replica_leaves_alone_what_may_be_closed_in_a_spool(
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
        assert sorted(one["outcome"] for one in closes) == ["ok", "unknown_crash"]
        assert next(one["of_log"] for one in closes if "of_log" in one) == log
    await late.stop(clock_ms=NOW)


async def test_a_batch_that_came_to_a_settled_log_is_closed_too(
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


class FullFiles(SpoolFiles):
    """A disk without room."""

    def append(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_refuses_until_there_is_a_database(
    start: Start, link: Link, plane: ControlPlane, tmp_path: Path
) -> None:
    trail = await start()
    good, spool = trail._spool._files, trail._spool
    full = FullFiles(tmp_path / "spool", spool.name)
    spool._files = full
    await link.cut()
    with pytest.raises(Unavailable):
        await ask(trail, 1)
    assert not spool.active
    spool._files = good
    await ask(trail, 2)  # there is room again
    spool._files = full
    with pytest.raises(Unavailable):
        await ask(trail, 3)
    assert spool.active
    spool._files = good
    await link.restore()
    await back(trail)
    await ask(trail, 4)
    await trail.stop(clock_ms=NOW)
    found = await events(plane)
    assert [found[CLOSE, f"{number:032x}"] for number in (1, 2, 3, 4)] == [0, 1, 0, 1]
    assert verify(await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC) == 0


async def test_a_disk_that_holds_no_spool_refuses(start: Start, link: Link, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    trail = await start()
    await ask(trail, 1)
    await link.cut()
    with pytest.raises(Unavailable):
        await ask(trail, 2)


async def test_a_text_that_postgresql_cannot_hold_does_not_stop_a_replay(
    start: Start, link: Link, plane: ControlPlane
) -> None:
    trail = await start()
    await link.cut()
    await ask(trail, 1)
    await trail.record(entry("request:refusal:record", "f" * 32, model="a\0b"))
    await link.restore()
    await back(trail)
    (told,) = await plane.trail.entries_of("f" * 32)
    assert told.fields["model"] == "a\0b"


async def test_a_damaged_spool_is_kept_and_nothing_starts_over_it(
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


async def test_whatever_fails_and_whenever_each_entry_is_there_once(
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

    async def under_load(way: Callable[[], Any]) -> None:
        nonlocal number
        load = [asyncio.ensure_future(client(number + 8 * n)) for n in range(4)]
        number += 32
        for _ in range(chance.randrange(60)):
            await asyncio.sleep(0)
        await way()
        await asyncio.gather(*load)

    for _ in range(ROUNDS):
        for _ in range(chance.randrange(1, 4)):
            await under_load(chance.choice((link.cut, lost(link), hung(link))))
            if chance.random() < 0.8:
                await under_load(link.restore)
        await under_load(partial(killed, trail))
        await link.restore()
        trail = await start()
    if trail._returning is not None:
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
    async def way() -> None:
        link.lose_commit = True

    return way


def hung(link: Link) -> Callable[[], Any]:
    async def way() -> None:
        link.hang()

    return way
