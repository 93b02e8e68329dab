"""Complaints (AI Act, article 85) of people who hold the receipt of an answer, and what is decided."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from gateway.core.errors import InvalidRequest
from gateway.governance.access_control.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_requests import audit_id, known
from gateway.governance.cases.deadlines import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents import REVIEW_MS
from gateway.governance.cases.intake_limiter import COMPLAINANT, IntakeLimiter
from gateway.governance.cases.messages import UNKNOWN, received
from gateway.governance.cases.rows import row_of, shown
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database
from gateway.storage.tables import complaint

OUTCOMES = ("upheld", "partly", "rejected")
Stated = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, repr=False)
class NewComplaint:
    """What somebody without a credential sent; ``receipt`` may be anything."""

    receipt: str
    text: str
    language: str


class Complaints:
    """Takes in, shows and decides complaints. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        clocks: Deadlines,
        door: IntakeLimiter,
        *,
        stated: Stated,
        wall: Callable[[], float],
    ) -> None:
        """``stated`` gives what the configuration states of the organisation."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._clocks = clocks
        self._stated = stated
        self._wall = wall
        self.door = door

    async def open(self, new: NewComplaint) -> dict[str, str]:
        """Opens a complaint and holds the request it is about; gives its ``id`` and a ``message``.

        Raises:
            InvalidRequest: when the receipt is none, whatever is wrong with it.
        """
        request = audit_id(new.receipt)
        if not await known(self._trail, [request]):
            raise InvalidRequest(UNKNOWN, code="not_found", param="receipt")
        stated = await self._stated()
        identity = f"complaint_{secrets.token_hex(8)}"
        now = self._now_ms()
        deadline = self._clocks.of_complaint.after(now)
        async with self._database.write() as connection:
            hold = NewHold(identity, now + REVIEW_MS, requests=(request,))
            held = await self._holds.place(connection, hold, COMPLAINANT)
            digest = await self._texts.keep(connection, identity, "text", new.text)
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
        return {"id": identity, "message": message}

    async def all(self) -> list[dict[str, Any]]:
        """All complaints without their texts, those that wait first, then by their deadline.

        ``state`` is open, overdue (open past its deadline) or decided.
        """
        async with self._database.read() as connection:
            found = await connection.execute(select(complaint).order_by(complaint.c.deadline))
            rows = [self._shown(row) for row in found]
        return sorted(rows, key=lambda one: one["state"] == "decided")

    async def one(self, identity: str) -> dict[str, Any]:
        """One complaint, as ``all`` gives it.

        Raises:
            InvalidRequest: when there is none.
        """
        async with self._database.read() as connection:
            return self._shown(await row_of(connection, complaint, identity))

    async def reveal(self, identity: str, actor: Actor, *, reason: str) -> dict[str, str]:
        """The complaint's text and the reasons of the decision; reading them is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is no such complaint.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            row = await row_of(connection, complaint, identity)
            await self._journal.record(
                connection,
                actor,
                "control:complaint:reveal",
                complaint=identity,
                of_request=row.request,
                reason=reason[:500],
            )
            return await self._texts.of(connection, identity)

    async def decide(self, identity: str, actor: Actor, *, outcome: str, reasons: str) -> None:
        """Decides a complaint; its hold stays until it is released.

        Raises:
            InvalidRequest: when there is no such complaint or outcome.
            AlreadyClosed: when it was decided before.
        """
        if outcome not in OUTCOMES:
            raise InvalidRequest(f"An outcome is one of {', '.join(OUTCOMES)}.", param="outcome")
        async with self._database.write() as connection:
            row = await row_of(connection, complaint, identity)
            if row.decided is not None:
                raise AlreadyClosed(f"The complaint {identity} was decided before.")
            digest = await self._texts.keep(connection, identity, "reasons", reasons)
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
                of_request=row.request,
                outcome=outcome,
                deadline=row.deadline,
                hold=row.hold,
                digest=digest,
            )

    async def stop(self) -> None:
        """Writes what was counted at the door."""
        await self.door.stop()

    def _shown(self, row: Any) -> dict[str, Any]:
        return shown(row, ended="decided", now_ms=self._now_ms())

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
