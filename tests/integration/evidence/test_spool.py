"""Degraded mode: off by default; where policy allows it, spooled, bounded and replayed."""

import asyncio
import errno
import logging
import os
from collections import Counter
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from gateway.core.errors import Unavailable
from gateway.core.level import Level
from gateway.core.spool_policy import SpoolPolicy
from gateway.core.system.secrets import PUBLIC
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.spool_files import SpoolFiles
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_leases import events, link
from tests.integration.evidence.test_trail import NOW, entry, export, make, plane, verify
from tests.support.link import Link
from tests.support.spools import Clock, Start, ask, back, clock, files, start, stored

__all__ = ["clock", "link", "make", "plane", "start"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("plane", ["postgres"], indirect=True),
]


async def test_without_a_policy_entries_are_refused(
    start: Start, link: Link, tmp_path: Path
) -> None:
    trail = await start(None)
    await link.cut()
    with pytest.raises(Unavailable):
        await ask(trail, 1)
    assert not (tmp_path / "spool").exists()
    await link.restore()
    await ask(trail, 2)


async def test_an_outage_from_start_to_end(
    start: Start,
    link: Link,
    plane: ControlPlane,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trail = await start()
    await ask(trail, 1)
    await trail.record(entry(INTENT, f"{2:032x}"), b"{}")
    before, stored_before = trail.log, len(await stored(plane))
    await link.cut()
    await trail.record(entry(CLOSE, f"{2:032x}", outcome="ok"), b"[]")
    await asyncio.gather(*(ask(trail, number) for number in range(3, 20)))
    assert trail._spool.active
    assert trail._spool.bytes == sum(file.stat().st_size for file in files(tmp_path))
    assert len(await stored(plane)) == stored_before
    await link.restore()
    await back(trail)
    assert (trail._spool.active, trail._spool.bytes, files(tmp_path)) == (False, 0, [])
    await ask(trail, 20)
    await trail.stop(clock_ms=NOW)
    alarms = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.message.split()[0] for one in alarms] == ["trail:spool:begin", "trail:spool:end"]

    found = await stored(plane)
    counts = Counter((one["event"], one["request"]) for one in found)
    for number in range(1, 21):
        assert counts[INTENT, f"{number:032x}"] == counts[CLOSE, f"{number:032x}"] == 1
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
async def test_a_hanging_database_activates_the_spool(
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


async def test_a_commit_with_a_lost_response_counts_once(
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


async def test_limits_refuse_requests_but_not_their_closing_entries(
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


async def test_a_full_spool_refuses_entries(
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


async def test_policy_may_limit_the_requests_in_degraded_mode(
    start: Start, link: Link, plane: ControlPlane
) -> None:
    policy = SpoolPolicy(minutes=5, megabytes=1, internal_only=True, level=Level.CONFIDENTIAL)
    trail = await start(policy)
    await link.cut()
    outcomes = await asyncio.gather(
        ask(trail, 1, zone="internal", level="confidential"),
        ask(trail, 2, zone="eu", level="public"),
        ask(trail, 3, zone="internal", level="restricted"),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [type(None), Unavailable, Unavailable]
    assert trail._spool.internal_only
    for number, zone in ((4, "internal"), (5, "global")):
        with pytest.raises(Unavailable) if zone == "global" else nullcontext():
            await ask(trail, number, zone=zone, level="public")
    await trail.allow(None, clock_ms=NOW)
    with pytest.raises(Unavailable):
        await ask(trail, 6, zone="internal", level="public")
    await link.restore()
    await back(trail)
    assert not trail._spool.internal_only
    await ask(trail, 7, zone="global", level="public")
    found = await events(plane)
    assert [found[CLOSE, f"{n:032x}"] for n in range(1, 8)] == [1, 0, 0, 1, 0, 0, 1]


class FullFiles(SpoolFiles):
    """A disk without room."""

    def append(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_refuses_until_the_database_is_back(
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


async def test_a_disk_without_a_spool_refuses(start: Start, link: Link, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    trail = await start()
    await ask(trail, 1)
    await link.cut()
    with pytest.raises(Unavailable):
        await ask(trail, 2)
