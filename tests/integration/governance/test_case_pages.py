"""Lists of cases come in pages, with how many there are by state."""

from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Table, insert

from gateway.governance.cases.tables import NO_DEADLINE, complaint, incident, person_request
from gateway.storage.database import alembic_config, engine_of
from tests.integration.governance.test_stops import Desk
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
HOUR = 3_600_000
LISTS = {"incidents": "closed", "complaints": "decided", "person-requests": "decided"}
KEYS = {"incidents": "incidents", "complaints": "complaints", "person-requests": "requests"}


def row(table: Table, number: int, now: int) -> dict[str, Any]:
    """Three of ten are over, three overdue, three due on the same moment, one has no deadline."""
    end = now - number if number % 10 < 3 else None
    due = now + (-HOUR if number % 10 < 6 else HOUR)
    undated = None if table is person_request else NO_DEADLINE
    dated = None if number % 10 == 9 else due
    common = {
        "id": f"{table.name}_{number:04}",
        "opened": now - DAY,
        "deadline": undated if number % 10 == 9 else due,
    }
    if table is incident:
        about = {"kind": "data_breach", "article": "gdpr-33", "requests": "[]", "opened_by": "k"}
        return {**common, **about, "aware": now - DAY, "closed": end, "due": dated}
    if table is complaint:
        about = {"request": "a" * 32, "language": "nl", "hold": "hold_1"}
        return {**common, **about, "decided": end}
    return {**common, "kind": "access", "received": now - DAY, "opened_by": "k", "decided": end}


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    async with kept.plane.database.write() as connection:
        for table in (incident, complaint, person_request):
            rows = [row(table, number, kept.clock.ms) for number in range(50)]
            await connection.execute(insert(table), rows)
    return Desk(kept)


async def pages(desk: Desk, name: str, state: str = "") -> list[list[str]]:
    found: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        path = f"/{name}?limit=7&after={after}" + (f"&state={state}" if state else "")
        answer = await desk.ask("compliance_officer", "GET", path)
        assert answer.status_code == 200, answer.text
        found.append([one["id"] for one in answer.json()[KEYS[name]]])
        after = answer.json()["next"]
    return found


@pytest.mark.parametrize("name", LISTS)
async def test_every_case_is_on_one_page_and_those_that_wait_come_first(
    desk: Desk, name: str
) -> None:
    found = await pages(desk, name)
    assert {len(page) for page in found[:-1]} == {7}
    listed = [identity for page in found for identity in page]
    assert len(listed) == len(set(listed)) == 50
    groups = [int(identity[-1]) for identity in listed]
    waiting, over = groups[:35], groups[35:]
    assert set(waiting[:15]) == {3, 4, 5}  # overdue
    assert set(waiting[15:30]) == {6, 7, 8}
    assert set(waiting[30:]) == {9}
    assert set(over) == {0, 1, 2}
    ended = [int(identity[-4:]) for identity in listed[35:]]
    assert ended == sorted(ended)  # newest first


@pytest.mark.parametrize("name", LISTS)
async def test_a_state_has_its_own_pages_and_all_have_the_totals(desk: Desk, name: str) -> None:
    for state, count in (("open", 35), ("overdue", 15), (LISTS[name], 15)):
        assert len([one for page in await pages(desk, name, state) for one in page]) == count
    answer = (await desk.ask("compliance_officer", "GET", f"/{name}?limit=1")).json()
    assert answer["totals"] == {"open": 35, "overdue": 15, "ended": 15}


async def test_a_case_that_comes_in_between_moves_no_page(desk: Desk) -> None:
    first = (await desk.ask("compliance_officer", "GET", "/complaints?limit=7")).json()
    new = row(complaint, 9000, desk.kept.clock.ms) | {"deadline": 1, "decided": None}
    async with desk.kept.plane.database.write() as connection:
        await connection.execute(insert(complaint), [new])
    path = f"/complaints?limit=7&after={first['next']}"
    second = (await desk.ask("compliance_officer", "GET", path)).json()
    shown = [one["id"] for one in (*first["complaints"], *second["complaints"])]
    assert len(set(shown)) == 14


@pytest.mark.parametrize(
    "query", ["after=nowhere", "after=due.x.1", "after=due.1.", "limit=0", "limit=201", "state=x"]
)
async def test_a_question_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    refused = await desk.ask("compliance_officer", "GET", f"/incidents?{query}")
    assert refused.status_code == 400


async def test_incidents_of_before_an_upgrade_keep_their_order(kept: Retained) -> None:
    await kept.plane.snapshots.publish()
    desk, made = Desk(kept), []
    for _ in range(3):
        kept.clock.ms += HOUR
        body = {"kind": "data_breach", "aware": kept.clock.ms, "description": "a test"}
        opened = await desk.ask("compliance_officer", "POST", "/incidents", body)
        made.append(opened.json()["id"])
    for identity, rules in ((made[0], []), (made[1], ["gdpr-33"])):
        body = {"rules": rules, "reasons": "as the law says"}
        path = f"/incidents/{identity}/judge"
        judged = await desk.ask("compliance_officer", "POST", path, body)
        assert judged.status_code == 200, judged.text
    before = await pages(desk, "incidents")
    assert before == [[made[1], made[2], made[0]]]  # the first one need not be reported
    engine = engine_of(kept.plane.database.url)
    async with engine.begin() as connection:
        await connection.run_sync(_down_and_up)
    await engine.dispose()
    assert await pages(desk, "incidents") == before
    kept.clock.ms += 73 * HOUR
    assert await pages(desk, "incidents", "overdue") == [[made[1], made[2]]]


def _down_and_up(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), "0075")
    command.upgrade(alembic_config(connection), "head")
