"""Owners of administrators' keys from before keys had any, named on the machine and on record.

Such keys all count as the operator, so no two of them approve anything. No other person can approve
an owner either. So the operator names one for each such key, once.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.objects import digest_of, kind_of_key, objects_of
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import ADMIN_KEY
from gateway.core.snapshot import Key, Snapshot
from gateway.core.text.look_alikes import name_forms
from gateway.governance.actor import OPERATOR, Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed, records_of_line
from gateway.governance.journal import Journal
from gateway.governance.keys import store
from gateway.governance.keys.store import StoredKey
from gateway.storage.database import Database

Published = Callable[[], Awaitable[Snapshot | None]]
MarkBlocked = Callable[[AsyncConnection, Sequence[Key]], Awaitable[Sequence[Key]]]
_LONGEST = 500
_ELSEWHERE = "Have another person approve an owner: write it in sluis.yaml, or hand the key over."


class FirstOwners:
    """Gives an administrator's key from before owners its first one."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        *,
        published: Published,
        key: Ed25519PublicKey,
        mark: MarkBlocked,
    ) -> None:
        """``published`` gives the snapshot in force, ``key`` checks signed records.

        ``mark`` marks the keys whose owner has left.
        """
        self._database = database
        self._journal = journal
        self._governed = governed
        self._published = published
        self._key = key
        self._mark = mark

    async def give(self, reference: str, person: str, actor: Actor) -> StoredKey:
        """Give the key with that id or name its first owner; gives the key as it is then.

        The person counts as one from then on, without another person's approval. That is permitted
        for a key that was in force before approvals were recorded, and that never had an owner: so
        no key that one person makes now becomes a second person.

        Raises:
            Denied: when the caller is not on the machine itself, or the key is not such a key.
            InvalidRequest: when there is no such key, or the person cannot own one.
        """
        if actor.via != "local":
            raise Denied("A first owner is named on the machine of the control plane only.")
        person = _checked(person)
        signed = await self._published()
        async with self._database.write() as connection:
            found = await store.find_live(connection, reference)
            await self._check(connection, found.key, signed, person)
            owned = msgspec.structs.replace(found.key, owner=person)
            if any(one.blocked for one in await self._mark(connection, [owned])):
                raise InvalidRequest(f"{person} has left: name another person.", param="owner")
            await self._journal.record(
                connection,
                actor,
                "control:key:own",
                key=owned.id,
                key_name=owned.name,
                owner=person,
            )
            basis = Basis.one(actor, records.FIRST_OWNER)
            async with self._governed.change(connection, actor, basis):
                await store.put(connection, owned, source=found.source, now=found.created)
        return msgspec.structs.replace(found, key=owned)

    async def _check(
        self, connection: AsyncConnection, key: Key, signed: Snapshot | None, person: str
    ) -> None:
        if kind_of_key(key) != ADMIN_KEY:
            raise InvalidRequest(
                f"{key.name} is not a key of an administrator: `sluis keys own` is for those."
            )
        in_force = objects_of(signed).get((ADMIN_KEY, key.id)) if signed else None
        if in_force is None:
            raise Denied(
                f"The key {key.name} is not in force: no approved change explains it. Start the "
                "control plane, and look for `snapshot:publish:refused` in its log."
            )
        if key.owner or in_force.get("owner"):
            raise Denied(f"{key.name} has an owner, {key.owner or 'not known'}. {_ELSEWHERE}")
        await self._check_records(connection, key, person)

    async def _check_records(self, connection: AsyncConnection, key: Key, person: str) -> None:
        line = f"{ADMIN_KEY}/{key.id}/"
        signed = await records_of_line(connection, f"{line}owner")
        try:
            known = [records.read(one, [self._key]) for one in signed]
        except records.RecordError as error:
            raise Denied(f"The records of {key.name} do not hold: {error}.") from error
        adopted = [one for one in known if one.number == 1 and one.basis == records.ADOPTED]
        if not any(f"{line}digest" in one.lines for one in adopted):
            raise Denied(f"{key.name} is not from before approvals were recorded. {_ELSEWHERE}")
        # The same person may own it again: applying an old file takes an owner away.
        earlier = {one.lines.get(f"{line}owner") for one in known}
        if earlier - {None, digest_of(None), digest_of(person)}:
            raise Denied(f"{key.name} had another owner before. {_ELSEWHERE}")


def _checked(person: str) -> str:
    """The name of a person as keys hold it."""
    person = person.strip()
    if not person or len(person) > _LONGEST or not person.isprintable():
        raise InvalidRequest(
            f"Name a person in at most {_LONGEST} printable characters.", param="owner"
        )
    if name_forms(person) & name_forms(OPERATOR):
        raise InvalidRequest("The operator of the machine is not a named person.", param="owner")
    return person
