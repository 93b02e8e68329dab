"""Incidents, the judgement of what must be reported, and the holds on their evidence."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import RowMapping, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_index import INCIDENT
from gateway.governance.cases.case_pages import INCIDENTS, CaseQuestion, names_in
from gateway.governance.cases.case_requests import audit_id, known_requests
from gateway.governance.cases.deadlines.rules import REVIEW_MS, Calendar
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents import clocks
from gateway.governance.cases.incidents.follow_ups import follow_ups
from gateway.governance.cases.incidents.schemas import (
    ClockResponse,
    FollowUpResponse,
    IncidentListResponse,
    IncidentResponse,
    UsedResponse,
)
from gateway.governance.cases.incidents.used_objects import used_objects
from gateway.governance.cases.rows import get_row, state_of
from gateway.governance.cases.schemas import CaseTextsState
from gateway.governance.cases.tables import NO_DEADLINE, incident
from gateway.governance.cases.text_removal import CaseTextStates
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
    severity: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class IncidentJudgement:
    """Which deadlines bind an incident, and why; no rules: it need not be reported."""

    rules: Sequence[str]
    reasons: str
    classified: int | None = None
    severity: str | None = None


class Incidents:
    """Creates, lists, judges and closes incidents. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        states: CaseTextStates,
        deadlines: Deadlines,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._states = states
        self._deadlines = deadlines
        self._wall = wall

    async def create(self, new: NewIncident, actor: Actor) -> IncidentResponse:
        """Open an incident and place a hold on the requests that it names.

        Raises:
            InvalidRequest: for an unknown kind, a time in the future, or an unknown audit id.
        """
        if new.aware > self._now_ms():
            raise InvalidRequest("The moment of awareness lies ahead.", param="aware")
        requests = await self._requests(new)
        identity = f"incident_{secrets.token_hex(8)}"
        async with self._database.write() as connection:
            calendar = await self._deadlines.calendar(connection)
            kind = calendar.incident_kind(new.kind)
            offered = clocks.offered(calendar, kind, new.aware, self._now_ms())
            first = clocks.earliest(offered)
            held = await self._hold(connection, identity, requests, actor)
            digest = await self._texts.create(connection, identity, "description", new.description)
            await connection.execute(
                insert(incident).values(
                    id=identity,
                    kind=kind,
                    article=first.rule if first else "",
                    model=new.model,
                    hold=held,
                    requests=orjson.dumps(requests).decode(),
                    aware=new.aware,
                    deadline=first.due if first else NO_DEADLINE,
                    due=first.due if first else None,
                    opened=self._now_ms(),
                    opened_by=actor.id,
                    severity=new.severity,
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:incident:open",
                incident=identity,
                kind=kind,
                article=first.rule if first else None,
                deadline=first.due if first else None,
                severity=new.severity,
                model=new.model,
                hold=held,
                count=len(requests),
                digest=digest,
            )
            return await self._described(connection, identity, calendar)

    async def get(self, identity: str) -> IncidentResponse:
        """One incident without its texts.

        Raises:
            InvalidRequest: when there is no such incident.
        """
        async with self._database.read() as connection:
            calendar = await self._deadlines.calendar(connection)
            return await self._described(connection, identity, calendar)

    async def used(self, identity: str) -> UsedResponse:
        """What the requests of an incident used.

        Raises:
            InvalidRequest: when there is no such incident.
        """
        async with self._database.read() as connection:
            row = await get_row(connection, incident, identity)
            return await used_objects(connection, self._trail, orjson.loads(row["requests"]))

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

    async def judge(
        self, identity: str, judgement: IncidentJudgement, actor: Actor
    ) -> IncidentResponse:
        """Say which deadlines bind an incident; a later judgement replaces an earlier one.

        Raises:
            InvalidRequest: for an unknown incident or deadline, or an impossible classification.
            AlreadyClosed: when the incident is closed.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            calendar = await self._deadlines.calendar(connection)
            now = self._now_ms()
            rules = calendar.binding(judgement.rules, now)
            classified = judgement.classified or row["classified"] or now
            self._check_moment(row, classified, "classified")
            digest = await self._texts.add(connection, identity, "judgement", judgement.reasons)
            changed = {
                "classified": classified,
                "judged": now,
                "judged_by": actor.id,
                "severity": judgement.severity or row["severity"],
            }
            await connection.execute(
                update(incident).where(incident.c.id == identity).values(**changed)
            )
            await clocks.bind(connection, {**row, **changed}, rules)
            described = await self._described(connection, identity, calendar)
            await clocks.note_due(connection, identity, described.deadline)
            await self._journal.record(
                connection,
                actor,
                "control:incident:judge",
                incident=identity,
                kind=row["kind"],
                articles=sorted({one.id for one in rules}),
                deadline=described.deadline,
                severity=described.severity,
                digest=digest,
            )
            return described

    async def report(self, identity: str, rule: str, at: int, actor: Actor) -> IncidentResponse:
        """Note that a report was made; the clocks that follow it start.

        Raises:
            InvalidRequest: when this deadline does not bind it, or the time is impossible.
            AlreadyClosed: when the incident is closed.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            self._check_moment(row, at, "at")
            bound = (await clocks.bound(connection, [identity], self._now_ms())).get(identity, [])
            if rule not in {one.rule for one in bound if one.reported is None}:
                raise InvalidRequest(
                    f"{rule} does not bind this incident, or was reported before: judge the "
                    "incident first.",
                    param="rule",
                )
            await clocks.mark_reported(connection, row, [rule], at, actor.id)
            calendar = await self._deadlines.calendar(connection)
            described = await self._described(connection, identity, calendar)
            await clocks.note_due(connection, identity, described.deadline)
            await self._journal.record(
                connection,
                actor,
                "control:incident:report",
                incident=identity,
                kind=row["kind"],
                article=rule,
                reported=at,
                deadline=described.deadline,
            )
            return described

    async def close(
        self, identity: str, actor: Actor, *, outcome: str, reported: int | None = None
    ) -> None:
        """Close an incident; its hold stays until it is released.

        ``reported`` is the time of the report to the authority, of every report that binds and is
        not noted yet.

        Raises:
            InvalidRequest: when there is no such incident, or the time of the report is impossible.
            AlreadyClosed: when it was closed before.
            NotJudged: without ``reported``, when a deadline would apply and no one has judged it,
                or one binds and was not met.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            before = await self._described(
                connection, identity, await self._deadlines.calendar(connection)
            )
            unmet = clocks.unmet(before.clocks)
            if reported is not None:
                self._check_moment(row, reported, "reported")
                await clocks.mark_reported(connection, row, unmet, reported, actor.id)
            elif unmet:
                raise clocks.not_judged(before, unmet)
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
                article=before.article or None,
                deadline=before.deadline,
                hold=row["hold"],
                count=len(before.requests),
                reported=reported,
                digest=digest,
            )

    async def _open_row(self, connection: AsyncConnection, identity: str) -> RowMapping:
        row = await get_row(connection, incident, identity)
        if row["closed"] is not None:
            raise AlreadyClosed(f"The incident {identity} was closed before.")
        return row

    def _check_moment(self, row: RowMapping, moment: int, param: str) -> None:
        if not row["aware"] <= moment <= self._now_ms():
            raise InvalidRequest(
                "It was reported or classified after the organisation became aware of it, and not "
                "later than now.",
                param=param,
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

    async def list(self, asked: CaseQuestion | None = None) -> IncidentListResponse:
        """A page of incidents without their texts: open ones first, by deadline."""
        async with self._database.read() as connection:
            calendar = await self._deadlines.calendar(connection)
            page = await INCIDENTS.page(connection, asked or CaseQuestion(), now=self._now_ms())
            totals = await INCIDENTS.totals(connection, now=self._now_ms())
            shown = [row["id"] for row in page.rows]
            bound = await clocks.bound(connection, shown, self._now_ms())
            tasks = await follow_ups(connection, shown)
            ended = {row["id"]: row["closed"] for row in page.rows}
            left = await self._states.of(connection, INCIDENT, ended)
            names = await names_in(connection, page)
        known = set(calendar.kinds["incident"])
        return IncidentListResponse(
            incidents=[self._describe(row, calendar, bound, tasks, left) for row in page.rows],
            next=page.next,
            totals=totals,
            names=names,
            kinds=sorted(known),
            rules={one.id: one.title for one in calendar.rules.values() if {*one.kinds} & known},
        )

    async def _described(
        self, connection: AsyncConnection, identity: str, calendar: Calendar
    ) -> IncidentResponse:
        row = await get_row(connection, incident, identity)
        bound = await clocks.bound(connection, [identity], self._now_ms())
        tasks = await follow_ups(connection, [identity])
        left = await self._states.of(connection, INCIDENT, {identity: row["closed"]})
        return self._describe(row, calendar, bound, tasks, left)

    def _describe(
        self,
        row: RowMapping,
        calendar: Calendar,
        bounds: Mapping[str, Sequence[ClockResponse]],
        tasks: Mapping[str, Sequence[FollowUpResponse]],
        left: Mapping[str, CaseTextsState],
    ) -> IncidentResponse:
        now = self._now_ms()
        shown = bound = bounds.get(row["id"], [])
        if row["judged"] is None and row["closed"] is None:
            shown = clocks.offered(calendar, row["kind"], row["aware"], now)
        first = clocks.earliest(shown)
        known = {
            **row,
            "requests": orjson.loads(row["requests"]),
            "article": first.rule if first else "",
            "deadline": first.due if first else None,
        }
        if row["closed"] is not None:
            known["article"] = row["article"]
            known["deadline"] = None if row["deadline"] == NO_DEADLINE else row["deadline"]
        judgement = "report" if bound else "no_report"
        return IncidentResponse(
            **known,
            judgement="not_judged" if row["judged"] is None else judgement,
            clocks=shown,
            follow_ups=tasks.get(row["id"], []),
            state=state_of(known, "closed", now),
            texts=left[row["id"]],
        )

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
