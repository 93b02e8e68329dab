"""Who was asked to review proposals, as rows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.proposals.schemas import AskedReviewer
from gateway.governance.proposals.tables import proposal, proposal_reviewer

PERSON, ROLE = "person", "role"
_BATCH = 500  # ids in a statement


@dataclass(frozen=True, slots=True)
class Approver:
    """A person: the id, what people recognise, every name in lower case, and all roles."""

    id: str
    label: str
    names: frozenset[str]
    roles: frozenset[str]


class Asked:
    """The reviewers who were asked about some proposals."""

    def __init__(self, rows: Collection[Any]) -> None:
        self._rows: dict[str, list[Any]] = {}
        for row in rows:
            self._rows.setdefault(row.proposal, []).append(row)

    @classmethod
    async def about(cls, connection: AsyncConnection, proposals: Collection[str]) -> "Asked":
        """Those of the named proposals."""
        rows: list[Any] = []
        wanted = sorted(proposals)
        for start in range(0, len(wanted), _BATCH):
            named = proposal_reviewer.c.proposal.in_(wanted[start : start + _BATCH])
            query = select(proposal_reviewer).where(named)
            ordered = query.order_by(proposal_reviewer.c.at, proposal_reviewer.c.name)
            rows += (await connection.execute(ordered)).all()
        return cls(rows)

    @classmethod
    async def of_state(cls, connection: AsyncConnection, state: str) -> "Asked":
        """Those of all proposals in a state."""
        same = proposal.c.id == proposal_reviewer.c.proposal
        query = select(proposal_reviewer).join(proposal, same).where(proposal.c.state == state)
        return cls((await connection.execute(query)).all())

    def reviewers(self, identity: str) -> list[AskedReviewer]:
        """Who was asked about a proposal, in that order."""
        return [
            AskedReviewer(
                kind=row.kind, name=row.name, label=row.label, by=row.by_name or row.by, at=row.at
            )
            for row in self._rows.get(identity, ())
        ]

    def includes(self, identity: str, actor: Actor | None) -> bool:
        """Whether an actor was asked about a proposal, in person or by role."""
        return actor is not None and any(_is_of(row, actor) for row in self._rows.get(identity, ()))

    def of(self, actor: Actor) -> Iterator[str]:
        """The proposals about which an actor was asked."""
        return (identity for identity in self._rows if self.includes(identity, actor))


def _is_of(row: Any, actor: Actor) -> bool:
    if row.kind == ROLE:
        return row.name in actor.roles
    return not actor.persons.isdisjoint(orjson.loads(row.persons))
