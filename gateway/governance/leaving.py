"""What ends and restores the access of persons, wired once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key
from gateway.core.system.secrets import Secrets
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys.store import LiveKey, LiveKeys
from gateway.governance.persons.approver_search import find_approver
from gateway.governance.persons.cut_offs import mark_blocked
from gateway.governance.persons.hand_over import KIND as KEY_HAND_OVER
from gateway.governance.persons.hand_over import KeyHandOver
from gateway.governance.persons.service import KIND as PERSON_REACTIVATE
from gateway.governance.persons.service import Persons
from gateway.governance.persons.sign_outs import SignOuts
from gateway.governance.proposals.asked import Approver
from gateway.governance.proposals.service import ProposalHandler
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.storage.database import Database


@dataclass(frozen=True, slots=True)
class Leaving:
    """The slices of persons and of the keys that they own."""

    persons: Persons
    sign_outs: SignOuts
    hand_over: KeyHandOver
    pepper: bytes
    keys: LiveKeys
    wall: Callable[[], float]

    @property
    def kinds(self) -> Mapping[str, ProposalHandler]:
        """The handlers of proposals, by kind."""
        return {PERSON_REACTIVATE: self.persons, KEY_HAND_OVER: self.hand_over}

    async def active_keys(self, connection: AsyncConnection) -> list[Key]:
        """The keys that are not revoked, with those of leavers marked as blocked."""
        return [one.key for one in await self.live_keys(connection)]

    async def live_keys(self, connection: AsyncConnection) -> list[LiveKey]:
        """The same, with what they are among the governed objects."""
        live = await self.keys.load(connection)
        marked = await self.mark(connection, [one.key for one in live])
        return [
            one if key is one.key else LiveKey(key, one.governed)
            for one, key in zip(live, marked, strict=True)
        ]

    async def approver(self, connection: AsyncConnection, reference: str) -> Approver:
        """The active person who is called so.

        Raises:
            InvalidRequest: when there is none, or more than one.
        """
        return await find_approver(connection, reference, self.active_keys, now=self.wall())

    async def is_known(self, connection: AsyncConnection, reference: str) -> bool:
        """Whether an active person is called so."""
        try:
            await self.approver(connection, reference)
        except InvalidRequest:
            return False
        return True

    async def mark(self, connection: AsyncConnection, keys: Sequence[Key]) -> list[Key]:
        """The keys, with those of leavers marked as blocked."""
        return await mark_blocked(connection, keys, self.pepper)


def build_leaving(
    database: Database,
    journal: Journal,
    catalogue: Catalogue,
    permissions: Permissions,
    secrets: Secrets,
    privacy: PersonPrivacy,
    wall: Callable[[], float],
) -> Leaving:
    """Wire the slices; ``wall`` is epoch seconds."""
    persons = Persons(
        database,
        journal,
        catalogue,
        pepper=secrets.pepper,
        approving=lambda: permissions.powers.roles,
        hidden=privacy.is_on,
        wall=wall,
    )
    sign_outs = SignOuts(database, journal, persons, pepper=secrets.pepper)
    hand_over = KeyHandOver(database, journal)
    return Leaving(persons, sign_outs, hand_over, secrets.pepper, LiveKeys(), wall)
