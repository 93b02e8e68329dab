"""Reviewers: who is asked to look at a proposal that waits."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.use_cases import STARTS
from gateway.core.text.look_alikes import forms_of
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.proposals.asked import PERSON, ROLE, Approver, Asked
from gateway.governance.proposals.schemas import AskedReviewer, ReviewersBody
from gateway.governance.proposals.states import author_of, check_waits
from gateway.governance.proposals.tables import proposal, proposal_reviewer
from gateway.storage.database import Database

Find = Callable[[AsyncConnection, str], Awaitable[Approver]]
_MOST = 20  # of one proposal
_MAX_NAME, _MAX_LABEL = 256, 320


class ProposalReviewers:
    """Asks persons and roles who may approve a proposal to review it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        permissions: Permissions,
        *,
        powers: Callable[[Any], Sequence[str]],
        find: Find,
        wall: Callable[[], float],
    ) -> None:
        """``powers`` gives those of a row, ``find`` a person by name; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._permissions = permissions
        self._powers = powers
        self._find = find
        self._wall = wall

    def roles(self, powers: Sequence[str]) -> list[str]:
        """The roles that may approve all of these powers, sorted."""
        return [role for role in self._permissions.roles if self._may({role}, powers)]

    async def ask(
        self, identity: str, asked: ReviewersBody, actor: Actor
    ) -> Sequence[AskedReviewer]:
        """Ask persons and roles to review a proposal; gives all who were asked about it.

        Raises:
            Denied: when the actor neither proposed it nor may approve it.
            InvalidRequest: when no such proposal waits, no one is named, a person is not known, one
                who is named may not approve it, or too many were asked.
        """
        if not asked.persons and not asked.roles:
            raise InvalidRequest("Name at least one person or role.", param="persons")
        named = select(proposal).where(proposal.c.id == identity)
        async with self._database.write() as connection:
            row: Any = (await connection.execute(named)).first()
            check_waits(row, self._wall())
            self._check_asker(row, actor)
            new = await self._new(connection, row, asked, actor)
            if new:
                await connection.execute(insert(proposal_reviewer), new)
                await self._record(connection, row, new, actor)
            return (await Asked.about(connection, [identity])).reviewers(identity)

    async def _record(
        self, connection: AsyncConnection, row: Any, new: Sequence[dict[str, Any]], actor: Actor
    ) -> None:
        await self._journal.record(
            connection,
            actor,
            "control:proposal:ask",
            proposal=row.id,
            kind=row.kind,
            reviewers=[one["label"] for one in new if one["kind"] == PERSON] or None,
            reviewer_roles=[one["name"] for one in new if one["kind"] == ROLE] or None,
        )

    def _check_asker(self, row: Any, actor: Actor) -> None:
        held = self._permissions.of(actor)
        if author_of(row).is_named(actor):
            return
        if not all(approval_of(power) in held for power in self._powers(row)):
            raise Denied("Only who proposed this, or may approve it, asks others to review it.")

    async def _new(
        self, connection: AsyncConnection, row: Any, asked: ReviewersBody, actor: Actor
    ) -> list[dict[str, Any]]:
        """The rows of those who were not asked before."""
        before = (await Asked.about(connection, [row.id])).reviewers(row.id)
        known = {(one.kind, one.name) for one in before}
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for role in asked.roles:
            self._check_role(role, self._powers(row))
            found[ROLE, role] = {"label": role, "persons": "[]"}
        for reference in asked.persons:
            one = await self._find(connection, reference)
            self._check_person(one, row)
            names = orjson.dumps(sorted(one.names)).decode()
            found[PERSON, one.id] = {"label": one.label[:_MAX_LABEL], "persons": names}
        rows = [
            {
                "proposal": row.id,
                "kind": kind,
                "name": name,
                "by": actor.id,
                "by_name": actor.name[:_MAX_NAME],
                "at": self._wall(),
                **values,
            }
            for (kind, name), values in found.items()
            if (kind, name) not in known
        ]
        if len(known) + len(rows) > _MOST:
            raise InvalidRequest(f"At most {_MOST} are asked to review a proposal.")
        return rows

    def _check_role(self, role: str, powers: Sequence[str]) -> None:
        if role not in self._permissions.roles:
            raise InvalidRequest(f"There is no role {role}.", param="roles")
        if not self._may({role}, powers):
            raise InvalidRequest(
                f"The role {role} may not approve this. {self._who_may(powers)}",
                code="reviewer_may_not_approve",
                param="roles",
            )

    def _check_person(self, one: Approver, row: Any) -> None:
        powers = self._powers(row)
        if forms_of(one.names) & forms_of(author_of(row).persons):
            raise InvalidRequest(
                f"{one.label} proposed this: ask another person.",
                code="reviewer_may_not_approve",
                param="persons",
            )
        if not self._may(one.roles, powers):
            raise InvalidRequest(
                f"{one.label} may not approve this. {self._who_may(powers)}",
                code="reviewer_may_not_approve",
                param="persons",
            )

    def _who_may(self, powers: Sequence[str]) -> str:
        roles = ", ".join(self.roles(powers))
        return f"Roles that may: {roles}." if roles else "It takes a person with several roles."

    def _may(self, roles: Iterable[str], powers: Sequence[str]) -> bool:
        held = self._permissions.of(Actor("", "", frozenset(roles), "api"))
        may = [approval_of(power) in held for power in powers]
        return any(may) if STARTS in powers else all(may)
