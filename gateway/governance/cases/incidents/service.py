"""Incidents, their deadlines, and the holds on their evidence."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_requests import audit_id, known_requests
from gateway.governance.cases.deadlines import REVIEW_MS, Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents.schemas import IncidentResponse
from gateway.governance.cases.rows import get_row, state_of
from gateway.governance.cases.tables import incident
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database


@dataclass(frozen=True, slots=True, repr=False)
class NewIncident:
    """A new incident; ``aware`` is when the organisation became aware of it (epoch milliseconds).

    ``requests`` are audit ids, ``model`` the name of a model or deployment.
    """

    kind: str
    description: str
    aware: int
    requests: tuple[str, ...] = ()
    model: str | None = None


class Incidents:
    """Creates, lists and closes incidents. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        deadlines: Deadlines,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._deadlines = deadlines
        self._wall = wall

    @property
    def kinds(self) -> list[str]:
        """The known kinds, sorted."""
        return self._deadlines.kinds

    async def create(self, new: NewIncident, actor: Actor) -> IncidentResponse:
        """Open an incident and place a hold on the requests that it names.

        Raises:
            InvalidRequest: for an unknown kind, a time in the future, or an unknown audit id.
        """
        deadline = self._deadlines.of_incident(new.kind)
        if new.aware > self._now_ms():
            raise InvalidRequest("The moment of awareness lies ahead.", param="aware")
        requests = await self._requests(new)
        identity = f"incident_{secrets.token_hex(8)}"
        async with self._database.write() as connection:
            held = await self._hold(connection, identity, requests, actor)
            digest = await self._texts.create(connection, identity, "description", new.description)
            await connection.execute(
                insert(incident).values(
                    id=identity,
                    kind=new.kind,
                    article=deadline.id,
                    model=new.model,
                    hold=held,
                    requests=orjson.dumps(requests).decode(),
                    aware=new.aware,
                    deadline=deadline.after(new.aware),
                    opened=self._now_ms(),
                    opened_by=actor.id,
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:incident:open",
                incident=identity,
                kind=new.kind,
                article=deadline.id,
                deadline=deadline.after(new.aware),
                model=new.model,
                hold=held,
                count=len(requests),
                digest=digest,
            )
            return self._describe(await get_row(connection, incident, identity))

    async def get(self, identity: str) -> IncidentResponse:
        """One incident without its texts.

        Raises:
            InvalidRequest: when there is no such incident.
        """
        async with self._database.read() as connection:
            return self._describe(await get_row(connection, incident, identity))

    async def reveal(self, identity: str, actor: Actor, *, reason: str) -> dict[str, str]:
        """The texts of an incident by part; revealing is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is no such incident.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            await get_row(connection, incident, identity)
            await self._journal.record(
                connection, actor, "control:incident:reveal", incident=identity, reason=reason[:500]
            )
            return await self._texts.get(connection, identity)

    async def close(
        self, identity: str, actor: Actor, *, outcome: str, reported: int | None = None
    ) -> None:
        """Close an incident; its hold stays until it is released.

        ``reported`` is the time of the report to the authority; None without a report.

        Raises:
            InvalidRequest: when there is no such incident, or the time of the report is impossible.
            AlreadyClosed: when it was closed before.
        """
        async with self._database.write() as connection:
            row = await get_row(connection, incident, identity)
            if row["closed"] is not None:
                raise AlreadyClosed(f"The incident {identity} was closed before.")
            if reported is not None and not row["aware"] <= reported <= self._now_ms():
                raise InvalidRequest(
                    "It was reported after the organisation became aware of it, and not later than "
                    "now.",
                    param="reported",
                )
            digest = await self._texts.create(connection, identity, "outcome", outcome)
            await connection.execute(
                update(incident)
                .where(incident.c.id == identity)
                .values(closed=self._now_ms(), closed_by=actor.id, reported=reported)
            )
            await self._journal.record(
                connection,
                actor,
                "control:incident:close",
                incident=identity,
                kind=row["kind"],
                article=row["article"],
                deadline=row["deadline"],
                hold=row["hold"],
                count=len(orjson.loads(row["requests"])),
                reported=reported,
                digest=digest,
            )

    async def _requests(self, new: NewIncident) -> list[str]:
        """The audit ids without duplicates, each checked."""
        given = [audit_id(one) for one in new.requests]
        found = await known_requests(self._trail, given)
        for place, one in enumerate(given):
            if one not in found:
                param = f"requests.{place}"
                raise InvalidRequest(f"{param}: no request has this audit id.", param=param)
        return list(dict.fromkeys(given))

    async def _hold(
        self, connection: AsyncConnection, identity: str, requests: list[str], actor: Actor
    ) -> str | None:
        if not requests:
            return None
        review = self._now_ms() + REVIEW_MS
        new = NewHold(identity, review, requests=tuple(requests))
        return await self._holds.create_within(connection, new, actor)

    async def list(self) -> Sequence[IncidentResponse]:
        """All incidents without their texts: open ones first, then by deadline."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(incident).order_by(incident.c.deadline))
            described = [self._describe(row) for row in rows.mappings()]
        return sorted(described, key=lambda one: one.state == "closed")

    def _describe(self, row: RowMapping) -> IncidentResponse:
        requests, state = orjson.loads(row["requests"]), state_of(row, "closed", self._now_ms())
        return IncidentResponse(**{**row, "requests": requests, "state": state})

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
