"""The setting that hides persons who use models, and the persons that are known under a pseudonym.

Persons who govern stay named: an approval without a name proves nothing.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied
from gateway.core.pseudonym import PREFIXES, person_key_pseudonym
from gateway.core.snapshot import PRIVACY, Key, hides_persons
from gateway.evidence import Value
from gateway.governance.changes.settings import load_settings
from gateway.governance.keys.tables import api_key
from gateway.governance.pseudonyms.person_mask import KnownPerson, PersonMask
from gateway.storage.database import Database

# The persons that a part of the installation knows, with their pseudonyms.
Source = Callable[[AsyncConnection], Awaitable[Iterable[KnownPerson]]]
_PERSONAL_FILTERS = ("asserted_user",)
_PSEUDONYM = re.compile(rf"(?:{'|'.join(PREFIXES)})[0-9a-f]*|[0-9a-f]{{6,}}", re.IGNORECASE)


class PersonPrivacy:
    """Whether persons are hidden, and what that means for a response or a search."""

    def __init__(self, database: Database, sources: Sequence[Source]) -> None:
        self._database = database
        self._sources = sources
        self._seen: dict[tuple[str, ...], KnownPerson] = {}  # also those whose key is deleted

    async def mask(self) -> PersonMask | None:
        """The mask for responses; None while persons may be shown."""
        async with self._database.read() as connection:
            if not await self.is_on(connection):
                return None
            return PersonMask(await self._known(connection))

    async def is_on(self, connection: AsyncConnection) -> bool:
        """Whether persons are hidden."""
        return hides_persons((await load_settings(connection)).get(PRIVACY, {}))

    async def hidden(
        self, connection: AsyncConnection, fields: dict[str, Value]
    ) -> dict[str, Value]:
        """The fields of an entry without what names a person, within the change's transaction."""
        if not await self.is_on(connection):
            return fields
        masked: dict[str, Value] = PersonMask(await self._known(connection)).document(fields)
        return masked

    async def check_search(self, filters: Mapping[str, str]) -> None:
        """Check that a search of the trail is not one for a person.

        Raises:
            Denied: when persons are hidden and a filter singles one out.
        """
        mask = await self.mask()
        if mask is None:
            return
        words = [word for name in ("principal", "text") for word in filters.get(name, "").split()]
        personal = any(filters.get(name) for name in _PERSONAL_FILTERS)
        if personal or any(_PSEUDONYM.fullmatch(w) or mask.is_part_of_a_name(w) for w in words):
            raise Denied(
                "Nobody searches the trail for a person here (privacy.persons in sluis.yaml). A "
                "request of the person concerned goes through Data subjects; a pseudonym is "
                "resolved with the approval of another person."
            )

    async def person_of(self, pseudonym: str) -> str | None:
        """What names the person behind a pseudonym; None when nobody is known under it."""
        async with self._database.read() as connection:
            for person in await self._known(connection):
                if person.pseudonym == pseudonym:
                    return ", ".join(dict.fromkeys(person.names))
        return None

    async def _known(self, connection: AsyncConnection) -> list[KnownPerson]:
        for source in self._sources:
            self._seen |= {person.names: person for person in await source(connection)}
        return list(self._seen.values())


def persons_of_keys(pepper: bytes) -> Source:
    """The source of persons with a personal key, revoked ones too: entries outlive a key."""

    async def persons(connection: AsyncConnection) -> list[KnownPerson]:
        rows = await connection.execute(select(api_key.c.document))
        keys = [msgspec.json.decode(row.document, type=Key) for row in rows]
        return [
            KnownPerson(person_key_pseudonym(pepper, key.id), (key.name, key.id))
            for key in keys
            if key.kind == "person"
        ]

    return persons
