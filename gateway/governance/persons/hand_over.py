"""Handing a key over: another active person answers for it, once a third has approved."""

import msgspec
import orjson
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.keys.tables import api_key
from gateway.governance.persons import records
from gateway.governance.persons.records import Person
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.storage.database import Database

KIND = "key_hand_over"  # of proposals


class KeyHandOver:
    """Gives a key another owner, which unblocks the key of a person who has left."""

    power = "key.owner"
    keeps_document = True

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def draft(self, reference: str, owner: str, *, reason: str) -> Draft:
        """The proposal to give a key another owner.

        Raises:
            InvalidRequest: when there is no such key or person, the person is not active, or the
                key belongs to sluis.yaml.
        """
        async with self._database.read() as connection:
            key, new = await _checked(connection, reference, owner)
        return Draft(
            KIND,
            f"{key.name} → {new.label}",
            orjson.dumps({"key": key.id, "owner": new.id, "reason": reason}).decode(),
            recorded={
                "key": key.id,
                "key_name": key.name,
                "of_person": new.id,
                "person_name": new.label,
                "reason": reason,
            },
        )

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Give the key of a proposal its new owner, within the transaction of the approval.

        Raises:
            InvalidRequest: when the key was revoked or the person has left in the meantime.
        """
        wanted = orjson.loads(document)
        key, new = await _checked(connection, wanted["key"], wanted["owner"])
        await self._store(connection, msgspec.structs.replace(key, owner=new.id))
        await self._journal.record(
            connection,
            actor,
            "control:key:hand_over",
            key=key.id,
            key_name=key.name,
            of_person=new.id,
            person_name=new.label,
            owner_before=key.owner,
            reason=wanted["reason"],
            author=author,
        )
        return None

    async def _store(self, connection: AsyncConnection, key: Key) -> None:
        await connection.execute(
            update(api_key)
            .where(api_key.c.id == key.id)
            .values(document=msgspec.json.encode(key).decode())
        )


async def _checked(connection: AsyncConnection, reference: str, owner: str) -> tuple[Key, Person]:
    named = or_(api_key.c.id == reference, api_key.c.name == reference)
    query = select(api_key.c.document, api_key.c.source).where(named, api_key.c.revoked.is_(None))
    rows = (await connection.execute(query)).all()
    if len(rows) != 1:
        raise InvalidRequest(
            f"{len(rows)} live keys are called {reference!r}; use the key's id.", code="not_found"
        )
    if rows[0].source == "file":
        raise InvalidRequest("This key belongs to sluis.yaml: change its owner there.")
    new = await records.referenced(connection, owner)
    if not new.active or new.deleted is not None:
        raise InvalidRequest(f"{new.label} is not active.", param="owner")
    return msgspec.json.decode(rows[0].document, type=Key), new
