"""Reads what a person owns, leads, or has to approve as an owner."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, select

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import Key, NewKey
from gateway.governance.actor import Actor
from gateway.governance.changes.edits import Submitted
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import KeyQuestion
from gateway.governance.own_places.schemas import OwnApproval, OwnTeam, OwnUseCase
from gateway.governance.proposals.owners import owners_after
from gateway.governance.proposals.reading import ProposalReader
from gateway.governance.proposals.schemas import ProposalSummary
from gateway.governance.reviews.service import OPEN
from gateway.governance.reviews.tables import review
from gateway.governance.teams.service import Teams
from gateway.governance.usage.schemas import UsageResponse
from gateway.governance.usage.service import UsageQuestion, UsageService
from gateway.governance.use_cases.service import UseCases
from gateway.storage.database import Database

_OBJECT = "use_case "  # begins the object of a line


class OwnPlaces:
    """The view of one person; each part takes what is theirs from the actor alone."""

    def __init__(
        self,
        database: Database,
        use_cases: UseCases,
        teams: Teams,
        keys: Keys,
        usage: UsageService,
        proposals: ProposalReader,
    ) -> None:
        self._database = database
        self._use_cases = use_cases
        self._teams = teams
        self._keys = keys
        self._usage = usage
        self._proposals = proposals

    async def use_cases(self, actor: Actor) -> list[OwnUseCase]:
        """The use cases that a person owns."""
        found = [one for one in await self._use_cases.list() if one.name in actor.owns]
        counts = (
            select(review.c.use_case, review.c.state, func.count().label("requests"))
            .where(review.c.use_case.in_(sorted(actor.owns)))
            .group_by(review.c.use_case, review.c.state)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(counts)).all()
        return [
            OwnUseCase(
                use_case=one,
                reviews=sum(row.requests for row in rows if row.use_case == one.name),
                open_reviews=sum(
                    row.requests for row in rows if row.use_case == one.name and row.state == OPEN
                ),
            )
            for one in found
        ]

    async def teams(self, actor: Actor) -> list[OwnTeam]:
        """The teams that a person leads, with their keys."""
        return [
            OwnTeam(team=one, keys=(await self._keys.page(KeyQuestion(team=one.name))).keys)
            for one in await self._teams.list()
            if one.name in actor.leads
        ]

    async def issue_key(self, team: str, given: NewKey, actor: Actor) -> tuple[Key, str, Submitted]:
        """Issue a key of a team; it acts at once within what keys of that team may do.

        Raises:
            InvalidRequest: when it is of another team, or of an administrator.
        """
        if given.kind == "admin" or given.roles or given.team not in {None, team}:
            raise InvalidRequest(
                "The lead of a team issues keys of that team, for applications and persons."
            )
        return await self._keys.create(msgspec.structs.replace(given, team=team), actor)

    async def revoke_key(self, team: str, reference: str, actor: Actor) -> str:
        """Revoke a key of a team, by its id or name; gives its id.

        Raises:
            InvalidRequest: when the team has no such key that works.
        """
        found = (await self._keys.page(KeyQuestion(team=team))).keys
        live = {one.name: one.id for one in found if one.revoked is None}
        live |= {identity: identity for identity in live.values()}
        check_theirs(frozenset(live), reference)
        return await self._keys.revoke(live[reference], actor)

    async def usage(
        self, place: dict[str, str], since: str | None, until: str | None, by: str
    ) -> UsageResponse:
        """The figures of one use case or team; of other teams not even the budget.

        Raises:
            InvalidRequest: for an impossible period, or too large an answer.
        """
        found = await self._usage.answer(UsageQuestion(since, until, by, filters=place))
        own = [one for one in found.budgets if one.team == place.get("team")]
        return found.model_copy(update={"budgets": own})

    async def approvals(self, actor: Actor) -> list[OwnApproval]:
        """The proposals that wait for a person as the owner of what they start."""
        waiting = (await self._proposals.page(state="pending", actor=actor)).proposals
        owners = {one.name: one.owner for one in await self._use_cases.list()}
        found = []
        for one in reversed(waiting):
            names = [
                name
                for name, owner in owners_after(one.lines, owners).items()
                if owner.casefold() in actor.proven
            ]
            if names and one.proposed_by != actor.id:
                found.append(self._approval(one, names, actor))
        return found

    async def awaits(self, actor: Actor) -> bool:
        """Whether anything waits for a person as an owner."""
        return bool(actor.proven and await self.approvals(actor))

    def _approval(self, one: ProposalSummary, names: Sequence[str], actor: Actor) -> OwnApproval:
        objects = {_OBJECT + name for name in names}
        return OwnApproval(
            id=one.id,
            author=one.author,
            proposed=one.proposed,
            expires=one.expires,
            comment=one.comment,
            use_cases=names,
            lines=[line for line in one.lines if line.object in objects],
            approved=one.approved,
        )


def check_theirs(places: frozenset[str], name: str) -> str:
    """The name of what is theirs: that of another is as good as none.

    Raises:
        InvalidRequest: when it is not.
    """
    if name not in places:
        raise InvalidRequest(f"None of yours is called {name!r}.", code="not_found")
    return name
