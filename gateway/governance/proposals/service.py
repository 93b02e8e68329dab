"""Proposals: changes of any kind that wait for a second person."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.journal import Journal
from gateway.governance.proposals.asked import Asked
from gateway.governance.proposals.schemas import ProposalSummary
from gateway.governance.proposals.states import (
    APPROVED,
    PENDING,
    REJECTED,
    SUPERSEDED,
    author_of,
    check_waits,
    is_in,
    state_of,
    waits,
)
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

_MAX_SUBJECT, _MAX_COMMENT, _MAX_NAME = 256, 1000, 256
_MAX_LINES = 500  # of an entry
MOST_WAITING = 500
AfterCommit = Callable[[], Awaitable[None]]  # the work that is left once an approval is committed
Recheck = Callable[[AsyncConnection, Actor], Awaitable[Actor]]
Term = Callable[[AsyncConnection, str], Awaitable[float]]


class ProposalHandler(Protocol):
    """A kind of proposal."""

    @property
    def power(self) -> str:
        """The power that a decision needs; empty where each proposal names its own."""
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
    ``identity`` is the id of the proposal, where the document names it. ``lines`` are the
    differences, for kinds that have them, and ``powers`` what they need. ``source`` is "file" for
    what sluis.yaml declares: a newer file replaces it.
    """

    kind: str
    subject: str
    document: str
    recorded: dict[str, Any]
    identity: str | None = None
    powers: Sequence[str] = ()
    lines: Sequence[str] = ()
    source: str = ""


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


class Proposals:
    """Creates proposals and decides about them."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        permissions: Permissions,
        governed: Governed,
        two_persons: TwoPersons,
        *,
        wall: Callable[[], float],
        recheck: Recheck,
        term: Term,
        kinds: Mapping[str, ProposalHandler],
    ) -> None:
        """``kinds`` are the handlers by the kind of proposal; ``wall`` is epoch seconds.

        ``recheck`` gives an actor with the roles of this moment, ``term`` the seconds until a
        proposal of a kind expires.
        """
        self._database = database
        self._journal = journal
        self._permissions = permissions
        self._governed = governed
        self._two_persons = two_persons
        self._wall = wall
        self._recheck = recheck
        self._term = term
        self.kinds = kinds

    async def create(self, draft: Draft, actor: Actor, *, comment: str) -> str:
        """Propose a change; gives the proposal's id."""
        async with self._database.write() as connection:
            return await self.create_within(connection, draft, actor, comment=comment)

    async def create_within(
        self, connection: AsyncConnection, draft: Draft, actor: Actor, *, comment: str
    ) -> str:
        """The same within a transaction.

        What waits already is not proposed twice. What an earlier file proposed is superseded.
        """
        if draft.source:
            known = await self.supersede(connection, draft.source, actor, but=draft.document)
            if known:
                return known
        identity = draft.identity or secrets.token_hex(8)
        author = Author.of(actor)
        powers = list(draft.powers) or [self.kinds[draft.kind].power]
        now = self._wall()
        expires = now + await self._term(connection, draft.kind)
        await connection.execute(
            insert(proposal).values(
                id=identity,
                kind=draft.kind,
                subject=draft.subject[:_MAX_SUBJECT],
                document=draft.document,
                state=PENDING,
                proposed_by=actor.id,
                proposed=now,
                expires=expires,
                comment=comment[:_MAX_COMMENT],
                author_name=author.name[:_MAX_NAME],
                author_person=author.person[:_MAX_NAME],
                author_persons=orjson.dumps(sorted(author.persons)).decode(),
                powers=orjson.dumps(powers).decode(),
                lines=orjson.dumps(list(draft.lines)).decode(),
                source=draft.source or None,
            )
        )
        await self._journal.record(
            connection,
            actor,
            "control:proposal:create",
            proposal=identity,
            kind=draft.kind,
            subject=draft.subject[:_MAX_SUBJECT] if draft.lines else None,
            powers=powers,
            lines=list(draft.lines[:_MAX_LINES]) or None,
            comment=comment[:_MAX_COMMENT] or None,
            expires=int(expires * 1000),
            **draft.recorded,
        )
        return identity

    async def supersede(
        self, connection: AsyncConnection, source: str, actor: Actor, *, but: str | None = None
    ) -> str | None:
        """Close what waits from a source; gives the id of the one whose document is ``but``."""
        waiting = select(proposal).where(waits(self._wall()), proposal.c.source == source)
        known = None
        for row in (await connection.execute(waiting)).all():
            if row.document == but:
                known = str(row.id)
                continue
            await connection.execute(
                update(proposal)
                .where(proposal.c.id == row.id)
                .values(state=SUPERSEDED, decided_by=actor.id, decided=self._wall())
            )
            await self._journal.record(
                connection, actor, "control:proposal:supersede", proposal=row.id, kind=row.kind
            )
        return known

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

    async def decide(self, identity: str, actor: Actor, *, approve: bool, comment: str) -> None:
        """Approve or reject; an approved change is in force when this returns.

        Raises:
            Denied: when the author approves, or the actor lacks a role for it.
            InvalidRequest: when there is no such pending proposal, its term has passed, or its
                change cannot be made any more.
        """
        after_commit: AfterCommit | None = None
        named = select(proposal).where(proposal.c.id == identity)
        async with self._database.write() as connection:
            row: Any = (await connection.execute(named)).first()
            check_waits(row, self._wall())
            actor = await self._recheck(connection, actor)
            author = author_of(row)
            alone = approve and await self._two_persons.check(connection, author, actor)
            if approve or author.id != actor.id:  # an author may withdraw
                for power in self.powers_of(row):
                    self._permissions.require(actor, approval_of(power))
            basis = Basis.approved(author, actor, alone=alone, proposal=identity)
            async with self._governed.change(connection, actor, basis, door="proposal"):
                after_commit = await self._decide(
                    connection, row, author, actor, approve=approve, alone=alone, comment=comment
                )
        if after_commit is not None:
            await after_commit()

    async def _decide(
        self,
        connection: AsyncConnection,
        row: Any,
        author: Author,
        actor: Actor,
        *,
        approve: bool,
        alone: bool,
        comment: str,
    ) -> AfterCommit | None:
        handler = self.kinds[row.kind]
        await connection.execute(
            update(proposal)
            .where(proposal.c.id == row.id)
            .values(
                state=APPROVED if approve else REJECTED,
                decided_by=actor.id,
                decider_name=actor.name[:_MAX_NAME],
                decided=self._wall(),
                decision_comment=comment[:_MAX_COMMENT],
                alone=alone,
                document=row.document if handler.keeps_document else "{}",
            )
        )
        await self._journal.record(
            connection,
            actor,
            f"control:proposal:{'approve' if approve else 'reject'}",
            proposal=row.id,
            kind=row.kind,
            powers=self.powers_of(row),
            lines=orjson.loads(row.lines or "[]")[:_MAX_LINES] or None,
            proposed_by=row.proposed_by,
            author_name=author.name or None,
            author_person=author.person,
            author_comment=row.comment or None,
            comment=comment[:_MAX_COMMENT] or None,
            one_person=alone,
        )
        if not approve:
            return None
        return await handler.activate(connection, row.document, actor, author=row.proposed_by)

    def powers_of(self, row: Any) -> list[str]:
        """The powers that the approval of a proposal needs."""
        return orjson.loads(row.powers) if row.powers else [self.kinds[row.kind].power]

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
        permitted_rows = [
            row
            for row in rows[:MOST_WAITING]
            if all(approval_of(power) in permitted for power in self.powers_of(row))
        ]
        asked = await Asked.about(connection, [row.id for row in permitted_rows])
        found, alone = [], None
        for row in permitted_rows:
            if author_of(row).is_person_of(actor):
                if alone is None:
                    alone = await self._two_persons.may_decide_alone(connection, actor)
                if not alone:
                    continue
            found.append(self._summary(row, asked, actor))
        found.sort(key=lambda one: not one.asked)
        return found, len(rows) > MOST_WAITING

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
        )


def _cursor(text: str) -> tuple[float, str]:
    moment, _, identity = text.partition(":")
    try:
        return float(moment), identity
    except ValueError as error:
        raise InvalidRequest("This cursor is of no page.", param="before") from error
