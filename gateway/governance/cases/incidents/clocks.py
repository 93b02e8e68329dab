"""The clocks of an incident: those that would apply, and those that a judgement made binding."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.cases.deadlines.rules import (
    AFTER,
    AWARE,
    CLASSIFIED,
    LATER,
    Calendar,
    DeadlineRule,
)
from gateway.governance.cases.errors import NotJudged
from gateway.governance.cases.incidents.schemas import ClockResponse, IncidentResponse
from gateway.governance.cases.tables import NO_DEADLINE, incident, incident_clock

_HOUR_MS = 3_600_000
WOULD_APPLY, RUNNING, OVERDUE = "would_apply", "running", "overdue"
WAITING, DUE, REPORTED, REPORTED_LATE = "waiting", "due", "reported", "late"


def due_of(
    rule: DeadlineRule, *, aware: int, classified: int | None = None, before: int | None = None
) -> int | None:
    """When a clock ends; None as long as it has not started.

    ``before`` is when the report was made that the rule follows.
    """
    starts = {AWARE: aware, CLASSIFIED: classified}
    start = before if rule.starts.startswith(AFTER) else starts.get(rule.starts)
    latest = None if rule.at_most_hours is None else aware + rule.at_most_hours * _HOUR_MS
    if start is None:
        return latest
    end = rule.after(start)
    return end if latest is None else min(end, latest)


def offered(calendar: Calendar, kind: str, aware: int, now: int) -> list[ClockResponse]:
    """The clocks that would apply to an incident that is not judged yet."""
    shown = [
        clock(one, due_of(one, aware=aware), WOULD_APPLY, now)
        for one in calendar.offered(kind, now)
    ]
    return _ordered([*shown, *(clock(one, None, LATER, now) for one in calendar.later(kind, now))])


def earliest(clocks: Iterable[ClockResponse]) -> ClockResponse | None:
    """The clock that ends first of those that are not met; those due at once have no moment."""
    open_ = [
        one for one in clocks if one.due is not None and one.reported is None and not one.immediate
    ]
    return min(open_, key=lambda one: one.due or NO_DEADLINE, default=None)


def clock(
    rule: DeadlineRule,
    due: int | None,
    state: str,
    now: int,
    *,
    reported: int | None = None,
    reported_by: str | None = None,
) -> ClockResponse:
    """One clock with what its row states."""
    stated = rule.model_dump(
        include={
            "law",
            "article",
            "title",
            "binds",
            "applies_from",
            "source",
            "verified_on",
            "verified_by",
        }
    )
    return ClockResponse(
        rule=rule.id,
        **stated,
        immediate=rule.immediate,
        applies=rule.standing(now),
        due=due,
        state=state,
        reported=reported,
        reported_by=reported_by,
    )


async def bound(
    connection: AsyncConnection, incidents: Sequence[str], now: int
) -> dict[str, list[ClockResponse]]:
    """The binding clocks of some incidents."""
    query = select(incident_clock).where(incident_clock.c.incident.in_(incidents))
    found: dict[str, list[ClockResponse]] = {}
    for row in await connection.execute(query):
        rule = DeadlineRule.model_validate_json(row.document)
        shown = clock(
            rule,
            row.due,
            _state(rule, row.due, row.reported, now),
            now,
            reported=row.reported,
            reported_by=row.reported_by,
        )
        found.setdefault(row.incident, []).append(shown)
    return {identity: _ordered(clocks) for identity, clocks in found.items()}


async def bind(connection: AsyncConnection, row: Any, rules: Sequence[DeadlineRule]) -> None:
    """Make exactly these rules binding; what was reported before stays reported."""
    mine = incident_clock.c.incident == row["id"]
    before = {one.rule: one for one in await connection.execute(select(incident_clock).where(mine))}
    await connection.execute(delete(incident_clock).where(mine))
    for rule in {one.id: one for one in rules}.values():
        old = before.get(rule.id)
        followed = before.get(rule.starts.removeprefix(AFTER))
        due = due_of(
            rule,
            aware=row["aware"],
            classified=row["classified"],
            before=followed.reported if followed else None,
        )
        await connection.execute(
            insert(incident_clock).values(
                incident=row["id"],
                rule=rule.id,
                document=rule.model_dump_json(),
                due=due,
                reported=old.reported if old else None,
                reported_by=old.reported_by if old else None,
            )
        )


async def mark_reported(
    connection: AsyncConnection, row: Any, rules: Sequence[str], at: int, by: str
) -> None:
    """Note reports, and start the clocks that follow them."""
    mine = incident_clock.c.incident == row["id"]
    await connection.execute(
        update(incident_clock)
        .where(mine, incident_clock.c.rule.in_(rules), incident_clock.c.reported.is_(None))
        .values(reported=at, reported_by=by)
    )
    for one in (await connection.execute(select(incident_clock).where(mine))).all():
        rule = DeadlineRule.model_validate_json(one.document)
        if rule.starts.removeprefix(AFTER) in rules and one.reported is None:
            due = due_of(rule, aware=row["aware"], before=at)
            await connection.execute(
                update(incident_clock).where(mine, incident_clock.c.rule == rule.id).values(due=due)
            )


async def note_due(connection: AsyncConnection, identity: str, due: int | None) -> None:
    """Keep when the clock of an incident ends that ends first: lists are in its order."""
    same = update(incident).where(incident.c.id == identity)
    await connection.execute(same.values(due=due))


def _state(rule: DeadlineRule, due: int | None, reported: int | None, now: int) -> str:
    if reported is not None:
        late = due is not None and reported > due and not rule.immediate
        return REPORTED_LATE if late else REPORTED
    if due is None:
        return WAITING
    if rule.immediate:
        return DUE
    return OVERDUE if due < now else RUNNING


def _ordered(clocks: list[ClockResponse]) -> list[ClockResponse]:
    return sorted(clocks, key=lambda one: (one.due or NO_DEADLINE, one.rule))


def unmet(clocks: Iterable[ClockResponse]) -> list[str]:
    """The deadlines that ask for a report which is not made yet."""
    return [one.rule for one in clocks if one.reported is None and one.state != LATER]


def not_judged(incident: IncidentResponse, rules: Sequence[str]) -> NotJudged:
    """The refusal to close an incident for which deadlines are unmet."""
    named = ", ".join(rules)
    if incident.judged is None:
        return NotJudged(
            f"First judge whether {incident.id} must be reported. These may bind: {named}."
        )
    return NotJudged(f"These bind {incident.id} and were not reported: {named}.")
