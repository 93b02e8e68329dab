"""The rule of two persons, and when one person may decide alone.

In embedded mode one person may decide as long as no second person holds an approving role. Once
there was a second person, that has ended for good.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied
from gateway.core.snapshot import Issuer, Key
from gateway.core.text.look_alikes import distinct_names, forms_of
from gateway.governance.actor import OPERATOR, Actor
from gateway.governance.changes.basis import Author
from gateway.governance.changes.settings import (
    APPROVALS,
    ENDED,
    NEVER,
    load_settings,
    store_setting,
)

_OWN = (
    "You proposed this, or the person who did owns or issued your key: another person must approve "
    "it."
)
_OPERATOR = (
    "The operator of the machine proposes and does not approve: a person with an approving role "
    "must."
)
Keys = Callable[[AsyncConnection], Awaitable[Sequence[Key]]]
Issuers = Callable[[AsyncConnection], Awaitable[Sequence[Issuer]]]


class TwoPersons:
    """Decides whether an approval counts."""

    def __init__(
        self,
        *,
        keys: Keys,
        issuers: Issuers,
        approving: Callable[[], Collection[str]],
        embedded: bool,
    ) -> None:
        """``approving`` gives the roles that may approve something."""
        self._keys = keys
        self._issuers = issuers
        self._approving = approving
        self._embedded = embedded

    async def may_decide_alone(self, connection: AsyncConnection, actor: Actor) -> bool:
        """Whether there is no other person, and this one may approve something at all.

        The operator of the machine may, and so may who has an approving role.
        """
        if not self._embedded or not self._approves(actor):
            return False
        rule = (await load_settings(connection)).get(APPROVALS, {}).get("one_person")
        if rule in (NEVER, ENDED):
            return False
        return not await self._has_others(connection, actor)

    async def note_persons(self, connection: AsyncConnection) -> None:
        """End the rule for a single person for good once there are two."""
        if not self._embedded:
            return
        settings = (await load_settings(connection)).get(APPROVALS, {})
        if settings.get("one_person") in (NEVER, ENDED):
            return
        if len(await self._persons(connection)) > 1:
            await store_setting(connection, APPROVALS, {**settings, "one_person": ENDED})

    async def check(self, connection: AsyncConnection, author: Author, approver: Actor) -> bool:
        """Check that this actor may approve a change of this author; gives whether alone.

        Raises:
            Denied: when it is the same person and there are others, or the key does not count.
        """
        if not author.is_person_of(approver):
            if not self._embedded and approver.via == "local":
                raise Denied(_OPERATOR)
            return False
        if await self.may_decide_alone(connection, approver):
            return True
        raise Denied(_OWN)

    def _approves(self, actor: Actor) -> bool:
        return actor.via == "local" or not actor.roles.isdisjoint(self._approving())

    async def _has_others(self, connection: AsyncConnection, actor: Actor) -> bool:
        own = forms_of(actor.persons)
        return any(not one & own for one in await self._persons(connection))

    async def _persons(self, connection: AsyncConnection) -> list[frozenset[str]]:
        """The persons with an approving role; each group that gives one counts as a person."""
        approving = set(self._approving())
        found = {
            key.owner or OPERATOR
            for key in await self._keys(connection)
            if approving & set(key.roles)
        }
        for issuer in await self._issuers(connection):
            found |= {
                f"{issuer.name}:{group}"
                for group, role in issuer.roles.items()
                if role in approving
            }
        return distinct_names(found)
