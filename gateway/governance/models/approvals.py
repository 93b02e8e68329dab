"""Approvals of model versions: as many persons as policy asks, none of them the one who registered.

Each approval is bound to the digest of what was approved, and ends after the days of the policy.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.powers import NeededApprovals, Powers
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.manifest import statement_digest
from gateway.core.model_life import APPROVED, ENTERED_FROM
from gateway.core.snapshot import DETECTOR
from gateway.core.text.look_alikes import forms_of, name_forms
from gateway.governance.actor import OPERATOR, Actor
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.models.evaluated import EvaluationStanding, Gate, check_evaluated
from gateway.governance.models.model_card import PROHIBITED, stored_card
from gateway.governance.models.tables import model_approval, model_version

POWER = "models"
MOST_WAITING = 500
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class ApprovalTally:
    """The persons who approved a version, how many policy asks for, and the state it has now.

    ``until`` is when too few are left, in epoch seconds; None while they are not enough, and for
    what came with the release. ``evaluations_lacking`` is what policy advises and is not there.
    """

    given: int
    needed: int
    met: bool
    until: float | None = None
    state: str = ""
    evaluations_lacking: Sequence[str] = ()


class _Approver(msgspec.Struct, frozen=True):
    """Who approved, as it is stored; ``issued_by`` is the person who saw the secret of the key."""

    author: Author
    issued_by: str

    @classmethod
    def of(cls, actor: Actor) -> "_Approver":
        return cls(Author.of(actor), (actor.issued_by or "").casefold())

    def is_same(self, actor: Actor) -> bool:
        """Whether an actor may be the same human."""
        return self.author.is_person_of(actor) or bool(
            name_forms(self.issued_by) & forms_of(actor.persons)
        )


class Approvals:
    """Records who approved a version, and counts them."""

    def __init__(
        self,
        two_persons: TwoPersons,
        gate: Gate,
        *,
        powers: Callable[[], Powers],
        wall: Callable[[], float],
    ) -> None:
        """``gate`` says what evaluations lack, ``powers`` gives those in force.

        ``wall`` is epoch seconds.
        """
        self._two_persons = two_persons
        self._gate = gate
        self._powers = powers
        self._wall = wall

    def needed(self) -> int:
        """How many persons policy asks to approve a version."""
        return self._powers().needed(POWER).count

    async def basis(self, connection: AsyncConnection, row: Any, actor: Actor) -> Basis:
        """The ground on which an actor approves a version.

        Raises:
            Denied: when the same person registered it.
        """
        if actor.via == "local" and actor.roles & {"bootstrap"}:
            return Basis.one(actor, records.RELEASE)  # it comes with the release
        author = author_of(row)
        alone = await self._two_persons.check(connection, author, actor)
        if author.id == actor.id:  # also where one person decides alone
            raise Denied(
                "Whoever registered a version cannot approve it: another person must, or at least "
                "another key."
            )
        return Basis.approved(author, actor, alone=alone)

    async def check(
        self, connection: AsyncConnection, row: Any, basis: Basis
    ) -> EvaluationStanding:
        """Check that the state, the card and the evaluations of a version allow an approval.

        Nothing is asked of the evaluations of what comes with the release.

        Raises:
            InvalidRequest: names what is missing.
        """
        _check_approvable(row, basis)
        if basis.name == records.RELEASE:
            return EvaluationStanding()
        standing = await self._gate(connection, row)
        check_evaluated(row, standing)
        return standing

    async def add(
        self, connection: AsyncConnection, row: Any, digest: str, actor: Actor, basis: Basis
    ) -> ApprovalTally:
        """Record the approval of an actor, in place of an earlier one of the same person."""
        if basis.name == records.RELEASE:
            return ApprovalTally(0, 0, met=True)
        now, needed = self._wall(), self._powers().needed(POWER)
        for one in await _of(connection, row.name, row.version):
            if _approver(one).is_same(actor):
                await connection.execute(
                    delete(model_approval).where(
                        model_approval.c.name == row.name,
                        model_approval.c.version == row.version,
                        model_approval.c.person == one.person,
                    )
                )
        await connection.execute(
            insert(model_approval).values(
                name=row.name,
                version=row.version,
                person=(actor.person or actor.id).casefold(),
                digest=digest,
                approved_by=actor.id,
                author=msgspec.json.encode(_Approver.of(actor)).decode(),
                roles=msgspec.json.encode(self._approving(actor)).decode(),
                at=now,
                # Of whole days, so that what an approver signs is the same a minute later.
                expires=(now // _DAY_S + 1 + (needed.days or 0)) * _DAY_S,
            )
        )
        if await self._two_persons.may_decide_alone(connection, actor):
            needed = NeededApprovals(days=needed.days)
        rows = await _of(connection, row.name, row.version)
        return _tally([one for one in rows if one.digest == digest and one.expires > now], needed)

    async def waiting(
        self, connection: AsyncConnection, actor: Actor
    ) -> tuple[Sequence[Any], bool]:
        """The rows of versions that this actor may approve and has not yet, oldest first.

        Only the oldest ``MOST_WAITING`` are looked at; the second value says that there are more.
        """
        unapproved = model_version.c.state.in_(ENTERED_FROM[APPROVED])
        oldest = select(model_version).where(unapproved).order_by(model_version.c.registered)
        rows = (await connection.execute(oldest.limit(MOST_WAITING + 1))).all()
        given = await self._given(connection, unapproved, actor)
        found = []
        for row in rows[:MOST_WAITING]:
            if (row.name, row.version, approved_digest(row)) in given:
                continue
            if row.registered_by != actor.id and await self._may(connection, row, actor):
                found.append(row)
        return found, len(rows) > MOST_WAITING

    async def _given(
        self, connection: AsyncConnection, versions: Any, actor: Actor
    ) -> Collection[tuple[str, str, str]]:
        """Name, version and digest of what an actor has approved among these versions."""
        same = (model_approval.c.name == model_version.c.name) & (
            model_approval.c.version == model_version.c.version
        )
        joined = select(model_approval).join(model_version, same)
        current = joined.where(versions, model_approval.c.expires > self._wall())
        return {
            (one.name, one.version, one.digest)
            for one in await connection.execute(current)
            if _approver(one).is_same(actor)
        }

    async def _may(self, connection: AsyncConnection, row: Any, actor: Actor) -> bool:
        try:
            await self.basis(connection, row, actor)
        except Denied:
            return False
        return True

    def _approving(self, actor: Actor) -> list[str]:
        return sorted(actor.roles & self._powers().approvers(POWER))


def approved_digest(row: Any) -> str:
    """The digest that an approval is bound to: of the version and its card."""
    return statement_digest("approval", {"version": row.digest, "card": row.card_fields})


def _check_approvable(row: Any, basis: Basis) -> None:
    """Check that the state of a version and its card allow an approval.

    What comes with the release may lack a card, and so may what was approved before there were any.

    Raises:
        InvalidRequest: names what is missing.
    """
    name = f"{row.name}@{row.version}"
    if row.state not in ENTERED_FROM[APPROVED] | {APPROVED}:
        raise InvalidRequest(f"{name} is {row.state}; it cannot become {APPROVED}.")
    if row.state == APPROVED or row.kind == DETECTOR or basis.name == records.RELEASE:
        return
    card = stored_card(row.card_fields)
    if missing := card.missing():
        raise InvalidRequest(
            f"The card of {name} lacks {', '.join(missing)}. State them in the front matter of a "
            f"README, and run `sluis models set-card {row.name} {row.version} README.md`.",
            param="card",
        )
    if card.ai_act and card.ai_act.risk == PROHIBITED:
        raise InvalidRequest(f"The card of {name} says that its use is prohibited.", param="card")


def author_of(row: Any) -> Author:
    """Who registered a version; of an older version, only the id is known."""
    if row.registered_author:
        return msgspec.json.decode(row.registered_author, type=Author)
    names = frozenset({row.registered_by.casefold(), OPERATOR})
    return Author(row.registered_by, "", row.registered_by, names)


def _tally(rows: Sequence[Any], needed: NeededApprovals) -> ApprovalTally:
    if not _met(rows, needed):
        return ApprovalTally(len(rows), needed.count, met=False)
    ends = sorted(one.expires for one in rows)
    until = next(
        end for end in ends if not _met([one for one in rows if one.expires > end], needed)
    )
    return ApprovalTally(len(rows), needed.count, met=True, until=until)


def _met(rows: Sequence[Any], needed: NeededApprovals) -> bool:
    return needed.met_by([msgspec.json.decode(one.roles, type=list[str]) for one in rows])


async def _of(connection: AsyncConnection, name: str, version: str) -> Sequence[Any]:
    where = (model_approval.c.name == name) & (model_approval.c.version == version)
    return (await connection.execute(select(model_approval).where(where))).all()


def _approver(row: Any) -> _Approver:
    return msgspec.json.decode(row.author, type=_Approver)
