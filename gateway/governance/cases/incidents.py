"""Incidents: what went wrong, by when it must be reported, and the evidence that is frozen for it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.access_control.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_requests import audit_id, known
from gateway.governance.cases.deadlines import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.rows import row_of, shown
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database
from gateway.storage.tables import incident

REVIEW_MS = 90 * 86_400_000  # when a hold of the desk is to be looked at again


@dataclass(frozen=True, slots=True, repr=False)
class NewIncident:
    """What happened; ``aware`` is when the organisation became aware of it, in epoch milliseconds.

    ``requests`` are audit ids, ``model`` the name of a model or deployment.
    """

    kind: str
    description: str
    aware: int
    requests: tuple[str, ...] = ()
    model: str | None = None


class Incidents:
    """Opens, shows and closes incidents. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        clocks: Deadlines,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._clocks = clocks
        self._wall = wall

    @property
    def kinds(self) -> list[str]:
        """The kinds that there are."""
        return self._clocks.kinds

    async def open(self, new: NewIncident, actor: Actor) -> dict[str, Any]:
        """Opens an incident and holds the requests it names; gives it as ``all`` does.

        Raises:
            InvalidRequest: for an unknown kind, a moment that lies ahead, or an audit id of no request.
        """
        deadline = self._clocks.of_incident(new.kind)
        if new.aware > self._now_ms():
            raise InvalidRequest("The moment of awareness lies ahead.", param="aware")
        requests = await self._requests(new)
        identity = f"incident_{secrets.token_hex(8)}"
        async with self._database.write() as connection:
            held = await self._hold(connection, identity, requests, actor)
            digest = await self._texts.keep(connection, identity, "description", new.description)
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
            return self._shown(await row_of(connection, incident, identity))

    async def all(self) -> list[dict[str, Any]]:
        """All incidents without their texts, those that wait first, then by their deadline.

        ``state`` is open, overdue (open past its deadline) or closed.
        """
        async with self._database.read() as connection:
            rows = (await connection.execute(select(incident).order_by(incident.c.deadline))).all()
        return sorted((self._shown(row) for row in rows), key=lambda one: one["state"] == "closed")

    async def one(self, identity: str) -> dict[str, Any]:
        """One incident, as ``all`` gives it.

        Raises:
            InvalidRequest: when there is none.
        """
        async with self._database.read() as connection:
            return self._shown(await row_of(connection, incident, identity))

    async def reveal(self, identity: str, actor: Actor, *, reason: str) -> dict[str, str]:
        """What was written about it, by part; reading it is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is no such incident.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            await row_of(connection, incident, identity)
            await self._journal.record(
                connection, actor, "control:incident:reveal", incident=identity, reason=reason[:500]
            )
            return await self._texts.of(connection, identity)

    async def close(
        self, identity: str, actor: Actor, *, outcome: str, reported: int | None = None
    ) -> None:
        """Closes an incident; its hold stays until it is released.

        ``reported`` is when it was reported to the authority, None when it was not.

        Raises:
            InvalidRequest: when there is no such incident, or it cannot have been reported then.
            AlreadyClosed: when it was closed before.
        """
        async with self._database.write() as connection:
            row = await row_of(connection, incident, identity)
            if row.closed is not None:
                raise AlreadyClosed(f"The incident {identity} was closed before.")
            if reported is not None and not row.aware <= reported <= self._now_ms():
                raise InvalidRequest(
                    "It was reported after the organisation became aware of it, and not later than "
                    "now.",
                    param="reported",
                )
            digest = await self._texts.keep(connection, identity, "outcome", outcome)
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
                kind=row.kind,
                article=row.article,
                deadline=row.deadline,
                hold=row.hold,
                count=len(orjson.loads(row.requests)),
                reported=reported,
                digest=digest,
            )

    async def _requests(self, new: NewIncident) -> list[str]:
        """The audit ids, each once and known."""
        given = [audit_id(one) for one in new.requests]
        found = await known(self._trail, given)
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
        return await self._holds.place(connection, new, actor)

    def _shown(self, row: Any) -> dict[str, Any]:
        requests = orjson.loads(row.requests)
        return {**shown(row, ended="closed", now_ms=self._now_ms()), "requests": requests}

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
