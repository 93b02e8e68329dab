"""The setting that hides persons who do not govern, and the persons behind pseudonyms.

Persons who govern stay named: an approval without a name proves nothing.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied
from gateway.core.pseudonym import PREFIXES
from gateway.core.snapshot import PRIVACY, hides_persons
from gateway.evidence import Value
from gateway.governance.changes.settings import load_settings
from gateway.governance.pseudonyms.person_mask import KnownPerson, PersonMask
from gateway.storage.database import Database

# The persons whom the installation knows, with their pseudonyms.
Source = Callable[[AsyncConnection], Awaitable[Iterable[KnownPerson]]]
_PERSONAL_FILTERS = ("asserted_user",)
_PSEUDONYM = re.compile(rf"(?:{'|'.join(PREFIXES)})[0-9a-f]*|[0-9a-f]{{6,}}", re.IGNORECASE)


class PersonPrivacy:
    """Whether persons are hidden, and what that means for a response or a search."""

    def __init__(self, database: Database, persons: Source) -> None:
        self._database = database
        self._persons = persons
        self._seen: dict[tuple[str, ...], KnownPerson] = {}  # also those whose key is deleted
        self._latest: Iterable[KnownPerson] | None = None  # the same object while none changed
        self._mask: PersonMask | None = None

    async def mask(self) -> PersonMask | None:
        """The mask for responses; None while persons may be shown."""
        async with self._database.read() as connection:
            if not await self.is_on(connection):
                return None
            return await self._current_mask(connection)

    async def is_on(self, connection: AsyncConnection) -> bool:
        """Whether persons are hidden."""
        return hides_persons((await load_settings(connection)).get(PRIVACY, {}))

    async def hidden(
        self, connection: AsyncConnection, fields: dict[str, Value]
    ) -> dict[str, Value]:
        """The fields of an entry without what names a person, within the change's transaction."""
        if not await self.is_on(connection):
            return fields
        masked: dict[str, Value] = (await self._current_mask(connection)).document(fields)
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
                "Searching the trail for a person is off (privacy.persons in sluis.yaml). A "
                "request of the person concerned goes through Data subjects; a pseudonym is "
                "resolved with the approval of another person."
            )

    async def person_of(self, pseudonym: str) -> str | None:
        """What names the person behind a pseudonym; None when it is of no known person."""
        async with self._database.read() as connection:
            for person in await self._known(connection):
                if pseudonym in {person.pseudonym, person.also}:
                    return ", ".join(dict.fromkeys(person.names))
        return None

    async def _current_mask(self, connection: AsyncConnection) -> PersonMask:
        """The mask of all persons who do not govern; made again when that changed."""
        known = await self._known(connection)
        if self._mask is None:
            governing = {person.pseudonym for person in known if person.governs}
            self._mask = PersonMask(one for one in known if one.pseudonym not in governing)
        return self._mask

    async def _known(self, connection: AsyncConnection) -> Collection[KnownPerson]:
        persons = await self._persons(connection)
        if persons is not self._latest:
            self._latest = persons
            self._mask = None
            self._seen |= {person.names: person for person in persons}
        return self._seen.values()
