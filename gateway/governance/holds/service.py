"""Legal holds: what they cover is neither erased nor expires until a hold is released.

A hold names what all entries under it have in common: whom they mention, when they were made, the use
case, the audit ids. People stand in it as keyed names only. A hold does not end by itself: past its
review date it still holds, and is shown as overdue.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, Refusal
from gateway.governance.access_control.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.data_subjects.person_keys import DataSubject, PersonKeys, digest_of
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import Settle
from gateway.governance.retention.hold_index import ActiveHold, HoldIndex
from gateway.storage.database import Database
from gateway.storage.tables import hold

KIND = "hold_release"
MOST_REQUESTS = 1000


class OnHold(Refusal):
    """A legal hold covers what would be destroyed; the message names the hold."""

    code = "on_hold"


@dataclass(frozen=True, slots=True, repr=False)
class NewHold:
    """What to hold, and why. All that is given must be so of an entry; times are epoch milliseconds."""

    reason: str
    review: int
    people: tuple[DataSubject, ...] = ()
    since: int | None = None
    until: int | None = None
    use_case: str | None = None
    requests: tuple[str, ...] = ()


class Holds:
    """Places and releases holds, and says what they cover."""

    permission = "holds:approve"

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
        """Places a hold; gives its id. It holds when this returns.

        Raises:
            InvalidRequest: as ``place`` does.
        """
        async with self._database.write() as connection:
            return await self.place(connection, new, actor)

    async def place(self, connection: AsyncConnection, new: NewHold, actor: Actor) -> str:
        """Places a hold within the transaction of ``connection``; gives its id.

        Raises:
            InvalidRequest: without anything to hold, with a review date that is past, or when the
                reason names a person.
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

    async def all(self) -> list[dict[str, Any]]:
        """All holds, those that hold first; ``state`` is active, overdue (still holds) or released."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(hold).order_by(hold.c.created.desc()))).all()
        shown = [self._shown(row) for row in rows]
        return sorted(shown, key=lambda one: one["state"] == "released")

    async def check_open(self, identity: str) -> None:
        """Nothing when there is such a hold and it holds.

        Raises:
            InvalidRequest: when there is not.
        """
        async with self._database.read() as connection:
            await _open(connection, identity)

    async def release(self, identity: str, actor: Actor, *, reason: str) -> None:
        """Ends a hold at once; what it covered may be erased and expires again.

        Raises:
            InvalidRequest: when there is no such hold, or it was released before.
        """
        async with self._database.write() as connection:
            await self._release(connection, identity, actor, reason=reason, author=actor.id)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> Settle | None:
        """Does what a proposal of ``author`` said, within the approval.

        Raises:
            InvalidRequest: when the hold was released meanwhile.
        """
        wanted = orjson.loads(document)
        reason = wanted["reason"]
        await self._release(connection, wanted["hold"], actor, reason=reason, author=author)
        return None

    async def cover(self, connection: AsyncConnection) -> HoldIndex:
        """All that is held, as the transaction of ``connection`` sees it."""
        rows = await connection.execute(select(hold).order_by(hold.c.id))
        active, released = [], 0
        for row in rows:
            released += row.released is not None
            if row.released is None:
                active.append(_held(row))
        return HoldIndex(tuple(active), released)

    async def refuse_erasure(self, connection: AsyncConnection, names: Iterable[str]) -> None:
        """Nothing when no hold covers what is stored of these people.

        Raises:
            OnHold: names the hold.
        """
        covering = await (await self.cover(connection)).blocking(
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
        await _open(connection, identity)
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

    def _shown(self, row: Any) -> dict[str, Any]:
        """Without the keyed names: by those a person could be found."""
        people = orjson.loads(row.people) if row.people else {}
        state = "overdue" if row.review < self._now_ms() else "active"
        return {
            "id": row.id,
            "state": "released" if row.released else state,
            "reason": row.reason,
            "review": row.review,
            "people": sorted(people.values()),
            "since": row.since,
            "until": row.until,
            "use_case": row.use_case,
            "requests": orjson.loads(row.requests) if row.requests else [],
            "created": row.created,
            "created_by": row.created_by,
            "released": row.released,
            "released_by": row.released_by,
        }

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


async def _open(connection: AsyncConnection, identity: str) -> None:
    released = select(hold.c.released).where(hold.c.id == identity)
    row = (await connection.execute(released)).first()
    if row is None or row.released is not None:
        raise InvalidRequest("There is no such hold that still holds.", code="not_found")


def _held(row: Any) -> ActiveHold:
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
