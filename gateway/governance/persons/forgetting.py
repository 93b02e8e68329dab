"""Forgetting: who left long ago, or asked for it, is no longer readable.

The names, addresses and groups of the record go. Its id and its cut-offs stay, which name no one:
tokens and owned keys stay refused. The record of an active person stays, as the identity provider
is its source.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from sqlalchemy import delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import TENANT
from gateway.governance.actor import Actor
from gateway.governance.holds.service import Holds, OnHold
from gateway.governance.journal import Journal
from gateway.governance.persons import records
from gateway.governance.persons.hand_over import KIND as KEY_HAND_OVER
from gateway.governance.persons.records import Person
from gateway.governance.persons.service import KIND as PERSON_REACTIVATE
from gateway.governance.persons.tables import person, person_group_member
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal, proposal_reviewer
from gateway.governance.saved_views.tables import saved_view
from gateway.privacy import identifier
from gateway.storage.database import Database

ACTOR = Actor("system:expiry", "expiry", frozenset({"system"}), "local")
KEPT_S = 366 * 86_400  # after the last day, as the entries that name the person


class Forgetting:
    """Takes the readable part of the records of leavers away."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        holds: Holds,
        *,
        pepper: bytes,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._holds = holds
        self._pepper = pepper
        self._wall = wall

    async def run(self) -> None:
        """Forget who left more than a year ago, unless a legal hold covers them."""
        before = self._wall() - KEPT_S
        async with self._database.write() as connection:
            due = await records.find_all(
                connection,
                person.c.active.is_(False),
                person.c.deactivated_at < before,
                or_(
                    person.c.emails != "[]",
                    person.c.display_name.is_not(None),
                    person.c.user_name.is_not(None),
                ),
            )
            free = [one for one in due if not await self._is_held(connection, one)]
            await self._forget(connection, free, held=len(due) - len(free))

    async def erase(self, names: Mapping[str, int]) -> None:
        """Forget leavers by keyed identifiers, each up to a time (epoch milliseconds)."""
        if not names:
            return
        async with self._database.read() as connection:
            left = await records.find_all(connection, person.c.active.is_(False))
        found = [
            one
            for one in left
            if any(one.created * 1000 <= names.get(name, -1) for name in self._identifiers(one))
        ]
        if found:
            async with self._database.write() as connection:
                await self._forget(connection, found)

    async def _forget(
        self, connection: AsyncConnection, found: Collection[Person], *, held: int = 0
    ) -> None:
        if not found:
            return
        now = self._wall()
        for one in found:
            blank = replace(
                one,
                external_id=None,
                user_name=None,
                emails=(),
                display_name=None,
                names=None,
                roles=frozenset(),
                changed=now,
                deleted=one.deleted or now,
            )
            await records.store(connection, blank)
            await connection.execute(
                delete(person_group_member).where(person_group_member.c.person_id == one.id)
            )
            await connection.execute(
                update(proposal)
                .where(
                    proposal.c.kind.in_((PERSON_REACTIVATE, KEY_HAND_OVER)),
                    proposal.c.document.like(f'%"{one.id}"%'),
                )
                .values(subject=one.id)
            )
            await connection.execute(
                update(proposal_reviewer)
                .where(proposal_reviewer.c.name == one.id)
                .values(label=one.id, persons=f'["{one.id}"]')
            )
            names = {name.casefold() for name in (one.id, one.principal) if name}
            await connection.execute(
                delete(saved_view).where(saved_view.c.owner.in_(names | one.login_names))
            )
            await _forget_in_changes(connection, one)
        await self._journal.record(
            connection, ACTOR, "control:person:forget", subjects=len(found), held=held or None
        )

    async def _is_held(self, connection: AsyncConnection, one: Person) -> bool:
        try:
            await self._holds.check_erasable(connection, self._identifiers(one))
        except OnHold:
            return True
        return False

    def _identifiers(self, one: Person) -> set[str]:
        values = [("EMAIL", name) for name in one.login_names]
        if one.display_name:
            values.append(("PERSON", one.display_name))
        named = {identifier(self._pepper, TENANT, type_, value) for type_, value in values}
        return {name for name in named if name}


async def _forget_in_changes(connection: AsyncConnection, one: Person) -> None:
    """Take the differences out of decided proposals that name a person, as the owner of a key."""
    for name in one.login_names:
        named = func.lower(proposal.c.lines).contains(name, autoescape=True)
        await connection.execute(
            update(proposal)
            .where(proposal.c.state != PENDING, named)
            .values(subject=one.id, lines="[]", document="[]")
        )
