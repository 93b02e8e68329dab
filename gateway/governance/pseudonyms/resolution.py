"""Resolving a pseudonym: with a reason, with the approval of another person, and on record.

The result is for the one who asked, for three days after the approval.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import AfterCommit, Draft, Proposals
from gateway.governance.proposals.states import APPROVED, PENDING
from gateway.governance.proposals.tables import proposal
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

KIND = "pseudonym_resolve"  # of proposals
VALID_S = 3 * 86_400  # from the approval on


class _Document(msgspec.Struct, frozen=True):
    """The document of a proposal."""

    pseudonym: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The proposal by which a pseudonym is resolved, and its state; ``person`` once approved.

    ``person`` is None also when the pseudonym is of no known person.
    """

    proposal: str
    state: str
    person: str | None = None


class ResolutionApprovals:
    """The kind of proposal; an approval changes nothing by itself."""

    power = "pseudonyms"
    keeps_document = True  # it says what was approved

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Do nothing more: the author may now ask again."""
        return None


class PseudonymResolver:
    """Asks for another person's approval, then tells who is behind a pseudonym."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        proposals: Proposals,
        privacy: PersonPrivacy,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._proposals = proposals
        self._privacy = privacy
        self._wall = wall

    async def resolve(self, pseudonym: str, actor: Actor, *, reason: str) -> Resolution:
        """Tell who is behind a pseudonym, once another person approved that for this actor.

        Raises:
            InvalidRequest: without a reason.
        """
        check_reason(reason)
        approved = await self._proposed(pseudonym, actor, APPROVED)
        if approved is not None:
            person = await self._privacy.person_of(pseudonym)
            async with self._database.write() as connection:
                await self._journal.record(
                    connection,
                    actor,
                    "control:pseudonym:reveal",
                    proposal=approved,
                    pseudonym=pseudonym,
                    reason=reason[:500],
                    outcome="found" if person else "unknown",
                )
            return Resolution(approved, APPROVED, person)
        pending = await self._proposed(pseudonym, actor, PENDING)
        return Resolution(pending or await self._propose(pseudonym, actor, reason), PENDING)

    async def _propose(self, pseudonym: str, actor: Actor, reason: str) -> str:
        if not pseudonym.strip():
            raise InvalidRequest("Give the pseudonym that an entry holds.", param="pseudonym")
        document = msgspec.json.encode(_Document(pseudonym)).decode()
        recorded = {"pseudonym": pseudonym, "reason": reason[:500]}
        draft = Draft(KIND, pseudonym, document, recorded, identity=secrets.token_hex(8))
        return await self._proposals.create(draft, actor, comment=reason)

    async def _proposed(self, pseudonym: str, actor: Actor, state: str) -> str | None:
        """The actor's newest proposal for a pseudonym in a state, approved ones while valid."""
        mine = (proposal.c.kind == KIND) & (proposal.c.proposed_by == actor.id)
        query = select(proposal).where(mine & (proposal.c.state == state))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(proposal.c.proposed.desc()))).all()
        for row in rows:
            document = msgspec.json.decode(row.document, type=_Document)
            valid = state == PENDING or (row.decided or 0) + VALID_S > self._wall()
            if document.pseudonym == pseudonym and valid:
                return str(row.id)
        return None
