"""Monthly partitions in PostgreSQL: made ahead, dropped when empty, upgraded without loss."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from sqlalchemy.engine import Connection

from gateway.evidence.month_partition import OTHER, REQUESTS, month_of, months_from
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.holds.service import NewHold
from gateway.governance.policies.retention_policy import RetentionPolicy, retention_of
from gateway.governance.retention.partition_manager import PartitionManager
from gateway.storage.database import alembic_config, engine_of
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
_PARTS = (
    f"SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = "
    f"'{REQUESTS}'::regclass"
)


@pytest.fixture
async def kept(postgres_url: str, tmp_path: Path) -> AsyncIterator[Retained]:
    made = Retained(tmp_path, postgres_url)
    await made.set_up()
    yield made
    await made.plane.close()


async def parts(kept: Retained) -> dict[str, int]:
    """The parts of requests, and how many entries stand in each."""
    rows = await kept.plane.trail.rows(_PARTS, {})
    return {row["name"]: await kept.count(row["name"]) for row in rows}


async def go_on(kept: Retained, days: int) -> None:
    """What the control plane does when so many days have passed."""
    kept.clock.ms += days * DAY
    await kept.plane.expiry.run()
    await kept.plane.partitions.maintain()


def days() -> RetentionPolicy:
    return retention_of({})


async def test_entries_stand_in_their_month_and_the_next_are_there_in_time(kept: Retained) -> None:
    for _ in range(14):
        now = month_of(kept.clock.ms)
        request = f"{now.low:032x}"
        async with kept.trail() as trail:
            await kept.asked(trail, request, age=0)
        assert await kept.count(now.name, f"request = '{request}'") == 2
        await go_on(kept, 31)
    assert (await parts(kept))[OTHER] == 0
    ahead = {month.name for month in months_from(kept.clock.ms, count=3)}
    assert ahead <= set(await parts(kept))


async def test_a_month_goes_when_the_last_of_its_requests_has_expired(kept: Retained) -> None:
    classes = days().classes
    now = month_of(kept.clock.ms)
    async with kept.trail() as trail:  # whose own entries stay for ten years
        await kept.asked(trail, "r" * 32, age=0)
        await kept.asked(trail, "a" * 32, age=0, purpose="hiring")
    await go_on(kept, classes["default"].disclosures + 40)
    assert (await parts(kept))[now.name] == 2  # of high risk
    await go_on(kept, classes["high_risk"].disclosures)
    assert now.name not in await parts(kept)
    leaves = await kept.count("audit_entry", "request <> '' AND log LIKE 'gateway%'")
    assert leaves == 4
    assert await kept.count("audit_detail", "event = 'trail:log:open'") == 1


async def test_a_hold_keeps_its_month(kept: Retained) -> None:
    now = month_of(kept.clock.ms)
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=0)
    hold = NewHold(reason="claim", review=kept.clock.ms + DAY, requests=("r" * 32,))
    name = await kept.plane.holds.create(hold, LOCAL_OPERATOR)
    await go_on(kept, days().classes["default"].disclosures + 40)
    assert (await parts(kept))[now.name] == 2
    await kept.plane.holds.release(name, LOCAL_OPERATOR, reason="settled")
    await go_on(kept, 1)
    assert now.name not in await parts(kept)


async def test_an_entry_that_comes_after_its_month_went_is_kept(kept: Retained) -> None:
    now = month_of(kept.clock.ms)
    await go_on(kept, 40)
    assert now.name not in await parts(kept)  # nothing was in it
    async with kept.trail() as trail:  # it waited on a gateway's disk
        await kept.asked(trail, "r" * 32, age=40)
    assert (await parts(kept))[OTHER] == 2
    story = await kept.plane.trail.entries_of("r" * 32)
    assert len(story) == 2


async def test_a_month_whose_entries_came_before_it_was_made_takes_no_harm(kept: Retained) -> None:
    kept.clock.ms += 200 * DAY  # so long was there no control plane
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=0)
    await kept.plane.partitions.maintain()
    found = await parts(kept)
    assert found[OTHER] == 2
    assert month_of(kept.clock.ms).name not in found
    assert month_of(month_of(kept.clock.ms).high).name in found


async def test_a_reader_keeps_a_month_from_going_and_nobody_waits_for_it(kept: Retained) -> None:
    now = month_of(kept.clock.ms)
    reader = await asyncpg.connect(kept.url)
    await reader.execute(f"BEGIN; SELECT * FROM {REQUESTS}")
    await go_on(kept, 40)
    assert now.name in await parts(kept)
    await reader.close()
    await kept.plane.partitions.maintain()
    assert now.name not in await parts(kept)


async def test_several_control_planes_do_the_same_at_once(kept: Retained) -> None:
    now = month_of(kept.clock.ms)
    kept.clock.ms += 200 * DAY
    others = [PartitionManager(kept.plane.database, wall=kept.clock) for _ in range(4)]
    await asyncio.gather(*(one.maintain() for one in others))
    found = await parts(kept)
    assert now.name not in found
    assert {month.name for month in months_from(kept.clock.ms, count=3)} <= set(found)


async def test_an_upgrade_moves_what_is_there_into_one_part_and_back(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "r" * 32, age=70)
        await kept.asked(trail, "a" * 32, age=0)
    await migrate(kept, "0011")
    before = await kept.plane.trail.rows("SELECT * FROM audit_detail ORDER BY log, seq", {})
    await migrate(kept, "head")
    assert await kept.plane.trail.rows("SELECT * FROM audit_detail ORDER BY log, seq", {}) == before
    assert (await parts(kept))["audit_detail_before"] == 4
    async with kept.trail() as trail:
        await kept.asked(trail, "b" * 32, age=0)
    assert (await parts(kept))["audit_detail_before"] == 6
    await go_on(kept, days().classes["default"].disclosures + 40)
    assert "audit_detail_before" not in await parts(kept)
    await migrate(kept, "0011")
    assert await kept.count("audit_detail") == await kept.count("audit_detail", "request = ''") > 0
    await migrate(kept, "head")


async def migrate(kept: Retained, revision: str) -> None:
    def run(connection: Connection) -> None:
        config = alembic_config(connection)
        if revision == "head":
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)

    engine = engine_of(kept.url or "")
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()
