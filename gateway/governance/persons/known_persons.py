"""The persons whom an installation knows: holders and owners of keys, and persons on record.

The id of a record takes the place of its names, not the principal that entries of requests hold: so
a list of persons or keys does not connect a name with requests.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.pseudonym import owner_pseudonym, person_key_pseudonym
from gateway.core.snapshot import Key
from gateway.governance.keys.tables import api_key
from gateway.governance.persons.records import Person, find_all
from gateway.governance.persons.tables import person
from gateway.governance.pseudonyms.person_mask import KnownPerson


class KnownPersons:
    """Reads them, deleted and revoked ones too: entries outlive a key and a person."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._version: tuple[int, float | None] | None = None
        self._records: list[Person] = []
        self._read_from: tuple[tuple[str, ...], list[Person]] | None = None
        self._known: list[KnownPerson] = []

    async def __call__(self, connection: AsyncConnection) -> list[KnownPerson]:
        """All of them; the same list while nothing has changed."""
        rows = await connection.execute(select(api_key.c.document).order_by(api_key.c.id))
        documents = tuple(rows.scalars())
        on_record = await self._on_record(connection)
        if (
            self._read_from is None
            or self._read_from[0] != documents
            or (self._read_from[1] is not on_record)
        ):
            self._known = self._persons(documents, on_record)
            self._read_from = documents, on_record
        return self._known

    def _persons(self, documents: Iterable[str], on_record: list[Person]) -> list[KnownPerson]:
        keys = [msgspec.json.decode(document, type=Key) for document in documents]
        governing = {key.owner.casefold() for key in keys if key.kind == "admin" and key.owner}
        owners = {key.owner for key in keys if key.owner}
        called = {name for one in on_record for name in _references(one)}
        return [
            *(self._holder(key) for key in keys if key.kind == "person"),
            *(_recorded(one, governing) for one in on_record),
            *(
                KnownPerson(
                    owner_pseudonym(self._pepper, owner), (owner,), owner.casefold() in governing
                )
                for owner in owners
                if owner.casefold() not in called
            ),
        ]

    def _holder(self, key: Key) -> KnownPerson:
        return KnownPerson(person_key_pseudonym(self._pepper, key.id), (key.name, key.id))

    async def _on_record(self, connection: AsyncConnection) -> list[Person]:
        """The records, read again only when one of them changed."""
        query = select(func.count(), func.max(person.c.changed)).select_from(person)
        count, changed = (await connection.execute(query)).one()
        if (count, changed) != self._version:
            self._records = await find_all(connection)
            self._version = (count, changed)
        return self._records


def _references(one: Person) -> Iterable[str]:
    yield from one.login_names
    yield from (name.casefold() for name in (one.id, one.principal) if name)


def _recorded(one: Person, governing: set[str]) -> KnownPerson:
    addresses = (str(address["value"]) for address in one.emails if address.get("value"))
    names = (one.user_name, one.display_name, (one.names or {}).get("formatted"), *addresses)
    governs = bool(one.roles) or not governing.isdisjoint(_references(one))
    given = tuple(dict.fromkeys(name for name in names if name))
    return KnownPerson(one.id, given, governs, also=one.principal)
