"""Complaints to the organisation by holders of a receipt, and the decisions about them."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_requests import audit_id, known_requests
from gateway.governance.cases.complaints.schemas import ComplaintResponse, ReceivedResponse
from gateway.governance.cases.deadlines.rules import COMPLAINT, REVIEW_MS
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.intake_limiter import COMPLAINANT, IntakeLimiter
from gateway.governance.cases.messages import UNKNOWN, received
from gateway.governance.cases.rows import get_row, state_of
from gateway.governance.cases.tables import NO_DEADLINE, complaint
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

OUTCOMES = ("upheld", "partly", "rejected")
Stated = Callable[[], Awaitable[dict[str, Any]]]


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
        deadlines: Deadlines,
        limiter: IntakeLimiter,
        *,
        stated: Stated,
        wall: Callable[[], float],
    ) -> None:
        """``stated`` gives the statements of the configuration about the organisation."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._deadlines = deadlines
        self._stated = stated
        self._wall = wall
        self.limiter = limiter

    async def create(self, new: NewComplaint) -> ReceivedResponse:
        """Open a complaint and place a hold on its request.

        Raises:
            InvalidRequest: when the receipt is not valid, with one message for every fault.
        """
        request = audit_id(new.receipt)
        if not await known_requests(self._trail, [request]):
            raise InvalidRequest(UNKNOWN, code="not_found", param="receipt")
        stated = await self._stated()
        identity = f"complaint_{secrets.token_hex(8)}"
        now = self._now_ms()
        async with self._database.write() as connection:
            calendar = await self._deadlines.calendar(connection)
            _, end = calendar.of_received(COMPLAINT, now)
            deadline = NO_DEADLINE if end is None else end
            hold = NewHold(identity, now + REVIEW_MS, requests=(request,))
            held = await self._holds.create_within(connection, hold, COMPLAINANT)
            digest = await self._texts.create(connection, identity, "text", new.text)
            await connection.execute(
                insert(complaint).values(
                    id=identity,
                    request=request,
                    language=new.language,
                    hold=held,
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
                deadline=deadline,
                hold=held,
                digest=digest,
            )
        message = received(
            new.language,
            identity=identity,
            deadline=deadline,
            timezone=str((stated.get("reports") or {}).get("timezone", "UTC")),
            contact=str((stated.get("organisation") or {}).get("contact") or ""),
        )
        return ReceivedResponse(id=identity, message=message)

    async def get(self, identity: str) -> ComplaintResponse:
        """One complaint without its texts.

        Raises:
            InvalidRequest: when there is no such complaint.
        """
        async with self._database.read() as connection:
            return self._describe(await get_row(connection, complaint, identity))

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

    async def decide(self, identity: str, actor: Actor, *, outcome: str, reasons: str) -> None:
        """Decide a complaint; its hold stays until it is released.

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

    async def stop(self) -> None:
        """Write the counts of refused attempts."""
        await self.limiter.stop()

    async def list(self) -> Sequence[ComplaintResponse]:
        """All complaints without their texts: open ones first, then by deadline."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(complaint).order_by(complaint.c.deadline))
            described = [self._describe(row) for row in rows.mappings()]
        return sorted(described, key=lambda one: one.state == "decided")

    def _describe(self, row: RowMapping) -> ComplaintResponse:
        return ComplaintResponse(**row, state=state_of(row, "decided", self._now_ms()))

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
