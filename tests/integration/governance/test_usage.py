"""The sums of usage are those of the entries: after any stop, a late entry, and a rebuild."""

import asyncio
import csv
import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from gateway.evidence import CLOSE, INTENT, Entry, Trail
from gateway.evidence.entry import Value
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.reports.collector import counted
from gateway.governance.reports.facts import Period
from gateway.governance.usage.definition import PERSONS, bucket_of
from gateway.governance.usage.rollup import UsageRollup
from gateway.governance.usage.service import UsageQuestion
from tests.support.control_app import control_app
from tests.support.persons import secret_of
from tests.support.retained import CONFIG, DAY, Retained

pytestmark = pytest.mark.integration
HOUR = 3_600_000
_OUTCOMES = ("ok", "ok", "ok", "content_filter", "upstream_error", "client_closed")
_RULES = ("restricted.stays-inside", "no-secrets")


def departure(chance: random.Random, **more: Any) -> dict[str, Any]:
    return {
        "principal": f"k_app{chance.randrange(3)}",
        "principal_kind": "app",
        "team": f"team-{chance.randrange(3)}",
        "purpose": "service",
        "model": "assistant",
        "level": chance.choice(("internal", "confidential")),
        "deployment": f"gpt-{chance.randrange(2)}",
        "provider": "example-eu",
        "zone": "eu",
        "findings": {"PERSON": 2, "IBAN": 1},
        "redacted": chance.choice((0, 3)),
        **more,
    }


def ending(chance: random.Random, **more: Any) -> dict[str, Any]:
    return {
        "outcome": chance.choice(_OUTCOMES),
        "latency_ms": chance.randrange(1, 90_000),
        "stages_us": {"admit": 900, "classify": chance.randrange(20_000), "upstream": 700_000},
        "input_tokens": chance.randrange(1000),
        "output_tokens": chance.randrange(500),
        "cost_micros": chance.randrange(9_000),
        "currency": "EUR",
        **more,
    }


async def write(trail: Trail, chance: random.Random, count: int, *, now: int, start: int) -> None:
    """Requests of the last two days: answered, failed, refused, without an end, and counted."""
    for number in range(start, start + count):
        request, at = f"{number:032x}", now - chance.randrange(2 * DAY)
        kind = chance.randrange(10)
        if kind == 0:
            fields = departure(chance, outcome="access_denied", latency_ms=3)
            fields["refused_by"] = [chance.choice(_RULES)]
            await trail.record(Entry("request:refusal:record", request, at, fields))
        elif kind == 1:
            fields = {"outcome": "invalid_api_key", "count": chance.randrange(1, 40)}
            await trail.record(Entry("request:refusal:count", request, at, fields))
        else:
            await trail.record(Entry(INTENT, request, at, departure(chance)))
            if kind == 2:  # a retry
                await trail.record(Entry(INTENT, request, at + 5, departure(chance, attempt=2)))
            if kind != 3:
                await trail.record(Entry(CLOSE, request, at + 900, ending(chance)))


Sums = dict[tuple[str, ...], list[int]]


async def recount(kept: Retained) -> tuple[Sums, dict[str, list[int]], Counter[str], Counter[str]]:
    """Written for this test: sums by team, key, deployment and outcome; latencies; labels."""
    query = "SELECT log, seq, request, time, event, disclosure FROM audit_detail"
    requests: dict[str, list[Any]] = defaultdict(list)
    for row in await kept.plane.trail.rows(query, {}):
        if row["event"].startswith("request:"):
            requests[row["request"]].append(row)
    sums: Sums = defaultdict(lambda: [0, 0, 0, 0])
    latencies: dict[str, list[int]] = defaultdict(list)
    refused: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for rows in requests.values():
        rows.sort(key=lambda row: (row["time"], row["log"], row["seq"]))
        facts: dict[str, Any] = {}
        for row in rows:
            facts.update(kept.values(row))
        if rows[-1]["event"] == INTENT:
            continue
        names = ("team", "principal", "deployment", "outcome")
        total = sums[tuple(str(facts.get(name, "(none)")) for name in names)]
        total[0] += facts.get("count", 1)
        for place, name in enumerate(("input_tokens", "output_tokens", "cost_micros"), 1):
            total[place] += facts.get(name, 0)
        if facts["outcome"] in ("ok", "content_filter"):
            latencies[facts["deployment"]].append(facts["latency_ms"])
        refused.update(facts.get("refused_by", ()))
        if facts.get("redacted"):
            taken.update(facts["findings"])
    return dict(sums), latencies, refused, +taken


async def stored(kept: Retained) -> Sums:
    query = (
        "SELECT s.team, s.key, s.model, s.result, SUM(h.requests), SUM(h.input_tokens), "
        "SUM(h.output_tokens), SUM(h.cost_micros) FROM usage_hour h JOIN usage_series s "
        "ON s.id = h.series GROUP BY s.team, s.key, s.model, s.result"
    )
    async with kept.plane.database.read() as connection:
        rows = (await connection.execute(text(query))).all()
    return {tuple(row[:4]): [int(one) for one in row[4:]] for row in rows}


def nearest_rank(values: Iterable[int], quantile: int) -> int:
    ordered = sorted(values)
    return bucket_of(ordered[-(-len(ordered) * quantile // 100) - 1])


async def cut_off(rollup: UsageRollup, chance: random.Random) -> None:
    """Begin a round and stop it at any point, as a kill does."""
    task = asyncio.ensure_future(rollup.advance())
    await asyncio.wait([task], timeout=chance.random() * 0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("seed", range(4))
async def test_the_sums_are_those_of_the_entries_after_stops_at_any_point(
    kept: Retained, seed: int
) -> None:
    chance = random.Random(seed)
    rollup = UsageRollup(kept.plane.database, kept.plane.journal, kept.plane.trail.rows, size=23)
    for round_ in range(3):
        async with kept.trail() as trail:  # a log of its own
            await write(trail, chance, 40, now=kept.clock.ms, start=round_ * 40)
        for _ in range(3):
            await cut_off(rollup, chance)
    await rollup.run()
    assert await rollup.pending() == 0
    sums, latencies, refused, taken = await recount(kept)
    assert await stored(kept) == sums
    answer = await kept.plane.usage.answer(UsageQuestion(since="0", by="month", group="model"))
    assert answer.pending == 0
    assert answer.total.requests == sum(one[0] for one in sums.values())
    for group in answer.groups:
        if times := latencies.get(group.group):
            expected = {f"p{q}": float(nearest_rank(times, q)) for q in (50, 95, 99)}
            assert group.figures.latency_ms == expected
    by_rule = await kept.plane.usage.answer(UsageQuestion(since="0", by="month", group="rule"))
    assert {one.group: one.figures.requests for one in by_rule.groups} == refused
    found = await kept.plane.usage.answer(UsageQuestion(since="0", by="month", group="finding"))
    assert set(taken) == {one.group for one in found.groups if one.figures.taken}

    before = await dump(kept)
    await rollup.rebuild(LOCAL_OPERATOR)
    assert await dump(kept) == before
    assert (await rollup.check()).same


async def dump(kept: Retained) -> list[Any]:
    async with kept.plane.database.read() as connection:
        rows: list[Any] = []
        for table in ("usage_hour", "usage_histogram", "usage_label"):
            query = f"SELECT * FROM {table}"
            rows += sorted(map(tuple, (await connection.execute(text(query))).all()))
    return rows


async def test_a_close_that_comes_late_replaces_that_of_the_settler(kept: Retained) -> None:
    chance, at = random.Random(1), kept.clock.ms - DAY
    async with kept.trail() as trail:
        await trail.record(Entry(INTENT, "a" * 32, at, departure(chance, team="care")))
    async with kept.trail() as trail:
        settled = {"outcome": "unknown_crash", "of_log": "gateway/1"}
        await trail.record(Entry(CLOSE, "a" * 32, at + 60_000, settled))
    await kept.plane.usage.rollup.run()
    ((of_crash, _),) = (await stored(kept)).items()
    assert of_crash[3] == "unknown_crash"
    async with kept.trail() as trail:  # out of a spool
        await trail.record(Entry(CLOSE, "a" * 32, at + 10, ending(chance, outcome="ok")))
    await kept.plane.usage.rollup.run()
    assert [place[3] for place in await stored(kept)] == ["ok"]
    assert (await kept.plane.usage.rollup.check()).same


async def test_a_changed_sum_is_found_and_a_rebuild_repairs_it(kept: Retained) -> None:
    async with kept.trail() as trail:
        await write(trail, random.Random(7), 30, now=kept.clock.ms, start=0)
    rollup = kept.plane.usage.rollup
    assert (await rollup.check()).same
    async with kept.plane.database.write() as connection:
        hour = await connection.scalar(text("SELECT MIN(hour) FROM usage_hour"))
        changed = text("UPDATE usage_hour SET requests = requests + 1 WHERE hour = :hour")
        await connection.execute(changed, {"hour": hour})
    found = await rollup.check()
    assert (found.same, found.differing) == (False, [hour])
    await rollup.rebuild(LOCAL_OPERATOR)
    assert (await rollup.check()).same
    assert len(await kept.told("control:usage:rebuild")) == 1


async def test_hours_with_expired_entries_keep_their_sums_in_a_rebuild(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "b" * 32, age=4000)
        await kept.asked(trail, "c" * 32, age=1)
    rollup = kept.plane.usage.rollup
    await rollup.run()
    before = await dump(kept)
    await kept.plane.expiry.run()
    assert await kept.count("audit_detail", f"request = '{'b' * 32}'") == 0
    kept_before = await rollup.rebuild(LOCAL_OPERATOR)
    assert kept_before > kept.clock.ms - 4001 * DAY
    assert await dump(kept) == before
    assert (await rollup.check()).same


async def test_the_report_has_the_same_figures(kept: Retained) -> None:
    async with kept.trail() as trail:
        await write(trail, random.Random(3), 60, now=kept.clock.ms - HOUR, start=0)
    since, until = kept.clock.ms - 3 * DAY, kept.clock.ms
    _, rows = await kept.plane.trail.entries(since, until)
    report = await counted(rows, Period(since, until, "UTC"), kept.plane.trail.rows)
    question = UsageQuestion(since=str(since), until=str(until), group="model")
    usage = await kept.plane.usage.answer(question)
    total = usage.total
    assert (report.requests, report.answered, report.refused) == (
        total.requests,
        total.answered,
        total.refused,
    )
    latency = report.latency
    assert total.latency_ms == {"p50": latency.p50, "p95": latency.p95, "p99": latency.p99}
    assert total.input_tokens == sum(one.input_tokens for one in report.usage)


async def api(kept: Retained, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(control_app(kept.plane))
    headers = {"authorization": f"Bearer {kept.plane.secrets.operator_token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://control/admin/v1", headers=headers
    ) as client:
        return await client.get(path)


async def test_the_overview_counts_more_than_twenty_thousand_requests(kept: Retained) -> None:
    refusal: dict[str, Value] = {
        "outcome": "access_denied",
        "latency_ms": 1,
        "zone": "eu",
        "level": "internal",
    }
    at = kept.clock.ms - HOUR
    async with kept.trail() as trail:
        for start in range(0, 20_001, 4000):
            numbers = range(start, min(start + 4000, 20_001))
            await asyncio.gather(
                *(
                    trail.record(Entry("request:refusal:record", f"{n:032x}", at, refusal))
                    for n in numbers
                )
            )
        await trail.record(Entry(INTENT, "f" * 32, at, departure(random.Random(1))))
        done = ending(random.Random(1), outcome="ok", latency_ms=836)
        await trail.record(Entry(CLOSE, "f" * 32, at, done))
    await kept.plane.usage.rollup.run()
    found = (await api(kept, f"/overview?since={at}")).json()
    assert (found["requests"], found["pending"]) == (20_002, 0)
    assert found["by"]["outcome"] == {"access_denied": 20_001, "ok": 1}
    assert found["latency_ms"] == {"p50": 836, "p95": 836, "p99": 836}  # of answers only


async def test_a_period_is_split_into_days_of_its_time_zone(kept: Retained) -> None:
    path = "/usage?from=2026-10-24&to=2026-10-26&timezone=Europe/Amsterdam"
    found = (await api(kept, f"{path}&by=day")).json()
    zone = ZoneInfo("Europe/Amsterdam")
    assert (found["until"] - found["since"]) // HOUR == 73  # the clock goes back
    assert found["timezone"] == str(zone)
    assert (await api(kept, f"{path}&by=minute")).status_code == 400
    assert (await api(kept, f"{path}&group=person")).status_code == 400
    assert (await api(kept, f"{path}&person=jan")).status_code == 400
    assert (await api(kept, "/usage?from=2020-01-01&to=2026-01-01&by=hour")).status_code == 400
    assert (await api(kept, "/usage?timezone=../etc/passwd")).status_code == 400


async def test_filters_comparison_and_budgets(kept: Retained) -> None:
    teams = "teams:\n  - {name: care, budget: {amount: 2}}\n"
    config = parse(CONFIG + teams, source="sluis.yaml")
    await kept.plane.catalogue.apply(config, LOCAL_OPERATOR, resolve=secret_of, may_lock_out=True)
    chance, now = random.Random(5), kept.clock.ms
    async with kept.trail() as trail:
        for number, age in enumerate((0, 0, 0, 8)):
            request, at = f"{number:032x}", now - age * DAY - 1
            team = "care" if number != 1 else "hr"
            await trail.record(Entry(INTENT, request, at, departure(chance, team=team)))
            done = ending(chance, outcome="ok", cost_micros=500_000)
            await trail.record(Entry(CLOSE, request, at, done))
    found = (await api(kept, "/usage?group=team&by=day&compare=true")).json()
    assert {one["group"]: one["figures"]["requests"] for one in found["groups"]} == {
        "care": 2,
        "hr": 1,
    }
    assert found["before"]["requests"] == 1
    assert found["groups_before"][0]["group"] == "care"
    assert sum(one["figures"]["requests"] for one in found["series"]) == 3
    of_hr = (await api(kept, "/usage?group=model&by=day&team=hr")).json()
    assert of_hr["total"]["cost_micros"] == {"EUR": 500_000}
    (budget,) = found["budgets"]
    assert (budget["team"], budget["budget_micros"]) == ("care", 2_000_000)
    assert budget["currency"] == "EUR"


async def test_persons_count_together_and_cells_are_no_formulas(kept: Retained) -> None:
    chance, at = random.Random(2), kept.clock.ms - HOUR
    async with kept.trail() as trail:
        for number, (who, kind) in enumerate((
            ("k_jan", "person"),
            ("p_" + "0" * 24, "person"),
            ("u_" + "1" * 24, "person"),
            ("=HYPERLINK(1)", "app"),
        )):
            fields = departure(chance, principal=who, principal_kind=kind)
            await trail.record(Entry(INTENT, f"{number:032x}", at, fields))
            await trail.record(Entry(CLOSE, f"{number:032x}", at, ending(chance)))
    answer = await api(kept, "/usage?group=key&by=day")
    groups = {one["group"]: one["figures"]["requests"] for one in answer.json()["groups"]}
    assert groups == {PERSONS: 3, "=HYPERLINK(1)": 1}
    file = await api(kept, "/usage?group=key&by=day&format=csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert {row["key"] for row in rows} == {PERSONS, "'=HYPERLINK(1)"}
    assert "k_jan" not in answer.text + file.text
    query = "SELECT key FROM usage_series"
    async with kept.plane.database.read() as connection:
        keys = {row[0] for row in await connection.execute(text(query))}
    assert keys == {PERSONS, "=HYPERLINK(1)"}
