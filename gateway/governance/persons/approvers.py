"""Who is left to approve: the rule that a change leaves someone who can approve changes."""

from collections.abc import Collection

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.changes.lock_out import WouldLockOut
from gateway.governance.keys.store import list_active
from gateway.governance.keys.tables import api_key
from gateway.governance.persons.cut_offs import mark_blocked
from gateway.governance.persons.records import Person
from gateway.governance.persons.tables import person


async def check_somebody_is_left(
    connection: AsyncConnection,
    actor: Actor,
    leaver: Person,
    *,
    approving: Collection[str],
    pepper: bytes,
    now: float,
) -> None:
    """Check that a person who deactivates themselves is not the last approver.

    Nothing is checked when another person deactivates: leaving always wins. ``approving`` are the
    roles that approve something.

    Raises:
        WouldLockOut: says what to do first.
    """
    if not await _is_self(connection, actor, leaver):
        return
    others = select(person.c.roles).where(
        person.c.active, person.c.deleted.is_(None), person.c.id != leaver.id
    )
    roles = {role for row in await connection.execute(others) for role in orjson.loads(row.roles)}
    keys = await mark_blocked(connection, await list_active(connection), pepper)
    for key in keys:
        expired = key.expires is not None and key.expires <= now
        if not (expired or key.blocked or key.kind == "app" or leaver.is_called(key.owner)):
            roles.update(key.roles)
    if not roles.intersection(approving):
        raise WouldLockOut(
            "You are the last person who can approve changes: after this no one could. Give "
            "another person an approving role first, or have another person deactivate you."
        )


async def _is_self(connection: AsyncConnection, actor: Actor, leaver: Person) -> bool:
    if leaver.is_called(actor.id):
        return True
    document = select(api_key.c.document).where(api_key.c.id == actor.id)
    row = (await connection.execute(document)).first()
    return row is not None and leaver.is_called(orjson.loads(row.document).get("owner"))
