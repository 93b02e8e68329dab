"""Reveals of stored bodies: each is an entry, and those of a person and a day are bounded.

Above the bound a reveal becomes a proposal; once another person has approved it, its author can
reveal the bodies of exactly that request for three days. The day is a calendar day of UTC: the time
zone of reports is a setting that one person changes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import AUDIT, REVEALS_PER_DAY
from gateway.core.text.look_alikes import forms_of
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import values_of
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.audit.request_group import rows
from gateway.governance.audit.schemas import PayloadResponse, PendingRevealResponse, RevealCode
from gateway.governance.audit.service import AuditService
from gateway.governance.changes.basis import Author
from gateway.governance.changes.settings import load_settings
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import AfterCommit, Draft, Proposals
from gateway.governance.proposals.states import APPROVED, waits
from gateway.governance.proposals.tables import proposal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

KIND = "payload_reveal"  # of proposals
EVENT = "control:payload:reveal"
VALID_S = 3 * 86_400  # from the approval on
_DAY_MS = 86_400_000
# The second half is so that the index of rare events will do.
IS_REVEAL = f"event = '{EVENT}' AND event <> '{INTENT}' AND event <> '{CLOSE}'"
_OF_THE_DAY = f"SELECT disclosure FROM audit_detail WHERE {IS_REVEAL} AND time >= :since"


@dataclass(frozen=True, slots=True)
class PendingReveal:
    """The proposal that a reveal above the bound waits for."""

    proposal: str
    bound: int

    def describe(self, permissions: Permissions) -> PendingRevealResponse:
        """The answer to the request for the bodies."""
        roles = permissions.holders(approval_of(RevealApprovals.power))
        return PendingRevealResponse(
            proposal=self.proposal,
            waiting=[KIND],
            applied=[],
            roles=roles,
            message=(
                f"Nothing was revealed: this is above the {self.bound} reveals of a person and "
                f"day (UTC). Proposal {self.proposal} waits; someone else with the role "
                f"{' or '.join(roles)} approves it under Proposals in the console, or with POST "
                f"/admin/v1/proposals/{self.proposal}/approve. Then ask for the same bodies "
                f"again, within {VALID_S // 86_400} days."
            ),
        )


class RevealApprovals:
    """The kind of proposal; an approval changes nothing by itself."""

    power = "audit"
    keeps_document = True  # it says what was approved

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Do nothing more: the author may now ask again."""
        return None


class Reveals:
    """Shows stored bodies, or proposes to."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        proposals: Proposals,
        *,
        pepper: bytes,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._proposals = proposals
        self._pepper = pepper
        self._wall = wall

    async def reveal(
        self, request: str, actor: Actor, *, code: RevealCode, reason: str
    ) -> list[PayloadResponse] | PendingReveal:
        """Give the redacted bodies of one request, or the proposal that they wait for.

        Raises:
            InvalidRequest: without a reason, or when nothing is stored.
        """
        check_reason(reason)
        stored = await self._trail.stored_bodies(request)
        # Writers are serialised, so two at once cannot both be the last within the bound.
        async with self._database.write() as connection:
            bound = await _bound(connection)
            approval = None
            if await self._revealed_today(connection, actor) >= bound:
                row = await self._proposed(connection, request, actor)
                if row is None or row.state != APPROVED:
                    known = row.id if row else None
                    waiting = known or await self._propose(connection, request, actor, code, reason)
                    return PendingReveal(waiting, bound)
                approval = row.id
            await self._journal.record(
                connection,
                actor,
                EVENT,
                of_request=request,
                code=code,
                reason=reason[:500],
                approval=approval,
                reader=sorted(self._hidden(Author.of(actor).persons)),
            )
        return [self._trail.opened({**row, "request": request}) for row in stored]

    async def _revealed_today(self, connection: AsyncConnection, actor: Actor) -> int:
        """The reveals of this person since midnight, save those that another person approved.

        The same person as in approvals: any name in common, whatever the key or the issuer.
        """
        own = self._hidden(actor.barred_names)
        midnight = int(self._wall() * 1000) // _DAY_MS * _DAY_MS
        found = await rows(connection, _OF_THE_DAY, since=midnight)
        entries = [values_of(bytes(row["disclosure"])) for row in found]
        return sum(
            not entry.get("approval") and not own.isdisjoint(self._reader(entry))
            for entry in entries
        )

    def _reader(self, entry: dict[str, Any]) -> Iterable[str]:
        """Who an entry names; one of an earlier release has no names of sign-ons."""
        known: Iterable[str] | None = entry.get("reader")
        return known or self._hidden({str(entry.get("person") or entry.get("principal"))})

    def _hidden(self, names: Iterable[str]) -> set[str]:
        """The forms of a person's names, as entries hold them: they compare, and name no one."""
        return {pseudonym(self._pepper, "reader", form) for form in forms_of(names)}

    async def _proposed(self, connection: AsyncConnection, request: str, actor: Actor) -> Any:
        """The actor's newest proposal for a request that waits, or was approved and is valid."""
        now = self._wall()
        valid = and_(proposal.c.state == APPROVED, proposal.c.decided > now - VALID_S)
        query = (
            select(proposal.c.id, proposal.c.state)
            .where(proposal.c.kind == KIND, proposal.c.subject == request)
            .where(proposal.c.proposed_by == actor.id, or_(waits(now), valid))
            .order_by(proposal.c.proposed.desc())
        )
        return (await connection.execute(query)).first()

    async def _propose(
        self, connection: AsyncConnection, request: str, actor: Actor, code: str, reason: str
    ) -> str:
        document = msgspec.json.encode({"request": request, "code": code}).decode()
        recorded = {"of_request": request, "code": code, "reason": reason[:500]}
        draft = Draft(KIND, request, document, recorded)
        return await self._proposals.create_within(connection, draft, actor, comment=reason)


async def _bound(connection: AsyncConnection) -> int:
    stated = (await load_settings(connection)).get(AUDIT, {}).get("reveals_per_day")
    return REVEALS_PER_DAY if stated is None else int(stated)
