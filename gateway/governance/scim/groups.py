"""Groups as SCIM creates, changes and removes them: kept and shown, no source of rights."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from scim2_models import Context, InvalidValueException, NotFoundException, PatchOp
from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.persons.tables import person, person_group, person_group_member
from gateway.governance.scim.patches import unfolded
from gateway.governance.scim.resources import POLICY, Group, Member
from gateway.governance.scim.users import ScimUsers
from gateway.storage.database import Database

_MAX_MEMBERS = 20_000
_BATCH = 5_000
Members = dict[str, list[Member]]


class ScimGroups:
    """The resource type ``Group``."""

    def __init__(self, database: Database, journal: Journal, users: ScimUsers) -> None:
        self._database = database
        self._journal = journal
        self._users = users

    async def create(self, actor: Actor, payload: Any, *, now: float) -> Group:
        """Create a group.

        Raises:
            InvalidValueException: when a member does not exist.
        """
        wanted = Group.model_validate(
            payload, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
        )
        wanted.id = f"g_{secrets.token_hex(8)}"
        async with self._database.write() as connection:
            issuer = await self._users.issuer_of(connection, actor)
            row = {"id": wanted.id, "issuer": issuer.name, "created": now}
            await connection.execute(insert(person_group).values(**row, **_columns(wanted, now)))
            await _store_members(connection, issuer.name, wanted.id, set(), _ids(wanted))
            await self._record(connection, actor, "create", wanted, issuer.name)
            return await _read(connection, wanted.id)

    async def get(self, actor: Actor, identity: str, *, with_members: bool = True) -> Group:
        """One group.

        Raises:
            NotFoundException: when there is no such group.
        """
        async with self._database.read() as connection:
            await self._found(connection, actor, identity)
            return await _read(connection, identity, with_members=with_members)

    async def find(
        self,
        actor: Actor,
        conditions: Sequence[ColumnElement[bool]],
        *,
        offset: int,
        limit: int,
        with_members: bool,
    ) -> tuple[list[Group], int]:
        """Some of the groups that meet all conditions, and how many there are."""
        async with self._database.read() as connection:
            issuer = await self._users.issuer_of(connection, actor)
            where = (*conditions, person_group.c.issuer == issuer.name)
            counted = select(func.count()).select_from(person_group).where(*where)
            total = int((await connection.execute(counted)).scalar_one())
            query = select(person_group).where(*where).order_by(person_group.c.created)
            rows = (await connection.execute(query.offset(offset).limit(limit))).all()
            members = await _members(connection, [r.id for r in rows]) if with_members else {}
        return [_group_of(row, members.get(row.id, [])) for row in rows], total

    async def replace(self, actor: Actor, identity: str, payload: Any, *, now: float) -> Group:
        """Replace a group (PUT).

        Raises:
            NotFoundException: when there is no such group.
            InvalidValueException: when a member does not exist.
        """
        wanted = Group.model_validate(
            payload, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
        )

        def change(current: Group) -> Group:
            wanted.replace(current)
            return wanted

        return await self._change(actor, identity, change, now=now)

    async def patch(self, actor: Actor, identity: str, payload: Any, *, now: float) -> Group:
        """Change a group (PATCH).

        Raises:
            NotFoundException: when there is no such group.
            InvalidValueException: when a member does not exist.
        """
        patch = PatchOp[Group].model_validate(
            unfolded(payload), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
        )

        def change(current: Group) -> Group:
            patch.patch(current, scim_policy=POLICY)
            return current

        return await self._change(actor, identity, change, now=now)

    async def delete(self, actor: Actor, identity: str) -> None:
        """Remove a group.

        Raises:
            NotFoundException: when there is no such group.
        """
        async with self._database.write() as connection:
            issuer = await self._found(connection, actor, identity)
            group = await _read(connection, identity, with_members=False)
            for table, column in (
                (person_group_member, person_group_member.c.group_id),
                (person_group, person_group.c.id),
            ):
                await connection.execute(delete(table).where(column == identity))
            await self._record(connection, actor, "delete", group, issuer)

    async def _change(
        self, actor: Actor, identity: str, change: Callable[[Group], Group], *, now: float
    ) -> Group:
        async with self._database.write() as connection:
            issuer = await self._found(connection, actor, identity)
            before = await _read(connection, identity)
            had, shown = _ids(before), _columns(before, now)
            after = change(before)
            wanted = _ids(after)
            if (had, shown) != (wanted, _columns(after, now)):
                await connection.execute(
                    update(person_group)
                    .where(person_group.c.id == identity)
                    .values(**_columns(after, now))
                )
                await _store_members(connection, issuer, identity, had, wanted)
                after.id = identity
                await self._record(
                    connection,
                    actor,
                    "change",
                    after,
                    issuer,
                    added=len(wanted - had),
                    removed=len(had - wanted),
                )
            return await _read(connection, identity)

    async def _found(self, connection: AsyncConnection, actor: Actor, identity: str) -> str:
        """The name of the issuer of a group."""
        issuer = await self._users.issuer_of(connection, actor)
        query = select(person_group.c.id).where(
            person_group.c.id == identity, person_group.c.issuer == issuer.name
        )
        if (await connection.execute(query)).first() is None:
            raise NotFoundException(detail="There is no such group.")
        return issuer.name

    async def _record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        action: str,
        group: Group,
        issuer: str,
        **counts: int,
    ) -> None:
        await self._journal.record(
            connection,
            actor,
            f"control:group:{action}",
            group=group.id,
            group_name=group.display_name,
            issuer=issuer,
            members_added=counts.get("added"),
            members_removed=counts.get("removed"),
        )


def _columns(group: Group, now: float) -> dict[str, Any]:
    name = str(group.display_name)
    return {
        "external_id": group.external_id,
        "display_name": name,
        "display_key": name.casefold(),
        "changed": now,
    }


def _ids(group: Group) -> set[str]:
    members = group.members or []
    if len(members) > _MAX_MEMBERS:
        raise InvalidValueException(detail=f"A group has at most {_MAX_MEMBERS} members.")
    return {str(member.value) for member in members}


async def _store_members(
    connection: AsyncConnection, issuer: str, group: str, had: set[str], wanted: set[str]
) -> None:
    added, removed = sorted(wanted - had), sorted(had - wanted)
    for start in range(0, len(added), _BATCH):
        part = added[start : start + _BATCH]
        query = select(person.c.id).where(
            person.c.id.in_(part), person.c.issuer == issuer, person.c.deleted.is_(None)
        )
        known = set((await connection.execute(query)).scalars())
        if len(known) < len(part):
            raise InvalidValueException(detail="A member is no person of this service.")
        rows = [{"group_id": group, "person_id": one} for one in part]
        await connection.execute(insert(person_group_member), rows)
    for start in range(0, len(removed), _BATCH):
        part = removed[start : start + _BATCH]
        await connection.execute(
            delete(person_group_member).where(
                person_group_member.c.group_id == group,
                person_group_member.c.person_id.in_(part),
            )
        )


async def _read(connection: AsyncConnection, identity: str, *, with_members: bool = True) -> Group:
    query = select(person_group).where(person_group.c.id == identity)
    row = (await connection.execute(query)).one()
    members = await _members(connection, [identity]) if with_members else {}
    return _group_of(row, members.get(identity, []))


async def _members(connection: AsyncConnection, groups: Sequence[str]) -> Members:
    query = (
        select(person_group_member)
        .where(person_group_member.c.group_id.in_(groups))
        .order_by(person_group_member.c.person_id)
    )
    found: Members = {}
    for row in await connection.execute(query):
        member = Member(value=row.person_id, ref=None)
        found.setdefault(row.group_id, []).append(member)
    return found


def _group_of(row: Row[Any], members: list[Member]) -> Group:
    return Group(
        id=row.id,
        external_id=row.external_id,
        display_name=row.display_name,
        members=members or None,
    )
