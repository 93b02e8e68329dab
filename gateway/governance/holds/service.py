"""Legal holds: what a hold covers is neither erased nor expired until the hold is released.

A hold states conditions that all entries under it meet: the persons that they mention, their time,
their use case, their audit ids. Persons are stored as keyed identifiers. A hold does not end by
itself: past its review date it is still in force, and is shown as overdue.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, Refusal
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.holds.hold_index import ActiveHold, HoldIndex
from gateway.governance.holds.schemas import HoldResponse
from gateway.governance.holds.tables import hold
from gateway.governance.journal import Journal
from gateway.governance.person_keys import DataSubject, PersonKeys, digest_of
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.storage.database import Database

KIND = "hold_release"  # of proposals


class OnHold(Refusal):
    """A legal hold covers what would be destroyed; the message names the hold."""

    code = "on_hold"


@dataclass(frozen=True, slots=True, repr=False)
class NewHold:
    """The conditions of a new hold, and its reason. Times are epoch milliseconds."""

    reason: str
    review: int
    people: tuple[DataSubject, ...] = ()
    since: int | None = None
    until: int | None = None
    use_case: str | None = None
    requests: tuple[str, ...] = ()


class Holds:
    """Places and releases holds, and resolves what they cover."""

    power = "holds"
    keeps_document = False

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        people: PersonKeys,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._trail = trail
        self._people = people
        self._wall = wall

    async def create(self, new: NewHold, actor: Actor) -> str:
        """Place a hold; gives its id. It is in force when this returns.

        Raises:
            InvalidRequest: as ``create_within`` does.
        """
        async with self._database.write() as connection:
            return await self.create_within(connection, new, actor)

    async def create_within(self, connection: AsyncConnection, new: NewHold, actor: Actor) -> str:
        """Place a hold within the transaction of ``connection``; gives its id.

        Raises:
            InvalidRequest: without conditions, with a review date in the past, or when the reason
                names a person.
        """
        names = self._people.named(new.people, new.reason)
        self._check(new)
        identity = f"hold_{secrets.token_hex(6)}"
        await connection.execute(
            insert(hold).values(
                id=identity,
                reason=new.reason,
                review=new.review,
                since=new.since,
                until=new.until,
                use_case=new.use_case,
                people=_json(names),
                requests=_json(list(new.requests)),
                created=self._now_ms(),
                created_by=actor.id,
            )
        )
        await self._journal.record(
            connection,
            actor,
            "control:hold:create",
            hold=identity,
            reason=new.reason,
            review=new.review,
            since=new.since,
            until=new.until,
            use_case=new.use_case,
            requests=list(new.requests),
            subjects=len(names) or None,
            digest=digest_of(names) if names else None,
        )
        return identity

    async def draft_release(self, identity: str, *, reason: str) -> Draft:
        """The proposal to release a hold.

        Raises:
            InvalidRequest: when there is no such hold in force.
        """
        async with self._database.read() as connection:
            await _require_active(connection, identity)
        document = orjson.dumps({"hold": identity, "reason": reason}).decode()
        return Draft(KIND, identity, document, recorded={"hold": identity})

    async def release(self, identity: str, actor: Actor, *, reason: str) -> None:
        """Release a hold at once; what it covered may be erased and expires again.

        Raises:
            InvalidRequest: when there is no such hold, or it was released before.
        """
        async with self._database.write() as connection:
            await self._release(connection, identity, actor, reason=reason, author=actor.id)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Release the hold of a proposal, within the transaction of the approval.

        Raises:
            InvalidRequest: when the hold was released in the meantime.
        """
        release = orjson.loads(document)
        reason = release["reason"]
        await self._release(connection, release["hold"], actor, reason=reason, author=author)
        return None

    async def index(self, connection: AsyncConnection) -> HoldIndex:
        """The holds in force, as the transaction of ``connection`` sees them."""
        rows = await connection.execute(select(hold).order_by(hold.c.id))
        active, released = [], 0
        for row in rows:
            released += row.released is not None
            if row.released is None:
                active.append(_active_hold(row))
        return HoldIndex(tuple(active), released)

    async def check_erasable(self, connection: AsyncConnection, names: Iterable[str]) -> None:
        """Check that no hold covers what is stored of these persons.

        Raises:
            OnHold: names the hold.
        """
        covering = await (await self.index(connection)).blocking(
            set(names), lambda query, values: self._trail.rows(query, values, connection)
        )
        if covering is not None:
            raise OnHold(
                f"The legal hold {covering} covers this person: nothing is erased until it is "
                f"released (sluis holds release {covering}).",
                param="subjects",
            )

    async def _release(
        self, connection: AsyncConnection, identity: str, actor: Actor, *, reason: str, author: str
    ) -> None:
        await _require_active(connection, identity)
        await connection.execute(
            update(hold)
            .where(hold.c.id == identity)
            .values(released=self._now_ms(), released_by=actor.id)
        )
        await self._journal.record(
            connection, actor, "control:hold:release", hold=identity, reason=reason, author=author
        )

    def _check(self, new: NewHold) -> None:
        if not (new.people or new.use_case or new.requests) and None in (new.since, new.until):
            raise InvalidRequest(
                "Say what to hold: a person, a use case, audit ids, or a period with both ends."
            )
        if new.since is not None and new.until is not None and new.until <= new.since:
            raise InvalidRequest("The period ends before it begins.", param="until")
        if new.review <= self._now_ms():
            raise InvalidRequest("The review date must lie ahead.", param="review")

    def _describe(self, row: Any) -> HoldResponse:
        people = orjson.loads(row.people) if row.people else {}
        in_force = "overdue" if row.review < self._now_ms() else "active"
        return HoldResponse(
            id=row.id,
            state="released" if row.released else in_force,
            reason=row.reason,
            review=row.review,
            people=sorted(people.values()),
            since=row.since,
            until=row.until,
            use_case=row.use_case,
            requests=orjson.loads(row.requests) if row.requests else [],
            created=row.created,
            created_by=row.created_by,
            released=row.released,
            released_by=row.released_by,
        )

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)

    async def list(self) -> Sequence[HoldResponse]:
        """All holds, those in force first, then the newest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(hold).order_by(hold.c.created.desc()))).all()
        described = [self._describe(row) for row in rows]
        return sorted(described, key=lambda one: one.state == "released")


async def _require_active(connection: AsyncConnection, identity: str) -> None:
    released = select(hold.c.released).where(hold.c.id == identity)
    row = (await connection.execute(released)).first()
    if row is None or row.released is not None:
        raise InvalidRequest("There is no such hold that still holds.", code="not_found")


def _active_hold(row: Any) -> ActiveHold:
    return ActiveHold(
        id=row.id,
        people=frozenset(orjson.loads(row.people)) if row.people else frozenset(),
        since=row.since,
        until=row.until,
        use_case=row.use_case,
        requests=frozenset(orjson.loads(row.requests)) if row.requests else frozenset(),
    )


def _json(value: Mapping[str, str] | list[str]) -> str | None:
    return orjson.dumps(value).decode() if value else None
