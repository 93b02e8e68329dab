"""Persons as SCIM creates, changes and removes them.

``active: false`` and a removal end the access of a person at once. ``active: true`` of a person who
had left is a proposal: the provider's view is stored and answered, and the person stays blocked
until another person approves.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from scim2_models import Context, NotFoundException, PatchOp, UniquenessException
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied
from gateway.core.snapshot import Issuer
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.persons import cut_offs, records
from gateway.governance.persons.records import Person
from gateway.governance.persons.service import Persons, new_id
from gateway.governance.persons.tables import person, person_group, person_group_member
from gateway.governance.proposals.service import Proposals
from gateway.governance.scim.patches import unfolded
from gateway.governance.scim.resources import POLICY, PersonEmail, PersonGroup, PersonName, User
from gateway.storage.database import Database

_REASON = "SCIM"
Groups = dict[str, list[PersonGroup]]


class ScimUsers:
    """The resource type ``User``."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        persons: Persons,
        proposals: Proposals,
        publish: Callable[[], Awaitable[object]],
    ) -> None:
        """``publish`` brings a change of access to the gateways."""
        self._database = database
        self._journal = journal
        self._persons = persons
        self._proposals = proposals
        self._publish = publish

    async def issuer_of(self, connection: AsyncConnection, actor: Actor) -> Issuer:
        """The issuer whose persons a client provisions.

        Raises:
            Denied: when no issuer takes persons from this client, or more than one does.
        """
        found = [
            issuer
            for issuer in await self._persons.issuers(connection)
            if issuer.scim and issuer.scim.client in {None, actor.name, actor.id}
        ]
        if len(found) != 1:
            raise Denied(
                f"{len(found) or 'No'} issuers in sluis.yaml take persons from this SCIM client: "
                "set 'scim' of one issuer, with 'client' where several have it."
            )
        return found[0]

    async def create(self, actor: Actor, payload: Any) -> User:
        """Create a person. One who signed on before is adopted; one who had left stays blocked.

        Raises:
            UniquenessException: when the user name or the external id is taken.
        """
        wanted = User.model_validate(
            payload, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
        )
        now = self._persons.now()
        async with self._database.write() as connection:
            issuer = await self.issuer_of(connection, actor)
            new = _changed(Person(new_id(), issuer.name, records.SCIM, now, now), wanted, now)
            await _check_unique(connection, new)
            known = await self._known(connection, new)
            left = await self._persons.is_cut_off(connection, new)
            if known is not None:
                new = replace(_changed(known, wanted, now), source=records.SCIM, active=not left)
                await records.store(connection, new)
            else:
                # Who begins later is not active yet, and has not left.
                active = new.provided_active is not False and not left
                new = replace(new, active=active, deactivated_at=now if left else None)
                await records.create(connection, new)
            await self._journal.record(
                connection,
                actor,
                "control:person:create",
                of_person=new.id,
                person_name=new.label,
                issuer=new.issuer,
                source=new.source,
            )
            stored = await self._follow(connection, new, actor)
        await self._after(new, stored, actor)
        return user_of(stored, [])

    async def get(self, actor: Actor, identity: str) -> User:
        """One person.

        Raises:
            NotFoundException: when there is no such person.
        """
        async with self._database.read() as connection:
            found = await self._found(connection, actor, identity)
            return user_of(found, (await groups_of(connection, [found.id])).get(found.id, []))

    async def find(
        self, actor: Actor, conditions: Sequence[ColumnElement[bool]], *, offset: int, limit: int
    ) -> tuple[list[User], int]:
        """Some of the persons that meet all conditions, and how many there are."""
        async with self._database.read() as connection:
            issuer = await self.issuer_of(connection, actor)
            found, total = await records.page(
                connection,
                *conditions,
                person.c.issuer == issuer.name,
                person.c.source == records.SCIM,
                person.c.deleted.is_(None),
                offset=offset,
                limit=limit,
            )
            groups = await groups_of(connection, [one.id for one in found])
        return [user_of(one, groups.get(one.id, [])) for one in found], total

    async def replace(self, actor: Actor, identity: str, payload: Any) -> User:
        """Replace a person (PUT).

        Raises:
            NotFoundException: when there is no such person.
        """
        wanted = User.model_validate(
            payload, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
        )

        def change(current: User) -> User:
            wanted.replace(current)
            return wanted

        return await self._change(actor, identity, change)

    async def patch(self, actor: Actor, identity: str, payload: Any) -> User:
        """Change a person (PATCH).

        Raises:
            NotFoundException: when there is no such person.
        """
        patch = PatchOp[User].model_validate(
            unfolded(payload), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
        )

        def change(current: User) -> User:
            patch.patch(current, scim_policy=POLICY)
            return current

        return await self._change(actor, identity, change)

    async def delete(self, actor: Actor, identity: str) -> None:
        """Remove a person. Their access ends; their keys stay, blocked.

        Raises:
            NotFoundException: when there is no such person.
        """
        now = self._persons.now()
        async with self._database.write() as connection:
            found = await self._found(connection, actor, identity)
            if found.active:
                found = await self._persons.deactivate_within(
                    connection, found, actor, reason=_REASON
                )
            await records.store(connection, replace(found, deleted=now, changed=now))
            await connection.execute(
                delete(person_group_member).where(person_group_member.c.person_id == found.id)
            )
            await self._journal.record(
                connection,
                actor,
                "control:person:delete",
                of_person=found.id,
                person_name=found.label,
                issuer=found.issuer,
            )
        await self._publish()

    async def _change(self, actor: Actor, identity: str, change: Callable[[User], User]) -> User:
        now = self._persons.now()
        async with self._database.write() as connection:
            before = await self._found(connection, actor, identity)
            groups = (await groups_of(connection, [before.id])).get(before.id, [])
            after = _changed(before, change(user_of(before, groups)), now)
            await _check_unique(connection, after)
            if changed := _differences(before, after):
                await records.store(connection, after)
                await self._journal.record(
                    connection,
                    actor,
                    "control:person:change",
                    of_person=after.id,
                    person_name=after.label,
                    issuer=after.issuer,
                    changed=changed,
                )
                after = await self._follow(connection, after, actor)
        await self._after(before, after, actor)
        return user_of(after, groups)

    async def _follow(self, connection: AsyncConnection, stored: Person, actor: Actor) -> Person:
        """Bring what is in force after what the provider says, as far as no one must approve."""
        issuer = await self.issuer_of(connection, actor)
        subject = cut_offs.linked_subject(stored, issuer.scim)
        if subject and not stored.principal:
            stored = replace(stored, principal=self._persons.principal(issuer.name, subject))
            await records.store(connection, stored)
        if stored.provided_active is False and stored.active:
            return await self._persons.deactivate_within(connection, stored, actor, reason=_REASON)
        if stored.active:
            return stored
        if stored.provided_active is not False and stored.deactivated_at is None:
            return await self._persons.begin_within(connection, stored)
        await self._persons.cut_off_for_good(connection, stored)
        return stored

    async def _after(self, before: Person, after: Person, actor: Actor) -> None:
        """Propose what needs another person, and tell the gateways what has ended."""
        if after.provided_active is not False and not after.active:
            await self._persons.propose_reactivation(after, actor, self._proposals, reason=_REASON)
        if not after.active or before.active != after.active:
            await self._publish()

    async def _found(self, connection: AsyncConnection, actor: Actor, identity: str) -> Person:
        issuer = await self.issuer_of(connection, actor)
        found = await records.find_all(
            connection,
            person.c.id == identity,
            person.c.issuer == issuer.name,
            person.c.source == records.SCIM,
            person.c.deleted.is_(None),
        )
        if not found:
            raise NotFoundException(detail="There is no such person.")
        return found[0]

    async def _known(self, connection: AsyncConnection, new: Person) -> Person | None:
        """The record of somebody who signed on before SCIM knew them."""
        names = new.login_names
        found = await records.find_all(
            connection,
            person.c.issuer == new.issuer,
            person.c.source == records.SIGN_ON,
            person.c.deleted.is_(None),
            or_(person.c.user_name_key.in_(names), person.c.email_key.in_(names)),
        )
        return found[0] if len(found) == 1 else None


def user_of(stored: Person, groups: list[PersonGroup]) -> User:
    """The resource of a person; ``active`` is what the provider said."""
    return User(
        id=stored.id,
        external_id=stored.external_id,
        user_name=stored.user_name,
        name=PersonName(**stored.names) if stored.names else None,
        display_name=stored.display_name,
        active=stored.provided_active,
        emails=[PersonEmail(**one) for one in stored.emails] or None,
        groups=groups or None,
    )


async def groups_of(connection: AsyncConnection, identities: Sequence[str]) -> Groups:
    """The groups of persons, by the id of the person."""
    query = (
        select(
            person_group_member.c.person_id,
            person_group.c.id,
            person_group.c.display_name,
        )
        .join(person_group, person_group.c.id == person_group_member.c.group_id)
        .where(person_group_member.c.person_id.in_(identities))
        .order_by(person_group.c.display_name)
    )
    found: Groups = {}
    for row in await connection.execute(query):
        group = PersonGroup(value=row.id, display=row.display_name)
        found.setdefault(row.person_id, []).append(group)
    return found


def _changed(before: Person, wanted: User, now: float) -> Person:
    name = wanted.name
    names = name.model_dump(exclude_none=True) if name else {}
    return replace(
        before,
        external_id=wanted.external_id,
        user_name=wanted.user_name,
        emails=tuple(
            email.model_dump(exclude_none=True, by_alias=False) for email in wanted.emails or ()
        ),
        display_name=wanted.display_name,
        names=names,
        provided_active=wanted.active,
        changed=now,
    )


def _differences(before: Person, after: Person) -> list[str]:
    names = (
        "external_id",
        "user_name",
        "emails",
        "display_name",
        "names",
        "provided_active",
    )
    return [name for name in names if getattr(before, name) != getattr(after, name)]


async def _check_unique(connection: AsyncConnection, wanted: Person) -> None:
    taken = [person.c.user_name_key == str(wanted.user_name).casefold()]
    if wanted.external_id:
        taken.append(person.c.external_id == wanted.external_id)
    others = await records.find_all(
        connection,
        person.c.issuer == wanted.issuer,
        person.c.source == records.SCIM,
        person.c.deleted.is_(None),
        person.c.id != wanted.id,
        or_(*taken),
    )
    if others:
        raise UniquenessException(detail="userName or externalId is taken by another person.")
