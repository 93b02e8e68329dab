"""Self-service: a person's own keys, within what a team permits its members.

Such a key acts at once: another person has approved the bounds with the team. It is a key of kind
``person`` without roles, never with a floor below internal.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.level import Level
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Key, SelfService, Team
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys import store
from gateway.governance.keys.schemas import KeyResponse, OwnKeyBody
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import ISSUED
from gateway.storage.database import Database

KIND = "person"


class OwnKeys:
    """Issues, rotates and revokes keys for the person who asks."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        keys: Keys,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._governed = governed
        self._keys = keys
        self._wall = wall

    async def list(self, actor: Actor) -> Sequence[KeyResponse]:
        """All keys that the person owns, also revoked ones, oldest first."""
        return await self._keys.list(owner=_person(actor))

    async def create(self, body: OwnKeyBody, actor: Actor) -> tuple[Key, str]:
        """Issue a key to the person; gives it with its secret, which is not stored.

        Raises:
            Denied: when the team permits no such key, or no more of them.
            InvalidRequest: when a value is out of range.
        """
        async with self._database.write() as connection:
            team, ceiling = await _ceiling(connection, actor)
            new = NewKey(
                name=body.name,
                kind=KIND,
                team=team.name,
                models=body.models or ceiling.models,
                purposes=body.purposes or ceiling.purposes,
                clearance=body.clearance or ceiling.clearance,
                floor=max("internal", team.floor, key=Level.parse),
                days=body.days or ceiling.days,
                owner=_person(actor),
                networks=body.networks,
            )
            if new.days > ceiling.days:
                raise Denied(
                    f"Your team permits keys of at most {ceiling.days} days.", param="days"
                )
            key, secret = self._keys.draft(new, actor)
            _check_within(key, ceiling)
            await self._keys.check(connection, key)
            await self._check_number(connection, key, ceiling)
            facts: dict[str, Any] = {
                "key_name": key.name,
                "clearance": key.clearance,
                "team_of_key": key.team,
                "kind": key.kind,
                "expires": key.expires,
                "owner": key.owner,
            }
            await self._store(connection, key, actor, "control:key:create", facts)
        return key, secret

    async def rotate(self, reference: str, actor: Actor, *, overlap_hours: int) -> tuple[Key, str]:
        """Give an own key a new secret, as ``Keys.rotate`` does.

        Raises:
            Denied: when the team does not permit such a key any more.
            InvalidRequest: when the person owns no such key, or the overlap is too long.
        """
        async with self._database.write() as connection:
            before = await _own(connection, reference, actor)
            team, ceiling = await _ceiling(connection, actor)
            if before.kind != KIND or before.roles or before.team != team.name:
                raise Denied(
                    "Your administrator rotates this key: it has rights beyond your team's."
                )
            _check_within(before, ceiling)
            key, secret = self._keys.rotated(before, overlap_hours, actor)
            facts: dict[str, Any] = {"valid_until": key.former_until}
            await self._store(connection, key, actor, "control:key:rotate", facts)
        return key, secret

    async def revoke(self, reference: str, actor: Actor) -> str:
        """Revoke an own key; gives its id.

        Raises:
            InvalidRequest: when the person owns no such key.
        """
        async with self._database.write() as connection:
            key = await _own(connection, reference, actor)
            async with self._governed.change(connection, actor, Basis.one(actor)):
                await store.revoke(connection, key, now=self._wall())
            await self._journal.record(
                connection, actor, "control:key:revoke", key=key.id, self_service=True
            )
        return key.id

    async def _store(
        self,
        connection: AsyncConnection,
        key: Key,
        actor: Actor,
        event: str,
        facts: dict[str, Any],
    ) -> None:
        """Store a key within the bounds of its team, and its entry."""
        basis = Basis.one(actor, records.SELF_SERVICE)
        async with self._governed.change(connection, actor, basis):
            await store.put(connection, key, source=ISSUED, now=self._wall())
        await self._journal.record(connection, actor, event, key=key.id, self_service=True, **facts)

    async def _check_number(
        self, connection: AsyncConnection, key: Key, ceiling: SelfService
    ) -> None:
        now = self._wall()
        live = [
            one
            for one in await store.list_active(connection)
            if (one.owner, one.team, one.kind) == (key.owner, key.team, KIND)
            and not one.roles  # one to sign in with, that an administrator issued
            and (one.expires is None or one.expires > now)
        ]
        if len(live) >= ceiling.keys_per_person:
            raise Denied(
                f"Your team permits {ceiling.keys_per_person} keys of your own at one time; "
                "revoke one first."
            )


def _person(actor: Actor) -> str:
    return actor.person or actor.id


async def _ceiling(connection: AsyncConnection, actor: Actor) -> tuple[Team, SelfService]:
    """The person's team and what it permits.

    Raises:
        Denied: when it permits nothing.
    """
    found = select(catalogue.c.document).where(
        catalogue.c.kind == "team", catalogue.c.name == (actor.team or "")
    )
    document = (await connection.execute(found)).scalar()
    team = msgspec.json.decode(document, type=Team) if document else None
    if team is None or team.self_service is None:
        raise Denied("Your team permits its members no keys of their own; ask your administrator.")
    return team, team.self_service


def _check_within(key: Key, ceiling: SelfService) -> None:
    """Check a key against what its team permits.

    Raises:
        Denied: names what is beyond it, and what is permitted.
    """
    for what, wanted, permitted in (
        ("models", key.models, ceiling.models),
        ("purposes", key.purposes, ceiling.purposes),
    ):
        beyond = set(wanted) - set(permitted)
        if beyond or not wanted:  # an empty list would mean all
            raise Denied(
                f"Your team permits keys of your own for these {what}: {', '.join(permitted)}.",
                param=what,
            )
    if Level.parse(key.clearance) > Level.parse(ceiling.clearance):
        raise Denied(
            f"Your team permits keys of your own up to {ceiling.clearance}.", param="clearance"
        )


async def _own(connection: AsyncConnection, reference: str, actor: Actor) -> Key:
    """The live issued key that the person owns.

    Raises:
        InvalidRequest: when there is none; another's key is as good as none.
    """
    person = _person(actor)
    mine = [
        one
        for one in await store.list_all(connection)
        if one.revoked is None and one.source == ISSUED and one.key.owner == person
    ]
    found = [one.key for one in mine if reference in (one.key.id, one.key.name)]
    if len(found) != 1:
        raise InvalidRequest(
            f"{len(found)} live keys of yours are called {reference!r}; use the key's id.",
            code="not_found",
        )
    return found[0]
