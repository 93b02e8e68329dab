"""What waits and what is due, as sets that a channel has not received yet.

Each set is one statement of the database, whatever is stored.
"""

from collections.abc import Collection, Iterator
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy import table as table_of
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.access_control.permissions import approval_of
from gateway.governance.audit.reveals import IS_REVEAL
from gateway.governance.audit.reveals import KIND as REVEAL
from gateway.governance.cases.tables import (
    NO_DEADLINE,
    complaint,
    follow_up,
    incident,
    incident_clock,
    person_request,
)
from gateway.governance.notices.message import Count
from gateway.governance.notices.tables import notice_item
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal

_PERMISSIONS = {
    "proposal": "proposals:read",
    "incident": "incidents:read",
    "clock": "incidents:read",
    "follow_up": "incidents:read",
    "complaint": "complaints:read",
    "request": "requests:read",
    "reveal": approval_of("audit"),  # those who decide above the bound of a day
}
_CASES = {
    "incident": (incident, incident.c.closed),
    "complaint": (complaint, complaint.c.decided),
    "request": (person_request, person_request.c.decided),
}
_HOUR_MS = 3_600_000
_NEWS_MS, _KEPT_MS = 24 * _HOUR_MS, 30 * 24 * _HOUR_MS  # of reveals, which no one closes
_entry = table_of("audit_detail", column("seq", BigInteger), column("time", BigInteger))
_COLUMNS = ("channel", "item", "stage", "due", "source", "base", "kind", "noted")
_MOST_PROPOSALS = 1_000


async def has_news(
    connection: AsyncConnection,
    channel: str,
    permissions: Collection[str],
    *,
    now: int,
    remind_hours: int,
) -> bool:
    """Whether ``note_waiting`` would change anything; it reads only."""
    over = (select(notice_item.c.item).where(*conditions) for conditions in _over(now))
    new = _unnoted(channel, permissions, now, remind_hours)
    for query in (*new, *over):
        if (await connection.execute(query.limit(1))).first() is not None:
            return True
    return bool(await _new_proposals(connection, channel, permissions, now))


async def note_waiting(
    connection: AsyncConnection,
    channel: str,
    permissions: Collection[str],
    *,
    now: int,
    remind_hours: int,
) -> None:
    """Note for a channel what it has not received yet, and delete what is over.

    ``permissions`` are those of the channel; ``now`` is epoch milliseconds.
    """
    for conditions in _over(now):
        await connection.execute(delete(notice_item).where(*conditions))
    for rows in _unnoted(channel, permissions, now, remind_hours):
        await connection.execute(insert(notice_item).from_select(_COLUMNS, rows))
    if new := await _new_proposals(connection, channel, permissions, now):
        await connection.execute(insert(notice_item), new)


async def count_waiting(
    connection: AsyncConnection, permissions: Collection[str], *, now: int
) -> dict[str, Count]:
    """How many wait by source, as the first page counts them."""
    counts: dict[str, Count] = {}
    if _PERMISSIONS["proposal"] in permissions:
        rows = (await connection.execute(_pending())).all()
        counts["proposal"] = Count(sum(_decides(row, permissions) for row in rows))
    for source, (table, ended) in _CASES.items():
        if _PERMISSIONS[source] in permissions:
            count = select(func.count()).select_from(table).where(ended.is_(None))
            late = count.where(table.c.get("due", table.c.deadline) < now)
            waiting = await connection.scalar(count) or 0
            counts[source] = Count(waiting, await connection.scalar(late) or 0)
    return counts


def _new() -> dict[str, Select[Any]]:
    """The open cases; a complaint has no kind."""
    found = {}
    for source, (table, ended) in _CASES.items():
        kind = table.c.kind if "kind" in table.c else literal("", String)
        found[source] = _row(table.c.id, table.c.id, kind, literal(0)).where(ended.is_(None))
    return found


def _reveals(now: int) -> Select[Any]:
    """The reveals of stored bodies of the last day, by the number of their entry."""
    number = cast(_entry.c.seq, String)
    found = _row(number, number, literal(REVEAL, String), literal(0))
    return found.where(text(IS_REVEAL), _entry.c.time > now - _NEWS_MS)


def _due() -> dict[str, Select[Any]]:
    """What has a deadline: what was not judged, decided, reported or done yet."""
    unjudged = and_(
        incident.c.closed.is_(None), incident.c.judged.is_(None), incident.c.deadline < NO_DEADLINE
    )
    of_clock = incident_clock.c.incident + literal("/") + incident_clock.c.rule
    of_task = follow_up.c.incident + literal("/") + cast(follow_up.c.number, String)
    is_open = incident.c.closed.is_(None)
    return {
        "incident": _row(incident.c.id, incident.c.id, incident.c.kind, incident.c.deadline).where(
            unjudged
        ),
        "clock": _row(of_clock, incident.c.id, incident_clock.c.rule, incident_clock.c.due)
        .join(incident, incident.c.id == incident_clock.c.incident)
        .where(is_open, incident_clock.c.reported.is_(None), incident_clock.c.due.is_not(None)),
        "follow_up": _row(
            of_task, follow_up.c.incident, literal("", String), follow_up.c.due
        ).where(follow_up.c.done.is_(None), follow_up.c.due.is_not(None)),
        "complaint": _row(
            complaint.c.id, complaint.c.id, literal("", String), complaint.c.deadline
        ).where(complaint.c.decided.is_(None)),
        "request": _row(
            person_request.c.id,
            person_request.c.id,
            person_request.c.kind,
            person_request.c.deadline,
        ).where(person_request.c.decided.is_(None), person_request.c.deadline.is_not(None)),
    }


def _row(item: Any, base: Any, kind: Any, due: Any) -> Select[Any]:
    return select(item.label("item"), base.label("base"), kind.label("kind"), due.label("due"))


def _unnoted(
    channel: str, permissions: Collection[str], now: int, remind_hours: int
) -> Iterator[Select[Any]]:
    """What a channel has not received yet, as rows of the table."""
    soon = now + remind_hours * _HOUR_MS
    for source, found in _new().items():
        if _PERMISSIONS[source] in permissions:
            yield _rows(found, channel, source, "new", now)
    if _PERMISSIONS["reveal"] in permissions:
        yield _rows(_reveals(now), channel, "reveal", "new", now)
    for source, found in _due().items():
        if _PERMISSIONS[source] in permissions:
            due = found.selected_columns.due
            yield _rows(found.where(due < now), channel, source, "overdue", now)
            near = found.where(due >= now, due <= soon)
            yield _rows(near, channel, source, "reminder", now)


def _rows(found: Select[Any], channel: str, source: str, stage: str, now: int) -> Select[Any]:
    """What is found and was not noted before."""
    one = found.subquery()
    known = select(notice_item.c.item).where(
        notice_item.c.channel == channel,
        notice_item.c.item == one.c.item,
        notice_item.c.stage == stage,
        notice_item.c.due == one.c.due,
    )
    return select(
        literal(channel),
        one.c.item,
        literal(stage),
        one.c.due,
        literal(source),
        one.c.base,
        one.c.kind,
        literal(now),
    ).where(~known.exists())


def _over(now: int) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions of what is decided or closed, and of what is no longer due and was not sent."""
    open_proposal = select(proposal.c.id).where(
        proposal.c.id == notice_item.c.base, proposal.c.state == PENDING
    )
    yield notice_item.c.source == "proposal", ~open_proposal.exists()
    yield notice_item.c.source == "reveal", notice_item.c.noted < now - _KEPT_MS
    open_incident = select(incident.c.id).where(
        incident.c.id == notice_item.c.base, incident.c.closed.is_(None)
    )
    of_incident = notice_item.c.source.in_(("incident", "clock"))
    yield of_incident, ~open_incident.exists()
    for source in ("complaint", "request"):
        table, ended = _CASES[source]
        still = select(table.c.id).where(table.c.id == notice_item.c.base, ended.is_(None))
        yield notice_item.c.source == source, ~still.exists()
    for source, found in _due().items():
        one = found.subquery()
        still = select(one.c.item).where(
            one.c.item == notice_item.c.item, one.c.due == notice_item.c.due
        )
        unsent = or_(notice_item.c.sent.is_(None), notice_item.c.source == "follow_up")
        yield (
            notice_item.c.source == source,
            notice_item.c.stage != "new",
            unsent,
            ~still.exists(),
        )


async def _new_proposals(
    connection: AsyncConnection, channel: str, permissions: Collection[str], now: int
) -> list[dict[str, Any]]:
    """Rows of proposals that are new to a channel whose roles may approve all of their powers."""
    if _PERMISSIONS["proposal"] not in permissions:
        return []
    known = select(notice_item.c.item).where(
        notice_item.c.channel == channel, notice_item.c.item == proposal.c.id
    )
    rows = (await connection.execute(_pending().where(~known.exists()))).all()
    return [
        {
            "channel": channel,
            "item": row.id,
            "stage": "new",
            "due": 0,
            "source": "proposal",
            "base": row.id,
            "kind": row.kind,
            "noted": now,
        }
        for row in rows
        if _decides(row, permissions)
    ]


def _pending() -> Select[Any]:
    return (
        select(proposal.c.id, proposal.c.kind, proposal.c.powers)
        .where(proposal.c.state == PENDING)
        .order_by(proposal.c.proposed)
        .limit(_MOST_PROPOSALS)
    )


def _decides(row: Any, permissions: Collection[str]) -> bool:
    powers = orjson.loads(row.powers) if row.powers else []
    return all(approval_of(power) in permissions for power in powers)
