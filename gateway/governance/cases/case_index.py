"""Incidents, complaints and requests of persons as one list of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import CompoundSelect, String, Subquery, case, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.cases.tables import complaint, incident, person_request

INCIDENT, COMPLAINT, REQUEST = "incident", "complaint", "request"
KINDS = (INCIDENT, COMPLAINT, REQUEST)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case without its texts; ``requests`` are audit ids, times are epoch milliseconds.

    ``type`` is the kind of incident or request; a complaint has none.
    """

    id: str
    kind: str
    type: str | None
    opened: int
    ended: int | None
    outcome: str | None
    requests: tuple[str, ...]


def every_case() -> Subquery:
    """All cases: a row of ``id``, ``kind``, ``type``, ``opened``, ``ended``, ``requests``."""
    none = null().cast(String)
    parts: Sequence[Any] = (
        select(
            incident.c.id,
            literal(INCIDENT).label("kind"),
            incident.c.kind.label("type"),
            incident.c.opened,
            incident.c.closed.label("ended"),
            case((incident.c.reported.is_not(None), "reported"), else_=none).label("outcome"),
            incident.c.requests,
        ),
        select(
            complaint.c.id,
            literal(COMPLAINT),
            none,
            complaint.c.opened,
            complaint.c.decided,
            complaint.c.outcome,
            complaint.c.request,
        ),
        select(
            person_request.c.id,
            literal(REQUEST),
            person_request.c.kind,
            person_request.c.opened,
            person_request.c.decided,
            person_request.c.outcome,
            none,
        ),
    )
    query: CompoundSelect[Any] = union_all(*parts)
    return query.subquery("every_case")


def case_of(row: Any) -> CaseRow:
    """The case of a row of ``every_case``."""
    requests: list[str] = []
    if row.requests:
        requests = orjson.loads(row.requests) if row.kind == INCIDENT else [row.requests]
    return CaseRow(row.id, row.kind, row.type, row.opened, row.ended, row.outcome, tuple(requests))


async def cases_by_id(connection: AsyncConnection, identities: Sequence[str]) -> list[CaseRow]:
    """Some cases by their ids."""
    cases = every_case()
    found = await connection.execute(select(cases).where(cases.c.id.in_(identities)))
    return [case_of(row) for row in found]
