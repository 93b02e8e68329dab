"""What is shown of proposals: one, a page of them, and those that somebody may decide."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.objects.use_cases import STARTS
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.proposals.asked import Asked
from gateway.governance.proposals.given import GivenApprovals
from gateway.governance.proposals.schemas import ProposalSummary
from gateway.governance.proposals.states import PENDING, author_of, is_in, state_of, waits
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal with its document."""

    summary: ProposalSummary
    document: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A page of proposals; ``next`` is the cursor of the one after it."""

    proposals: Sequence[ProposalSummary]
    next: str | None


class ProposalReader:
    """Reads proposals."""

    def __init__(
        self,
        database: Database,
        permissions: Permissions,
        two_persons: TwoPersons,
        given: GivenApprovals,
        *,
        wall: Callable[[], float],
        power_of_kind: Callable[[str], str],
    ) -> None:
        """``power_of_kind`` gives the power of a kind of proposal; ``wall`` is epoch seconds."""
        self._database = database
        self._permissions = permissions
        self._two_persons = two_persons
        self._given = given
        self._wall = wall
        self._power_of_kind = power_of_kind

    async def get(self, identity: str, actor: Actor | None = None) -> StoredProposal:
        """One proposal, as ``actor`` sees it.

        Raises:
            InvalidRequest: when there is no such proposal.
        """
        query = select(proposal).where(proposal.c.id == identity)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
            asked = await Asked.about(connection, [identity])
        if row is None:
            raise InvalidRequest("There is no such proposal.", code="not_found")
        return StoredProposal(self._summary(row, asked, actor), row.document)

    def powers_of(self, row: Any) -> list[str]:
        """The powers that the approval of a proposal needs."""
        return orjson.loads(row.powers) if row.powers else [self._power_of_kind(row.kind)]

    async def list(self) -> Sequence[ProposalSummary]:
        """All proposals, newest first."""
        return (await self.page()).proposals

    async def page(
        self,
        *,
        state: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        before: str | None = None,
        actor: Actor | None = None,
        asked: bool = False,
    ) -> "ProposalPage":
        """The proposals that match, newest first; ``before`` is the ``next`` of another page.

        ``asked`` leaves those that wait and about which ``actor`` was asked.

        Raises:
            InvalidRequest: when ``before`` is none.
        """
        columns = [column for column in proposal.c if column.name != "document"]
        query = select(*columns).order_by(proposal.c.proposed.desc(), proposal.c.id.desc())
        if state is not None:
            query = query.where(is_in(state, self._wall()))
        if kind is not None:
            query = query.where(proposal.c.kind == kind)
        if before is not None:
            place = tuple_(proposal.c.proposed, proposal.c.id)
            query = query.where(place < tuple_(*map(literal, _cursor(before))))
        if limit is not None:
            query = query.limit(limit + 1)
        async with self._database.read() as connection:
            if asked and actor is not None:
                mine = (await Asked.of_state(connection, PENDING)).of(actor)
                query = query.where(waits(self._wall()), proposal.c.id.in_(list(mine)))
            rows = (await connection.execute(query)).all()
            reviewers = await Asked.about(connection, [row.id for row in rows])
        more = limit is not None and len(rows) > limit
        shown = rows[:limit]
        cursor = f"{float(shown[-1].proposed)!r}:{shown[-1].id}" if more else None
        return ProposalPage([self._summary(row, reviewers, actor) for row in shown], cursor)

    async def decidable(
        self, connection: AsyncConnection, actor: Actor
    ) -> tuple[Sequence[ProposalSummary], bool]:
        """The pending proposals that an actor may approve: those asked of them, then the oldest.

        Only the oldest ``MOST_WAITING`` are looked at; the second value says that there are more.
        """
        columns = [column for column in proposal.c if column.name != "document"]
        pending = select(*columns).where(waits(self._wall()))
        oldest = pending.order_by(proposal.c.proposed).limit(MOST_WAITING + 1)
        rows = (await connection.execute(oldest)).all()
        permitted = self._permissions.of(actor)
        permitted_rows = [row for row in rows[:MOST_WAITING] if self._may(row, permitted)]
        asked = await Asked.about(connection, [row.id for row in permitted_rows])
        found, alone = [], None
        for row in permitted_rows:
            if self._given.includes(row, actor):
                continue
            if author_of(row).is_person_of(actor):
                if alone is None:
                    alone = await self._two_persons.may_decide_alone(connection, actor)
                if not alone:
                    continue
            found.append(self._summary(row, asked, actor))
        found.sort(key=lambda one: not one.asked)
        return found, len(rows) > MOST_WAITING

    def _may(self, row: Any, permitted: Collection[str]) -> bool:
        """Whether somebody with these permissions approves a proposal, or a part of it."""
        powers = self.powers_of(row)
        held = [approval_of(power) in permitted for power in powers]
        return any(held) if STARTS in powers else all(held)

    def _summary(self, row: Any, asked: Asked, actor: Actor | None) -> ProposalSummary:
        return ProposalSummary(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            state=state_of(row, self._wall()),
            proposed_by=row.proposed_by,
            author=row.author_name or row.proposed_by,
            proposed=row.proposed,
            decided_by=row.decided_by,
            decider=row.decider_name or row.decided_by,
            decided=row.decided,
            comment=row.comment,
            decision_comment=row.decision_comment,
            powers=self.powers_of(row),
            lines=[orjson.loads(line) for line in orjson.loads(row.lines or "[]")],
            expires=row.expires,
            reviewers=asked.reviewers(row.id),
            asked=asked.includes(row.id, actor),
            approved_by=self._given.approvers(row),
            approved=actor is not None and self._given.includes(row, actor),
        )


def _cursor(text: str) -> tuple[float, str]:
    moment, _, identity = text.partition(":")
    try:
        return float(moment), identity
    except ValueError as error:
        raise InvalidRequest("This cursor is of no page.", param="before") from error
