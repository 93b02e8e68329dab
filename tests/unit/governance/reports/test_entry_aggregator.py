"""Counting a period: each request once, for any order of logs, retries, crashes and erasures."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import values_of
from gateway.evidence.export_row import ExportRow
from gateway.governance.reports.counts import ERASED, NONE, Cases, Counts
from gateway.governance.reports.entry_aggregator import EntryAggregator, Values
from gateway.governance.usage.samples import REFUSAL
from tests.support.effort import examples
from tests.support.reported import (
    SINCE,
    UNTIL,
    ZONE,
    NothingElsewhere,
    Rows,
    asked,
    closing,
    departing,
)

pytestmark = pytest.mark.unit
DAY = 86_400_000


async def count(rows: Iterable[ExportRow], others: Any = None) -> Counts:
    counting = EntryAggregator(
        SINCE, UNTIL, zone=ZoneInfo(ZONE), others=others or NothingElsewhere()
    )
    for row in rows:
        await counting.add(row)
    return counting.done()


async def test_a_request_with_two_departures_counts_once_and_its_departures_twice() -> None:
    rows = Rows()
    rows.add(INTENT, "r", SINCE, departing(deployment="gpt-dead"))
    rows.add(
        INTENT, "r", SINCE + 5, departing(deployment="house-chat", zone="internal", redacted=0)
    )
    rows.add(CLOSE, "r", SINCE + 9, closing())
    counts = await count(rows.rows)
    assert (counts.requests, counts.answered, counts.departures) == (1, 1, 2)
    assert (counts.redacted_departures, counts.redacted_values) == (1, 3)
    assert counts.zones == {"internal": {"confidential": 1}}
    assert {one.deployment: one.departures for one in counts.departed} == {
        "gpt-dead": 1,
        "house-chat": 1,
    }
    assert counts.purposes["letters"].deployments == {"house-chat": 1}


async def test_figures_of_use_come_from_both_entries_of_a_request() -> None:
    rows = Rows()
    for number in range(3):
        rows.answered(number, SINCE + number)
    rows.refused(9, SINCE, rules=["restricted.stays-inside"])
    counts = await count(rows.rows)
    (usage,) = counts.usage
    assert (usage.team, usage.purpose, usage.requests, usage.refused) == (
        "support",
        "letters",
        4,
        1,
    )
    assert (usage.input_tokens, usage.output_tokens) == (360, 90)
    assert usage.cost_micros == {"EUR": 750}
    assert counts.refused_by == {"restricted.stays-inside": 1}
    assert counts.found["IBAN"].requests == 4
    assert counts.found["IBAN"].redacted == 3
    assert counts.zones[NONE] == {"confidential": 1}


async def test_a_request_belongs_to_the_period_of_its_end_and_a_departure_to_its_own() -> None:
    rows = Rows()
    rows.add(INTENT, "before", SINCE - 5, departing())
    rows.add(INTENT, "inside", UNTIL - 5, departing())
    rows.add(INTENT, "never", UNTIL - 4, departing())
    rows.add(CLOSE, "before", SINCE, closing())
    rows.add(CLOSE, "inside", UNTIL, closing())
    counts = await count(rows.rows)
    assert (counts.requests, counts.departures, counts.open) == (1, 2, 2)


async def test_a_departure_to_a_guardrail_counts_and_leaves_the_request_as_it_is() -> None:
    rows = Rows()
    asked_of = {"deployment": "guard", "zone": "internal", "guardrail": "guard/output"}
    rows.add(INTENT, "one", SINCE, departing(team="press"))
    rows.add(INTENT, "one", SINCE, {**departing(team="press"), **asked_of})
    rows.add(CLOSE, "one", SINCE, closing())
    counts = await count(rows.rows)
    assert (counts.requests, counts.departures, counts.open) == (1, 2, 0)
    assert "guard" in {one.deployment for one in counts.departed}
    assert "guard" not in counts.latencies


async def test_a_departure_before_the_entries_that_are_read_is_asked_for() -> None:
    class Elsewhere(NothingElsewhere):
        async def departure(self, request: str) -> Values | None:
            return departing(team="press") if request == "known" else None

    rows = Rows()
    rows.add(CLOSE, "known", SINCE, closing())
    rows.add(CLOSE, "gone", SINCE, closing())
    rows.add(CLOSE, "without", SINCE, {**asked(team="poor"), "outcome": "insufficient_quota"})
    counts = await count(rows.rows, Elsewhere())
    assert {one.team: one.requests for one in counts.usage} == {"press": 1, ERASED: 1, "poor": 1}
    assert counts.outcomes == {"ok": 2, "insufficient_quota": 1}


async def test_a_close_after_a_crash_counts_only_when_the_process_had_not_closed_it() -> None:
    class Elsewhere(NothingElsewhere):
        async def first_close(self, request: str) -> tuple[str, int]:
            return ("gateway/1", 1) if request == "twice" else ("gateway/2", 1)

    rows = Rows()
    crashed = {**departing(), "outcome": "unknown_crash", "of_log": "gateway/1"}
    rows.add(INTENT, "twice", SINCE, departing())
    rows.add(CLOSE, "twice", SINCE, closing())
    rows.add(INTENT, "once", SINCE, departing())
    rows.add(CLOSE, "twice", SINCE + 9, crashed, log="gateway/2")
    rows.add(CLOSE, "once", SINCE + 9, crashed, log="gateway/2")
    counts = await count(rows.rows, Elsewhere())
    assert counts.outcomes == {"ok": 1, "unknown_crash": 1}
    assert (counts.requests, counts.answered, counts.crashed, counts.open) == (2, 1, 1, 0)


async def test_erased_entries_are_counted_and_shown_as_erased() -> None:
    rows = Rows()
    rows.add(INTENT, "a", SINCE, departing(), erased=True)
    rows.add(CLOSE, "a", SINCE, closing())
    rows.add(INTENT, "b", SINCE, departing())
    rows.add(CLOSE, "b", SINCE, closing(), erased=True)
    rows.add(REFUSAL, "c", SINCE, asked(), erased=True)
    counts = await count(rows.rows)
    assert (counts.entries, counts.erased, counts.requests) == (5, 3, 3)
    assert counts.outcomes == {"ok": 1, ERASED: 2}
    assert {one.team: one.requests for one in counts.usage} == {ERASED: 2, "support": 1}
    assert counts.erased_events == {INTENT: 1, CLOSE: 1, REFUSAL: 1}
    assert counts.bundles == {"sha256:b": 5}  # the leaf says so, and is never erased


async def test_what_is_said_of_a_change_never_holds_a_reason() -> None:
    rows = Rows()
    reveal = {"principal": "u_1", "of_request": "req_1", "reason": "about Jan de Vries"}
    rows.add("control:payload:reveal", "", SINCE, reveal)
    rows.add("control:report:made", "", UNTIL, {"principal": "u_1"})
    (change,) = (await count(rows.rows)).changes
    assert change.about == {"of_request": "req_1"}
    assert change.actor == "u_1"


async def test_many_changes_are_cut_and_the_rest_is_said() -> None:
    rows = Rows()
    for number in range(620):
        rows.add("control:key:create", "", SINCE + number, {"principal": "u_1", "key": "k"})
    counts = await count(rows.rows)
    assert (len(counts.changes), counts.changes_left_out) == (500, 120)
    assert counts.events == {"control:key:create": 620}


async def test_quantiles_are_those_of_the_answers_to_three_digits() -> None:
    rows = Rows()
    for number in range(1, 101):
        request = f"req_{number}"
        rows.add(INTENT, request, SINCE, departing())
        rows.add(CLOSE, request, SINCE, closing(latency_ms=number * 111))
    rows.refused(1, SINCE, rules=[])
    latency = (await count(rows.rows)).latency
    assert (latency.count, latency.p50, latency.p95, latency.p99) == (100, 5550, 10500, 11000)


async def test_a_day_is_one_of_the_organisation_also_when_clocks_change() -> None:
    zone = ZoneInfo(ZONE)
    since, until = 1_792_879_200_000, 1_792_969_200_000  # 25 October 2026 has 25 hours
    counting = EntryAggregator(since, until, zone=zone, others=NothingElsewhere())
    rows = Rows()
    for number, time in enumerate((since - 1, since, since + 24 * 3_600_000, until - 1, until)):
        rows.refused(number, time, rules=[])
    for row in rows.rows:
        await counting.add(row)
    assert counting.done().days == {"2026-10-25": {NONE: 3}}


@dataclass(frozen=True)
class Asked:
    """A made-up request: how it came in, left and ended."""

    team: str
    starts: int
    attempts: int
    lasts: int
    end: str  # close, refuse, open, crash
    intent_erased: bool
    close_erased: bool
    log: str


requests = st.lists(
    st.builds(
        Asked,
        team=st.sampled_from(["a", "b"]),
        starts=st.integers(SINCE - 3 * DAY, UNTIL + 3 * DAY),
        attempts=st.integers(0, 3),
        lasts=st.integers(0, 2 * DAY),
        end=st.sampled_from(["close", "close", "refuse", "open", "crash"]),
        intent_erased=st.booleans(),
        close_erased=st.booleans(),
        log=st.sampled_from(["gateway/1", "gateway/2"]),
    ),
    max_size=25,
)


def written(made: list[Asked]) -> list[tuple[int, str, str, dict[str, Any], str, bool]]:
    """Entries in the order of time, each with its log."""
    found = []
    for number, one in enumerate(made):
        request, ends = f"req_{number:032x}", one.starts + one.lasts
        known = {"team": one.team}
        if one.end == "refuse":
            values = {**asked(**known), "outcome": "access_denied", "refused_by": ["r"]}
            found.append((ends, REFUSAL, request, values, one.log, one.close_erased))
            continue
        for _ in range(one.attempts):
            values = departing(**known)
            found.append((one.starts, INTENT, request, values, one.log, one.intent_erased))
        if one.end == "close":
            values = closing() if one.attempts else {**asked(**known), "outcome": "no_upstream"}
            found.append((ends, CLOSE, request, values, one.log, one.close_erased))
        elif one.end == "crash" and one.attempts:
            values = {**departing(**known), "outcome": "unknown_crash", "of_log": one.log}
            found.append((ends, CLOSE, request, values, "gateway/3", False))
    return sorted(found, key=lambda entry: entry[0])


class AllKnown:
    """Answers from all entries, those that are not read included."""

    def __init__(self, rows: list[tuple[str, str, ExportRow]]) -> None:
        self._rows = rows

    async def departure(self, request: str) -> Values | None:
        mine = [row for event, of, row in self._rows if event == INTENT and of == request]
        last = mine[-1] if mine else None
        return None if last is None or last.disclosure is None else values_of(last.disclosure)

    async def first_close(self, request: str) -> tuple[str, int]:
        mine = [row for event, of, row in self._rows if event == CLOSE and of == request]
        return mine[0].log, mine[0].seq


@settings(max_examples=examples(200))
@given(requests, st.data())
async def test_all_requests_are_counted_once_in_every_order_of_the_logs(
    made: list[Asked], data: st.DataObject
) -> None:
    entries = written(made)
    rows = Rows()
    order = data.draw(st.permutations(sorted({entry[4] for entry in entries})))
    merged = data.draw(st.booleans())
    by_log = entries if merged else [e for log in order for e in entries if e[4] == log]
    every = [
        (event, request, time, rows.add(event, request, time, values, log=log, erased=erased))
        for time, event, request, values, log, erased in by_log
    ]
    inside = [place for place, one in enumerate(every) if SINCE <= one[2] < UNTIL]
    first, end = (inside[0], inside[-1] + 1) if inside else (0, 0)
    known = AllKnown([(event, request, row) for event, request, _, row in every])
    counts = await count((row for *_, row in every[first:end]), known)

    ended = [one for one in made if one.end != "open" and SINCE <= one.starts + one.lasts < UNTIL]
    ended = [one for one in ended if one.end != "crash" or one.attempts]
    refused = [one for one in ended if one.end == "refuse"]
    assert counts.requests == len(ended)
    assert counts.refused == len(refused)
    assert counts.crashed == sum(one.end == "crash" for one in ended)
    assert counts.departures == sum(
        one.attempts for one in made if one.end != "refuse" and SINCE <= one.starts < UNTIL
    )
    assert counts.answered == sum(
        one.end == "close" and one.attempts > 0 and not one.close_erased for one in ended
    )
    assert sum(one.requests for one in counts.usage) == counts.requests
    assert sum(sum(tally.values()) for tally in counts.days.values()) == counts.requests
    assert sum(counts.outcomes.values()) == counts.requests
    assert sum(counts.events.values()) == counts.entries
    teams = Counter(_team(one) for one in ended)
    assert {one.team: one.requests for one in counts.usage} == dict(teams)


def _team(one: Asked) -> str:
    """Who is told to have asked: gone only when no entry that is left says so."""
    if one.end == "crash":
        return one.team
    if one.end == "refuse" or not one.attempts:
        return ERASED if one.close_erased else one.team
    return ERASED if one.intent_erased else one.team


async def test_incidents_and_complaints_are_counted_by_kind_and_outcome() -> None:
    rows = Rows()
    officer = {"principal": "u_1"}
    for number, kind in enumerate(("death", "death", "other")):
        fields = {**officer, "incident": f"incident_{number}", "kind": kind}
        rows.add("control:incident:open", "", SINCE + number, fields)
    rows.add("control:incident:close", "", SINCE, {**officer, "incident": "x", "kind": "other"})
    rows.add("control:incident:open", "", SINCE, {}, erased=True)
    rows.add("control:incident:open", "", UNTIL, {**officer, "kind": "death"})
    rows.add("control:complaint:open", "", SINCE, {"complaint": "complaint_1"})
    rows.add("control:complaint:decide", "", SINCE, {**officer, "outcome": "partly"})
    counts = await count(rows.rows)
    assert counts.cases == Cases(
        opened={"death": 2, "other": 1, ERASED: 1},
        closed={"other": 1},
        received=1,
        decided={"partly": 1},
    )
    assert counts.outcomes == {}  # of requests


async def test_a_period_without_any_is_counted_as_it_always_was() -> None:
    rows = Rows()
    rows.answered(1, SINCE)
    assert "cases" not in msgspec.to_builtins(await count(rows.rows))


@pytest.mark.parametrize(
    ("event", "fields", "counted"),
    [
        (
            "control:proposal:approve",
            {"via": "sign-on", "principal": "u_1", "person": "els"},
            {"person": 1},
        ),
        ("control:incident:close", {"via": "sign-on", "principal": "u_1"}, {"person": 1}),
        ("control:stop:set", {"via": "api", "principal": "k_1", "person": "els"}, {"person": 1}),
        ("control:stop:set", {"via": "api", "person": "local operator"}, {"other": 1}),
        ("control:model:approve", {"via": "local", "principal": "bootstrap:approve"}, {"other": 1}),
        ("control:hold:create", {"via": "public", "principal": "complainant"}, {"other": 1}),
        ("control:complaint:open", {"via": "public", "principal": "complainant"}, msgspec.UNSET),
        ("control:key:create", {"via": "sign-on", "person": "els"}, msgspec.UNSET),
    ],
    ids=["approval", "sign-on", "stop", "operator", "bootstrap", "sender", "complaint", "change"],
)
async def test_decisions_count_identified_persons_apart(
    event: str, fields: dict[str, Any], counted: Any
) -> None:
    rows = Rows()
    rows.add(event, "", SINCE, fields, log="control")
    assert (await count(rows.rows)).decisions == counted


async def test_an_erased_decision_counts_for_nobody() -> None:
    rows = Rows()
    rows.add("control:proposal:approve", "", SINCE, {"person": "els"}, log="control", erased=True)
    assert (await count(rows.rows)).decisions == {"other": 1}
