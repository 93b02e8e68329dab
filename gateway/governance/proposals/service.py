"""Proposals: changes of any kind that wait for a second person."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.proposals.schemas import ProposalSummary
from gateway.governance.proposals.tables import proposal
from gateway.governance.proposals.two_persons import is_author, require_second_person
from gateway.storage.database import Database

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
_MAX_SUBJECT, _MAX_COMMENT = 256, 1000
AfterCommit = Callable[[], Awaitable[None]]  # the work that is left once an approval is committed


class ProposalHandler(Protocol):
    """A kind of proposal."""

    @property
    def permission(self) -> str:
        """The permission that a decision needs."""
        ...

    @property
    def keeps_document(self) -> bool:
        """Whether the document stays once it is decided. False for personal data."""
        ...

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Make the change of ``author`` within the transaction of the approval by ``actor``."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked change that is ready to be proposed.

    ``recorded`` are the fields of the entry of the proposal; the document is not in the trail.
    ``identity`` is the id of the proposal, where the document names it.
    """

    kind: str
    subject: str
    document: str
    recorded: dict[str, Any]
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal with its document."""

    summary: ProposalSummary
    document: str


class Proposals:
    """Creates proposals and decides about them."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        wall: Callable[[], float],
        one_person: bool,
        kinds: Mapping[str, ProposalHandler],
    ) -> None:
        """``one_person`` lets an author approve, in embedded mode; each entry says so.

        ``kinds`` are the handlers by the kind of proposal; ``wall`` is epoch seconds.
        """
        self._database = database
        self._journal = journal
        self._wall = wall
        self._one_person = one_person
        self._kinds = kinds

    async def create(self, draft: Draft, actor: Actor, *, comment: str) -> str:
        """Propose a change; gives the proposal's id."""
        identity = draft.identity or secrets.token_hex(8)
        async with self._database.write() as connection:
            await connection.execute(
                insert(proposal).values(
                    id=identity,
                    kind=draft.kind,
                    subject=draft.subject[:_MAX_SUBJECT],
                    document=draft.document,
                    state=PENDING,
                    proposed_by=actor.id,
                    proposed=self._wall(),
                    comment=comment[:_MAX_COMMENT],
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:proposal:create",
                proposal=identity,
                kind=draft.kind,
                **draft.recorded,
            )
        return identity

    async def get(self, identity: str) -> StoredProposal:
        """One proposal.

        Raises:
            InvalidRequest: when there is no such proposal.
        """
        query = select(proposal).where(proposal.c.id == identity)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise InvalidRequest("There is no such proposal.", code="not_found")
        return StoredProposal(ProposalSummary.model_validate(row), row.document)

    async def permission(self, identity: str) -> str:
        """The permission that a decision about a proposal needs.

        Raises:
            InvalidRequest: when there is no such proposal.
        """
        return self._kinds[(await self.get(identity)).summary.kind].permission

    async def decide(self, identity: str, actor: Actor, *, approve: bool, comment: str) -> None:
        """Approve or reject; an approved change is in force when this returns.

        Raises:
            Denied: when the author approves.
            InvalidRequest: when there is no such pending proposal, or its change cannot be made any
                more.
        """
        after_commit: AfterCommit | None = None
        pending = select(proposal).where(proposal.c.id == identity, proposal.c.state == PENDING)
        async with self._database.write() as connection:
            row = (await connection.execute(pending)).first()
            if row is None:
                raise InvalidRequest("There is no such pending proposal.", code="not_found")
            if approve:
                require_second_person(
                    row.proposed_by,
                    actor,
                    one_person=self._one_person,
                    message="Nobody approves their own proposal: another person must.",
                )
            handler = self._kinds[row.kind]
            await connection.execute(
                update(proposal)
                .where(proposal.c.id == identity)
                .values(
                    state=APPROVED if approve else REJECTED,
                    decided_by=actor.id,
                    decided=self._wall(),
                    comment=comment[:_MAX_COMMENT] or row.comment,
                    document=row.document if handler.keeps_document else "{}",
                )
            )
            await self._journal.record(
                connection,
                actor,
                f"control:proposal:{'approve' if approve else 'reject'}",
                proposal=identity,
                kind=row.kind,
                proposed_by=row.proposed_by,
                one_person=is_author(row.proposed_by, actor),
            )
            if approve:
                after_commit = await handler.activate(
                    connection, row.document, actor, author=row.proposed_by
                )
        if after_commit is not None:
            await after_commit()

    async def list(self) -> Sequence[ProposalSummary]:
        """All proposals, newest first."""
        columns = [column for column in proposal.c if column.name != "document"]
        query = select(*columns).order_by(proposal.c.proposed.desc())
        async with self._database.read() as connection:
            return [ProposalSummary(**row) for row in (await connection.execute(query)).mappings()]
