"""The persons who may be asked: those on record, and the owners of administrators' keys."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key
from gateway.governance.persons.records import Person, referenced
from gateway.governance.proposals.asked import Approver

Keys = Callable[[AsyncConnection], Awaitable[Sequence[Key]]]


async def find_approver(
    connection: AsyncConnection, reference: str, keys: Keys, *, now: float
) -> Approver:
    """The person who is called so, with the roles of the last sign-on and of their keys.

    ``keys`` gives the keys, with those of leavers marked as blocked.

    Raises:
        InvalidRequest: when no active person, or more than one, is called so.
    """
    one, refusal = None, None
    try:
        one = await referenced(connection, reference)
    except InvalidRequest as error:
        refusal = error
    owned = [
        key
        for key in await keys(connection)
        if key.kind == "admin" and _is_usable(key, now) and _is_owner(key, reference, one)
    ]
    roles = frozenset(role for key in owned for role in key.roles)
    if one is not None and one.active and one.deleted is None:
        known = {one.id, one.principal or one.id}
        names = one.login_names | {name.casefold() for name in known}
        return Approver(one.id, one.label, frozenset(names), one.roles | roles)
    if one is None and owned:
        owner = str(owned[0].owner)
        return Approver(owner.casefold(), owner, frozenset({owner.casefold()}), roles)
    raise refusal or InvalidRequest("This person has left.", code="not_found", param="persons")


def _is_usable(key: Key, now: float) -> bool:
    return not key.blocked and (key.expires is None or key.expires > now)


def _is_owner(key: Key, reference: str, one: Person | None) -> bool:
    if one is not None:
        return one.is_called(key.owner)
    return key.owner is not None and key.owner.casefold() == reference.casefold()
