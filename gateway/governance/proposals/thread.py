"""The thread of comments of a proposal, beside those of its author and of who decides."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, insert, select

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.proposals.schemas import ProposalComment
from gateway.governance.proposals.states import waits
from gateway.governance.proposals.tables import proposal, proposal_comment
from gateway.storage.database import Database

_MOST = 200  # of one proposal
_MAX_NAME = 256


class ProposalThread:
    """Keeps what persons say about a proposal until it is decided."""

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._wall = wall

    async def add(self, identity: str, text: str, actor: Actor) -> ProposalComment:
        """Add a comment to a proposal that waits.

        Raises:
            InvalidRequest: when there is no such pending proposal, or its thread is full.
        """
        waiting = select(proposal.c.kind).where(proposal.c.id == identity, waits(self._wall()))
        of_it = proposal_comment.c.proposal == identity
        async with self._database.write() as connection:
            kind = await connection.scalar(waiting)
            if kind is None:
                raise InvalidRequest("There is no such pending proposal.", code="not_found")
            count = await connection.scalar(select(func.count()).where(of_it)) or 0
            if count >= _MOST:
                raise InvalidRequest(f"A proposal has at most {_MOST} comments.")
            said = ProposalComment(
                number=count + 1,
                by=actor.id,
                name=actor.name[:_MAX_NAME],
                at=self._wall(),
                text=text,
            )
            row = {"proposal": identity, **said.model_dump()}
            await connection.execute(insert(proposal_comment).values(row))
            await self._journal.record(
                connection,
                actor,
                "control:proposal:comment",
                proposal=identity,
                kind=kind,
                number=said.number,
                comment=text,
            )
        return said

    async def read(self, identity: str) -> Sequence[ProposalComment]:
        """The comments of a proposal, oldest first."""
        query = select(proposal_comment).where(proposal_comment.c.proposal == identity)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(proposal_comment.c.number))
            return [
                ProposalComment(
                    number=row.number, by=row.by, name=row.name, at=row.at, text=row.text
                )
                for row in rows
            ]
