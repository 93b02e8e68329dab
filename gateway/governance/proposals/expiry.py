"""Proposals whose term has passed: they are closed, each on record."""

import logging
from collections.abc import Callable, Mapping

from sqlalchemy import select, update

from gateway.governance.actor import SYSTEM
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import ProposalHandler, Term
from gateway.governance.proposals.states import EXPIRED, PENDING
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
EVERY_S = 60.0
_BATCH = 100


class ProposalExpiry:
    """Closes proposals that were not decided in time."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        term: Term,
        kinds: Callable[[], Mapping[str, ProposalHandler]],
        wall: Callable[[], float],
    ) -> None:
        """``term`` gives the seconds of a kind; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._term = term
        self._kinds = kinds
        self._wall = wall

    async def run(self) -> None:
        """Give proposals from before there were terms theirs, and close all that are over."""
        await self._begin()
        while await self._close():
            pass

    async def _begin(self) -> None:
        """The term of a proposal that has none begins now."""
        unset = select(proposal.c.id, proposal.c.kind).where(
            proposal.c.state == PENDING, proposal.c.expires.is_(None)
        )
        async with self._database.read() as connection:
            if (await connection.execute(unset.limit(1))).first() is None:
                return
        async with self._database.write() as connection:
            for row in (await connection.execute(unset)).all():
                ends = self._wall() + await self._term(connection, row.kind)
                same = update(proposal).where(proposal.c.id == row.id)
                await connection.execute(same.values(expires=ends))

    async def _close(self) -> bool:
        """Close some; False when none is left."""
        columns = proposal.c.id, proposal.c.kind, proposal.c.proposed_by, proposal.c.expires
        over = (
            select(*columns)
            .where(proposal.c.state == PENDING, proposal.c.expires <= self._wall())
            .order_by(proposal.c.expires)
            .limit(_BATCH)
        )
        async with self._database.read() as connection:
            if (await connection.execute(over.limit(1))).first() is None:
                return False
        async with self._database.write() as connection:
            rows = (await connection.execute(over)).all()
            for row in rows:
                values = {"state": EXPIRED, "decided": row.expires, "approvals": None}
                if not self._kinds()[row.kind].keeps_document:
                    values["document"] = "{}"
                same = update(proposal).where(proposal.c.id == row.id)
                await connection.execute(same.values(**values))
                await self._journal.record(
                    connection,
                    SYSTEM,
                    "control:proposal:expire",
                    proposal=row.id,
                    kind=row.kind,
                    proposed_by=row.proposed_by,
                    expires=int(row.expires * 1000),
                )
        return len(rows) == _BATCH
