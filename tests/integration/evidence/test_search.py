"""Searching a hundred thousand entries: everything once, by indexes, never more than a window."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.core.system.secrets import Secrets, create
from gateway.evidence import Entry, Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.search import Query, Search, statement
from gateway.governance.plane import ControlPlane, build
from gateway.storage.database import Database
from tests.support.entries import START, details, fill, step_of
from tests.support.postgres import fresh_database

pytestmark = pytest.mark.integration
COUNT = 100_000
STEP = step_of(COUNT)
END = START + COUNT * STEP


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path | None, Secrets]]:
    """A database with many entries: its URL, its folder in embedded mode, and secrets."""
    folder = tmp_path_factory.mktemp("search")
    secrets = create(folder / "secrets")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'governance.db'}"
        asyncio.run(filled_with(url, COUNT))
        yield url, folder, secrets
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        asyncio.run(filled_with(url, COUNT))
        yield url, None, secrets


async def filled_with(url: str, count: int) -> None:
    database = Database(url)
    await database.migrate()
    await fill(database, count)
    await database.close()


@pytest.fixture
async def filled(stored: tuple[str, Path | None, Secrets]) -> AsyncIterator[ControlPlane]:
    url, data_dir, secrets = stored
    built = build(database_url=url, secrets=secrets, data_dir=data_dir)
    yield built
    await built.close()


async def all_of(search: Search, filters: dict[str, str], **more: Any) -> list[dict[str, Any]]:
    """All pages, each of which leads on."""
    rows: list[dict[str, Any]] = []
    before: str | None = None
    while True:
        page = await search.page(filters, limit=150, before=before, **more)
        rows += page.rows
        before = page.before
        if before is None:
            return rows


@pytest.mark.parametrize(
    ("filters", "position", "value"),
    [
        ({"model": "rare"}, 7, "rare"),
        ({"outcome": "unknown_crash"}, 11, "unknown_crash"),
        ({"principal": "k_4"}, 5, "k_4"),
        ({"request": f"{40:032x}"}, 2, f"{40:032x}"),
    ],
)
async def test_an_indexed_filter_finds_all_of_its_entries_newest_first(
    filled: ControlPlane, filters: dict[str, str], position: int, value: str
) -> None:
    wanted = [row[1] for row in details(COUNT) if row[position] == value]
    rows = await all_of(Search(filled.trail), filters)
    assert [row["seq"] for row in rows] == wanted[::-1]


@pytest.mark.parametrize(
    "filters",
    [
        {"rule": "rare.rule"},
        {"text": "zeldzaam"},
        {"text": "ZELDZAAM clearance"},
        {"asserted_user": f"a_{3:024x}", "zone": "eu"},
        {"team": "team-4", "level": "public"},
        {"principal": "k_4", "outcome": "ok", "event": "request:answer:close"},
    ],
)
async def test_a_text_in_values_is_found_page_by_page(
    filled: ControlPlane, filters: dict[str, str]
) -> None:
    rows = await all_of(Search(filled.trail, window=7000), filters)
    keys = [(row["time"], row["seq"]) for row in rows]
    assert keys == sorted(set(keys), reverse=True)
    assert rows == await all_of(Search(filled.trail, window=10**6), filters)
    assert rows


async def test_times_bound_the_search(filled: ControlPlane) -> None:
    since, until = START + 10 * STEP, START + 20 * STEP
    rows = await all_of(Search(filled.trail), {}, since=since, until=until)
    assert [row["seq"] for row in rows] == list(range(19, 9, -1))


@pytest.mark.parametrize(
    ("filters", "before"),
    [({"nonsense": "x"}, None), ({"text": "a b c d e f g h i"}, None), ({}, "x"), ({}, "1.y.z")],
)
async def test_invalid_queries_are_refused(
    filled: ControlPlane, filters: dict[str, str], before: str | None
) -> None:
    with pytest.raises(InvalidRequest):
        await Search(filled.trail).page(filters, before=before)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "audit_detail_time"),
        ({"team": "team-4"}, "audit_detail_time"),
        ({"text": "zeldzaam"}, "audit_detail_time"),
        ({"rule": "rare.rule"}, "audit_detail_time"),
        ({"event": "request:answer:close"}, "audit_detail_time"),
        ({"principal": "k_4"}, "audit_detail_principal"),
        ({"principal": "k_4", "zone": "global", "text": "x"}, "audit_detail_principal"),
        ({"model": "rare"}, "audit_detail_model"),
        ({"zone": "global"}, "audit_detail_zone"),
        ({"level": "public"}, "audit_detail_level"),
        ({"outcome": "unknown_crash"}, "audit_detail_outcome"),
        ({"event": "control:key:create"}, "audit_detail_event"),
        ({"request": f"{40:032x}"}, "audit_detail_request"),
    ],
)
@pytest.mark.parametrize("later", [False, True])
async def test_the_database_goes_by_an_index(
    filled: ControlPlane, filters: dict[str, str], index: str, *, later: bool
) -> None:
    sqlite = filled.database.is_sqlite
    middle = COUNT // 2
    start = (START + middle * STEP, "gateway/x", middle) if later else None
    query = statement(filters, sqlite=sqlite, size=51, window=20_000, start=start)
    plan = await plan_of(filled, query)
    if sqlite:
        assert index in plan, plan
        return
    # Each month by its own index of that kind; a month without entries may be read as it is.
    column = index.removeprefix("audit_detail_")
    used = set(re.findall(r" audit_detail_202[34]_\d\d_([a-z]+)_\w*idx", plan))
    assert used == {column}, plan
    assert not re.search(r"Seq Scan on audit_detail_202[34]", plan), plan


async def plan_of(plane: ControlPlane, query: Query) -> str:
    explain = "EXPLAIN QUERY PLAN " if plane.database.is_sqlite else "EXPLAIN "
    async with plane.database.read() as connection:
        rows = (await connection.execute(text(explain + query.sql), query.values)).all()
    return "\n".join(str(row) for row in rows)


async def test_pages_over_several_processes_show_every_entry_once(tmp_path: Path) -> None:
    secrets = create(tmp_path / "secrets")
    plane = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}", secrets=secrets, data_dir=tmp_path
    )
    await plane.database.migrate()
    for number in range(12):  # entries of the control plane, at about the same moment
        await plane.keys.create(NewKey(name=f"key-{number}"), LOCAL_OPERATOR)
    of_control = await plane.trail.rows("SELECT COUNT(*) AS number FROM audit_entry", {})
    now = (await Search(plane.trail).page({})).rows[0]["time"]
    for name in ("audit-gateway.db", "audit-worker.db"):
        trail = Trail(LedgerStore(tmp_path / name), kek=secrets.kek, origin="gateway")
        await trail.start(clock_ms=now)
        for number in range(20):  # many in one millisecond
            await trail.record(
                Entry("request:refusal:record", f"{number:032x}", now - number % 2, {})
            )
        await trail.stop(clock_ms=now)
    for window in (3, 10, 1000):
        for filters in ({}, {"text": ":"}):
            listed, before = [], None
            while True:
                page = await Search(plane.trail, window=window).page(
                    filters, limit=4, before=before
                )
                listed += [(row["time"], row["log"], row["seq"]) for row in page.rows]
                before = page.before
                if before is None:
                    break
            assert len(listed) == len(set(listed)) == of_control[0]["number"] + 2 * 22
            assert listed == sorted(listed, reverse=True)
    await plane.close()
