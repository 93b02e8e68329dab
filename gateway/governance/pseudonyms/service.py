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

    def __init__(self, database: Database, sources: Sequence[Source], *, pepper: bytes) -> None:
        self._database = database
        self._sources = sources
        self._pepper = pepper

    async def mask(self) -> PersonMask | None:
        """The mask for responses; None while persons may be shown."""
        async with self._database.read() as connection:
            if not await self.is_on(connection):
                return None
            return PersonMask(await self._known(connection))

    async def is_on(self, connection: AsyncConnection) -> bool:
        """Whether persons are hidden."""
        return hides_persons((await load_settings(connection)).get(PRIVACY, {}))

    async def recorded_name(self, connection: AsyncConnection, key: Key) -> str:
        """The name of a key for its entry: a personal key's may be that of a person."""
        if key.kind == "person" and await self.is_on(connection):
            return person_key_pseudonym(self._pepper, key.id)
        return key.name

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
        return [person for source in self._sources for person in await source(connection)]


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
