"""Cut-offs in the database: the state that both planes refuse by.

Beside the keys of ``gateway.identity.cut_offs`` the table has those by which the owner of a key is
recognised: the id of the person, and pseudonyms of their names. These stay here; a snapshot marks
the keys as blocked instead.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.principal import SignOn
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Key, ScimSetting
from gateway.governance.persons.records import Person
from gateway.governance.persons.tables import cut_off, logout_token
from gateway.identity.cut_offs import CutOffs, name_key, subject_key

PERSON_PREFIX = "p_"
_OWNER_PREFIX = "o_"
_NOT_IN_SNAPSHOT = (PERSON_PREFIX, _OWNER_PREFIX)
_BATCH = 5_000  # PostgreSQL takes 32,767 parameters in a statement
_END = text(
    "INSERT INTO cut_off (key, not_before, person, until) "
    "VALUES (:key, :not_before, :person, :until) "
    "ON CONFLICT (key) DO UPDATE SET not_before = excluded.not_before, person = excluded.person, "
    "until = excluded.until WHERE cut_off.not_before IS NOT NULL "
    "AND (excluded.not_before IS NULL OR excluded.not_before >= cut_off.not_before)"
)


async def end(
    connection: AsyncConnection,
    keys: Iterable[str],
    *,
    not_before: int | None,
    person: str | None = None,
    until: float | None = None,
) -> None:
    """Cut off what was issued at or before an epoch second, or for good with None.

    A cut-off never gets earlier. It is removed at ``until`` (epoch seconds), if given.
    """
    rows = [
        {"key": key, "not_before": not_before, "person": person, "until": until} for key in keys
    ]
    await connection.execute(_END, rows)


async def release(connection: AsyncConnection, keys: Iterable[str]) -> None:
    """Remove the cut-offs of keys."""
    await connection.execute(delete(cut_off).where(cut_off.c.key.in_(list(keys))))


async def release_person(connection: AsyncConnection, person: str, keys: Iterable[str]) -> None:
    """Remove the cut-offs of these keys, and all that were made when a person left."""
    await release(connection, keys)
    await connection.execute(
        delete(cut_off).where(cut_off.c.person == person, cut_off.c.not_before.is_(None))
    )


async def purge(connection: AsyncConnection, now: float) -> None:
    """Remove the cut-offs, and the memory of logout tokens, whose time is over."""
    for table in (cut_off, logout_token):
        await connection.execute(delete(table).where(table.c.until < now))


async def find(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, int | None]:
    """The cut-offs among these keys."""
    found: dict[str, int | None] = {}
    for start in range(0, len(keys), _BATCH):
        query = select(cut_off.c.key, cut_off.c.not_before).where(
            cut_off.c.key.in_(keys[start : start + _BATCH])
        )
        found |= {row.key: row.not_before for row in await connection.execute(query)}
    return found


async def of_others(connection: AsyncConnection, keys: Iterable[str], person: str) -> bool:
    """Whether another person was cut off for good under one of these keys."""
    query = select(cut_off.c.key).where(
        cut_off.c.key.in_(list(keys)), cut_off.c.not_before.is_(None), cut_off.c.person != person
    )
    return (await connection.execute(query)).first() is not None


async def reason_for(connection: AsyncConnection, sign_on: SignOn) -> str | None:
    """Why a sign-on was ended, for the person; None while it is in force."""
    return CutOffs(await find(connection, sign_on.keys)).reason(sign_on)


async def of_snapshot(connection: AsyncConnection) -> dict[str, int | None]:
    """All cut-offs that tokens are refused by."""
    prefix = func.substr(cut_off.c.key, 1, 2)
    query = select(cut_off.c.key, cut_off.c.not_before).where(prefix.not_in(_NOT_IN_SNAPSHOT))
    return {row.key: row.not_before for row in await connection.execute(query)}


def keys_of(pepper: bytes, person: Person, scim: ScimSetting | None) -> set[str]:
    """All keys by which the tokens of a person, and the keys that they own, are recognised."""
    keys = {person.id}
    if person.principal:
        keys.add(person.principal)
    if subject := linked_subject(person, scim):
        keys.add(subject_key(pepper, person.issuer, subject))
    for name in person.login_names:
        keys |= {name_key(pepper, person.issuer, name), _owner_key(pepper, name)}
    return keys


def linked_subject(person: Person, scim: ScimSetting | None) -> str | None:
    """The subject of a person's tokens, where an attribute of SCIM states it."""
    if scim is None:
        return None
    return {"externalId": person.external_id, "userName": person.user_name}.get(scim.subject)


async def mark_blocked(
    connection: AsyncConnection, keys: Sequence[Key], pepper: bytes
) -> list[Key]:
    """The keys, with those of owners who have left marked as blocked."""
    for_good = select(cut_off.c.key).where(cut_off.c.not_before.is_(None))
    left = set((await connection.execute(for_good)).scalars())
    if not left:
        return list(keys)
    owners = {key.owner for key in keys if key.owner}
    blocked = {owner for owner in owners if left & {owner, _owner_key(pepper, owner)}}
    return [
        msgspec.structs.replace(key, blocked=True) if key.owner in blocked else key for key in keys
    ]


def _owner_key(pepper: bytes, name: str) -> str:
    return _OWNER_PREFIX + pseudonym(pepper, "owner", name.strip().casefold())
