"""Persons as the API shows them: with their groups and the keys that they own."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.keys.store import list_active
from gateway.governance.persons.records import Person
from gateway.governance.persons.schemas import PersonResponse
from gateway.governance.persons.tables import person_group, person_group_member

_COLLECTED = {"state", "roles", "groups", "keys", "principal"}


async def described(
    connection: AsyncConnection, found: Sequence[Person], *, hidden: bool = False
) -> list[PersonResponse]:
    """The persons, described; while they are ``hidden``, without what entries know them by."""
    groups = await _groups_of(connection, [one.id for one in found])
    keys = await list_active(connection)
    plain = [name for name in PersonResponse.model_fields if name not in _COLLECTED]
    return [
        PersonResponse(
            **{name: getattr(one, name) for name in plain},
            state=_state_of(one),
            principal=None if hidden else one.principal,
            roles=sorted(one.roles),
            groups=groups.get(one.id, []),
            keys=[key.id for key in keys if one.is_called(key.owner)],
        )
        for one in found
    ]


def _state_of(one: Person) -> str:
    if one.deleted is not None:
        return "deleted"
    return "active" if one.active else "deactivated"


async def _groups_of(
    connection: AsyncConnection, identities: Sequence[str]
) -> dict[str, list[str]]:
    query = (
        select(person_group_member.c.person_id, person_group.c.display_name)
        .join(person_group, person_group.c.id == person_group_member.c.group_id)
        .where(person_group_member.c.person_id.in_(identities))
        .order_by(person_group.c.display_name)
    )
    found: dict[str, list[str]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.person_id, []).append(row.display_name)
    return found
