"""A trail with a spool behind a link to PostgreSQL that can be cut, and queries on its entries."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.core.level import Level
from gateway.core.spool_policy import SpoolPolicy
from gateway.evidence import CLOSE, INTENT, Spool, Trail
from gateway.evidence.entry import values_of
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.plane import ControlPlane
from tests.integration.evidence.test_trail import NOW, entry
from tests.support.link import Link

ALL = SpoolPolicy(minutes=5, megabytes=1, internal_only=False, level=Level.RESTRICTED)
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
        store = kind(link.url, batch_s=10.0)
        spool = Spool(tmp_path / "spool", store, clock=clock, wall=lambda: NOW / 1000, retry_s=0.01)
        made = Trail(store, kek=plane.secrets.kek, origin="gateway", spool=spool, clock=clock)
        await made.start(clock_ms=now_ms)
        await made.allow(policy, clock_ms=now_ms)
        store._batch_s = 0.5  # once the spool is allowed, an outage is to be seen soon
        living.append(made)
        return made

    yield trail
    await link.restore()
    for one in living:
        if one._writer is not None and not one._closing:
            await one.stop(clock_ms=NOW)


async def killed(trail: Trail) -> None:
    """What a kill leaves: no task, no connection, no lock, and the files as they are."""
    for task in (trail._return_task, trail._writer):
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
    assert trail._return_task is not None
    await asyncio.wait_for(trail._return_task, 10)


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
