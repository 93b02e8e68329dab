"""Complaints to the organisation by holders of a receipt, and the decisions about them."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_index import COMPLAINT as KIND
from gateway.governance.cases.case_messages import CaseMessages
from gateway.governance.cases.case_pages import COMPLAINTS, CaseQuestion, names_in
from gateway.governance.cases.case_requests import audit_id, known_requests
from gateway.governance.cases.complaints.explanation import explain, read_request
from gateway.governance.cases.complaints.schemas import (
    ComplaintListResponse,
    ComplaintResponse,
    ExplanationResponse,
    ReceivedResponse,
)
from gateway.governance.cases.deadlines.rules import COMPLAINT, REVIEW_MS
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.intake_limiter import COMPLAINANT, IntakeLimiter
from gateway.governance.cases.messages import UNKNOWN, received
from gateway.governance.cases.rows import get_row, state_of
from gateway.governance.cases.schemas import CaseMessage, CaseTextsState
from gateway.governance.cases.tables import NO_DEADLINE, complaint
from gateway.governance.cases.text_removal import CaseTextStates
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.holds.tables import hold
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

OUTCOMES = ("upheld", "partly", "rejected")
Stated = Callable[[], Awaitable[dict[str, Any]]]
UseCaseOf = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, repr=False)
class NewComplaint:
    """A complaint as it was sent, without a credential; ``receipt`` may be invalid."""

    receipt: str
    text: str
    language: str


class Complaints:
    """Creates, lists and decides complaints. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        states: CaseTextStates,
        deadlines: Deadlines,
        messages: CaseMessages,
        limiter: IntakeLimiter,
        *,
        stated: Stated,
        use_case: UseCaseOf,
        wall: Callable[[], float],
    ) -> None:
        """``stated`` gives the statements of the configuration about the organisation.

        ``use_case`` gives those about a use case by its name; nothing for an unknown one.
        """
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._states = states
        self._deadlines = deadlines
        self._messages = messages
        self.stated = stated
        self._use_case = use_case
        self._wall = wall
        self.limiter = limiter

    async def create(self, new: NewComplaint) -> ReceivedResponse:
        """Open a complaint and place a hold on its request.

        While a complaint about the request is open, a further text is added to it: there is one
        complaint and one hold however often it is sent.

        Raises:
            InvalidRequest: when the receipt is not valid, with one message for every fault.
            RateLimited: when there are too many about one request.
        """
        request = audit_id(new.receipt)
        if not await known_requests(self._trail, [request]):
            raise InvalidRequest(UNKNOWN, code="not_found", param="receipt")
        self.limiter.take_receipt(request)
        stated = await self.stated()
        async with self._database.write() as connection:
            row = await self._open_about(connection, request)
            if row is None:
                row = await self._open(connection, request, new)
            else:
                await self._messages.add(
                    connection, row["id"], new.text, COMPLAINANT, sent=False, request=request
                )
        message = received(
            new.language,
            identity=row["id"],
            deadline=row["deadline"],
            timezone=str((stated.get("reports") or {}).get("timezone", "UTC")),
            contact=str((stated.get("organisation") or {}).get("contact") or ""),
        )
        return ReceivedResponse(id=row["id"], message=message)

    async def _open_about(self, connection: AsyncConnection, request: str) -> RowMapping | None:
        query = select(complaint).where(
            complaint.c.request == request, complaint.c.decided.is_(None)
        )
        return (await connection.execute(query)).mappings().first()

    async def _open(
        self, connection: AsyncConnection, request: str, new: NewComplaint
    ) -> RowMapping:
        identity, now = f"complaint_{secrets.token_hex(8)}", self._now_ms()
        rule, end = (await self._deadlines.calendar(connection)).of_received(COMPLAINT, now)
        deadline = NO_DEADLINE if end is None else end
        held = await self._held(connection, identity, request)
        digest = await self._texts.create(connection, identity, "text", new.text)
        await connection.execute(
            insert(complaint).values(
                id=identity,
                request=request,
                language=new.language,
                hold=held,
                article=rule.id if rule else None,
                deadline=deadline,
                opened=now,
            )
        )
        await self._journal.record(
            connection,
            COMPLAINANT,
            "control:complaint:open",
            complaint=identity,
            of_request=request,
            language=new.language,
            article=rule.id if rule else None,
            deadline=deadline,
            hold=held,
            digest=digest,
        )
        return await get_row(connection, complaint, identity)

    async def _held(self, connection: AsyncConnection, identity: str, request: str) -> str:
        """The hold of an earlier complaint about the request if it is in force, else a new one."""
        query = (
            select(complaint.c.hold)
            .join(hold, hold.c.id == complaint.c.hold)
            .where(complaint.c.request == request, hold.c.released.is_(None))
        )
        before = (await connection.execute(query)).scalar()
        if before is not None:
            return str(before)
        new = NewHold(identity, self._now_ms() + REVIEW_MS, requests=(request,))
        return await self._holds.create_within(connection, new, COMPLAINANT)

    async def get(self, identity: str) -> ComplaintResponse:
        """One complaint without its texts.

        Raises:
            InvalidRequest: when there is no such complaint.
        """
        async with self._database.read() as connection:
            return await self._described(connection, identity)

    async def reveal(self, identity: str, actor: Actor, *, reason: str) -> dict[str, str]:
        """The complaint's text and the reasons of the decision; revealing is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is no such complaint.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            row = await get_row(connection, complaint, identity)
            await self._journal.record(
                connection,
                actor,
                "control:complaint:reveal",
                complaint=identity,
                of_request=row["request"],
                reason=reason[:500],
            )
            return await self._texts.get(connection, identity)

    async def decide(
        self, identity: str, actor: Actor, *, outcome: str, reasons: str, answer: str = ""
    ) -> None:
        """Decide a complaint; its hold stays until it is released.

        ``answer`` is what is sent to the complainant; it becomes part of the correspondence.

        Raises:
            InvalidRequest: when there is no such complaint or outcome.
            AlreadyClosed: when it was decided before.
        """
        if outcome not in OUTCOMES:
            raise InvalidRequest(f"An outcome is one of {', '.join(OUTCOMES)}.", param="outcome")
        async with self._database.write() as connection:
            row = await get_row(connection, complaint, identity)
            if row["decided"] is not None:
                raise AlreadyClosed(f"The complaint {identity} was decided before.")
            digest = await self._texts.create(connection, identity, "reasons", reasons)
            await connection.execute(
                update(complaint)
                .where(complaint.c.id == identity)
                .values(outcome=outcome, decided=self._now_ms(), decided_by=actor.id)
            )
            await self._journal.record(
                connection,
                actor,
                "control:complaint:decide",
                complaint=identity,
                of_request=row["request"],
                outcome=outcome,
                deadline=row["deadline"],
                hold=row["hold"],
                digest=digest,
            )
            if answer:
                await self._messages.add(
                    connection, identity, answer, actor, sent=True, request=row["request"]
                )

    async def write(self, identity: str, actor: Actor, *, text: str, sent: bool) -> CaseMessage:
        """Keep a message to the complainant, or one that came from the complainant.

        Raises:
            InvalidRequest: when there is no such complaint.
        """
        async with self._database.write() as connection:
            row = await get_row(connection, complaint, identity)
            return await self._messages.add(
                connection, identity, text, actor, sent=sent, request=row["request"]
            )

    async def extend(self, identity: str, actor: Actor, *, reason: str) -> ComplaintResponse:
        """Give a complaint the longer term that its deadline allows, once.

        Raises:
            InvalidRequest: when there is no such complaint, or its deadline allows none.
            AlreadyClosed: when it is decided.
        """
        async with self._database.write() as connection:
            row = await get_row(connection, complaint, identity)
            if row["decided"] is not None:
                raise AlreadyClosed(f"The complaint {identity} was decided before.")
            calendar = await self._deadlines.calendar(connection)
            rule, deadline = calendar.extended(row, self._now_ms())
            await connection.execute(
                update(complaint)
                .where(complaint.c.id == identity)
                .values(deadline=deadline, extended=self._now_ms())
            )
            await self._journal.record(
                connection,
                actor,
                "control:complaint:extend",
                complaint=identity,
                of_request=row["request"],
                article=rule.id,
                deadline=deadline,
                reason=reason[:500],
            )
            return await self._described(connection, identity)

    async def explain(self, identity: str, language: str) -> ExplanationResponse:
        """A plain explanation of the decision: model, rules, kinds of data, and who decided.

        Raises:
            InvalidRequest: when there is no such complaint.
        """
        async with self._database.read() as connection:
            row = await get_row(connection, complaint, identity)
        seen = await read_request(self._trail, row["request"])
        purpose = str(seen.facts.get("purpose") or "")
        timezone = str(((await self.stated()).get("reports") or {}).get("timezone", "UTC"))
        return explain(
            row, seen, language, timezone=timezone, use_case=await self._use_case(purpose)
        )

    async def stop(self) -> None:
        """Write the counts of refused attempts."""
        await self.limiter.stop()

    async def list(self, asked: CaseQuestion | None = None) -> ComplaintListResponse:
        """A page of complaints without their texts: open ones first, by deadline.

        Raises:
            InvalidRequest: for a cursor that is of no page.
        """
        async with self._database.read() as connection:
            page = await COMPLAINTS.page(connection, asked or CaseQuestion(), now=self._now_ms())
            totals = await COMPLAINTS.totals(connection, now=self._now_ms())
            written = await self._messages.of(connection, [row["id"] for row in page.rows])
            ended = {row["id"]: row["decided"] for row in page.rows}
            left = await self._states.of(connection, KIND, ended)
            names = await names_in(connection, page, written.values())
        described = [
            self._describe(row, written.get(row["id"], []), left[row["id"]]) for row in page.rows
        ]
        return ComplaintListResponse(
            complaints=described, next=page.next, totals=totals, names=names
        )

    async def _described(self, connection: AsyncConnection, identity: str) -> ComplaintResponse:
        row = await get_row(connection, complaint, identity)
        written = await self._messages.of(connection, [identity])
        left = await self._states.of(connection, KIND, {identity: row["decided"]})
        return self._describe(row, written.get(identity, []), left[identity])

    def _describe(
        self, row: RowMapping, written: Sequence[CaseMessage], left: CaseTextsState
    ) -> ComplaintResponse:
        state = state_of(row, "decided", self._now_ms())
        return ComplaintResponse(**row, messages=written, state=state, texts=left)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
