"""Proposals: changes of any kind that wait for a second person."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.agreements import OFFICER
from gateway.core.objects.use_cases import STARTS
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.changes.agreeing import StillWaits, WaitsFor
from gateway.governance.changes.basis import ApprovalPart, Author, Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.journal import Journal
from gateway.governance.proposals.given import MAX_NAME, GivenApprovals
from gateway.governance.proposals.owners import asked_owners
from gateway.governance.proposals.reading import ProposalReader
from gateway.governance.proposals.states import (
    APPROVED,
    PENDING,
    REJECTED,
    SUPERSEDED,
    author_of,
    check_waits,
    waits,
)
from gateway.governance.proposals.tables import proposal, proposal_reviewer
from gateway.storage.database import Database

_MAX_SUBJECT, _MAX_COMMENT = 256, 1000
_MAX_LINES = 500  # of an entry
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


class Proposals(ProposalReader):
    """Creates proposals and decides about them."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        permissions: Permissions,
        governed: Governed,
        two_persons: TwoPersons,
        given: GivenApprovals,
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
        super().__init__(
            database,
            permissions,
            two_persons,
            given,
            wall=wall,
            power_of_kind=lambda kind: kinds[kind].power,
        )
        self._journal = journal
        self._governed = governed
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
                author_name=author.name[:MAX_NAME],
                author_person=author.person[:MAX_NAME],
                author_persons=orjson.dumps(sorted(author.persons)).decode(),
                powers=orjson.dumps(powers).decode(),
                lines=orjson.dumps(list(draft.lines)).decode(),
                source=draft.source or None,
                approvals=self._given.of_author(identity, draft.document, actor)
                if STARTS in powers
                else None,
            )
        )
        owners = await self._ask_owners(connection, identity, draft, author, actor)
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
            reviewers=owners or None,
            **draft.recorded,
        )
        return identity

    async def _ask_owners(
        self, connection: AsyncConnection, identity: str, draft: Draft, author: Author, actor: Actor
    ) -> list[str]:
        """Ask the owners of what it starts to review it; gives their names."""
        if STARTS not in draft.powers:
            return []
        asked = await asked_owners(connection, draft.lines, author.persons)
        about = {
            "proposal": identity,
            "by": actor.id,
            "by_name": actor.name[:MAX_NAME],
            "at": self._wall(),
        }
        if asked:
            await connection.execute(insert(proposal_reviewer), [one | about for one in asked])
        return [one["label"] for one in asked]

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
                .values(state=SUPERSEDED, decided_by=actor.id, decided=self._wall(), approvals=None)
            )
            await self._journal.record(
                connection, actor, "control:proposal:supersede", proposal=row.id, kind=row.kind
            )
        return known

    async def decide(
        self, identity: str, actor: Actor, *, approve: bool, comment: str, as_owner: bool = False
    ) -> Sequence[WaitsFor]:
        """Approve or reject; gives for whom an approved change still waits.

        One that waits for nobody is in force when this returns. ``as_owner`` says that it waits for
        the actor as an owner, who may reject it without a role.

        Raises:
            Denied: when the author approves, or the actor lacks a role for it.
            InvalidRequest: when there is no such pending proposal, its term has passed, or its
                change cannot be made any more.
        """
        while True:
            try:
                after = await self._decided(
                    identity, actor, approve=approve, comment=comment, as_owner=as_owner
                )
            except StillWaits as waiting:
                # Not kept when another approval came in between: the two may be enough.
                if await self._given.keep(waiting, actor, comment[:_MAX_COMMENT]):
                    return waiting.missing
                continue
            if after is not None:
                await after()
            return ()

    async def _decided(
        self, identity: str, actor: Actor, *, approve: bool, comment: str, as_owner: bool
    ) -> AfterCommit | None:
        named = select(proposal).where(proposal.c.id == identity)
        async with self._database.write() as connection:
            row: Any = (await connection.execute(named)).first()
            check_waits(row, self._wall())
            actor = await self._recheck(connection, actor)
            author, powers = author_of(row), self.powers_of(row)
            alone = approve and await self._two_persons.check(connection, author, actor)
            held = [one for one in powers if approval_of(one) in self._permissions.of(actor)]
            # Of what starts a use case each approves a part; the change says who has to.
            in_parts = STARTS in powers and approve and not alone
            may_reject = author.id == actor.id or as_owner  # an author withdraws
            if not in_parts and (approve or not may_reject):
                for power in powers:
                    self._permissions.require(actor, approval_of(power))
            basis = Basis.approved(author, actor, alone=alone, proposal=identity)
            if in_parts:
                basis = basis.in_parts(self._given.of(row), self._approval(row, actor, held))
            async with self._governed.change(connection, actor, basis, door="proposal"):
                after = await self._decide(
                    connection, row, author, actor, approve=approve, alone=alone, comment=comment
                )
            if in_parts:
                self._check_covered(actor, powers, basis)
            return after

    def _check_covered(self, actor: Actor, powers: Sequence[str], basis: Basis) -> None:
        """Check that some approver has each power: also where nothing starts any more.

        Raises:
            Denied: names one that is missing.
        """
        approvals = [one for one in (*basis.given, basis.approval) if one and not one.author]
        held = {power for one in approvals for power in one.powers}
        for power in powers:
            if power not in held:
                self._permissions.require(actor, approval_of(power))

    def _approval(self, row: Any, actor: Actor, held: Sequence[str]) -> ApprovalPart:
        """The part of an actor; no file of powers takes the officer's say away."""
        officer = OFFICER in actor.roles
        powers = sorted({*held, STARTS} if officer else held)
        return self._given.approval(row.id, row.document, actor, powers=powers, officer=officer)

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
                decider_name=actor.name[:MAX_NAME],
                decided=self._wall(),
                decision_comment=comment[:_MAX_COMMENT],
                alone=alone,
                approvals=None,
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
