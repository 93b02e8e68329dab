"""Stored keys: read and written within the transaction of a caller."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import document_of, document_of_key, kind_of_key
from gateway.approvals.references import GovernedKey, governed_key
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.kept_values import KeptValues
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.changes.edits import FILE, Edit
from gateway.governance.http.pages import WHOLE, PageQuery, no_such_page
from gateway.governance.keys.tables import api_key

DAY_S = 86_400
_AT_LEAST = 200  # rows that are read at once for a page
ISSUED = "issued"  # the source of keys that are not in sluis.yaml


class StoredKey(msgspec.Struct, frozen=True):
    """A key with what is known of it beside its document; times are epoch seconds."""

    key: Key
    source: str
    created: float
    revoked: float | None


async def put(connection: AsyncConnection, key: Key, *, source: str, now: float) -> None:
    """Store a key, or change the stored one."""
    values = {
        "name": key.name,
        "digest": key.digest,
        "document": msgspec.json.encode(key).decode(),
    }
    changed = await connection.execute(
        update(api_key).where(api_key.c.id == key.id).values(**values)
    )
    if not changed.rowcount:
        await connection.execute(
            insert(api_key).values(id=key.id, source=source, created=now, **values)
        )


async def find_live(connection: AsyncConnection, reference: str) -> StoredKey:
    """The key with that id or name which is not revoked.

    Raises:
        InvalidRequest: when there is none, or more than one of that name.
    """
    named = (api_key.c.id == reference) | (api_key.c.name == reference)
    found = (await connection.execute(select(api_key).where(named, _LIVE))).all()
    if len(found) != 1:
        raise InvalidRequest(
            f"{len(found)} live keys are called {reference!r}; use the key's id.",
            code="not_found",
        )
    return _stored(found[0])


async def revoke(connection: AsyncConnection, key: Key, *, now: float) -> None:
    """Revoke a key from ``now`` on (epoch seconds)."""
    await connection.execute(update(api_key).where(api_key.c.id == key.id).values(revoked=now))


async def list_all(connection: AsyncConnection) -> list[StoredKey]:
    """All keys, also revoked ones, oldest first."""
    rows = await connection.execute(select(api_key).order_by(api_key.c.created, api_key.c.id))
    return [_stored(row) for row in rows]


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """Which keys to list: of a team or owner, for a use case, or that expire within so many days.

    A key that names no use case may be used for each.
    """

    team: str | None = None
    owner: str | None = None
    purpose: str | None = None
    expiring_days: int | None = None
    page: PageQuery = WHOLE

    def holds(self, one: StoredKey, now: float) -> bool:
        """Whether a key is one of those; ``now`` is epoch seconds."""
        key, days = one.key, self.expiring_days
        return (
            self.team in (None, key.team)
            and self.owner in (None, key.owner)
            and (self.purpose is None or not key.purposes or self.purpose in key.purposes)
            and key.name.startswith(self.page.name_prefix)
            and (days is None or expires_within(one, now, days * DAY_S))
        )


async def list_page(
    connection: AsyncConnection, asked: KeyQuestion, *, now: float
) -> tuple[list[StoredKey], str | None]:
    """A page of keys, also revoked ones, oldest first, and the cursor of the next one.

    Raises:
        InvalidRequest: for a cursor that is of no page.
    """
    query, limit = _candidates(asked), asked.page.limit
    last = await _place_of(connection, asked.page.after) if asked.page.after else None
    found: list[StoredKey] = []
    while True:
        part = query if last is None else query.where(tuple_(*_ORDER) > tuple_(*last))
        if limit is not None:
            part = part.limit(max(limit + 1, _AT_LEAST))
        rows = (await connection.execute(part)).all()
        found += [one for one in map(_stored, rows) if asked.holds(one, now)]
        if limit is None or not rows:
            return found, None
        if len(found) > limit:  # there is one more than is shown, so there is a next page
            return found[:limit], found[limit - 1].key.id
        last = rows[-1].created, rows[-1].id


def _candidates(asked: KeyQuestion) -> Select[Any]:
    """What the database can tell of the question without reading JSON: at least what it asks."""
    query = select(api_key).order_by(*_ORDER)
    for value in (asked.team, asked.owner):
        if value is not None:
            as_json = msgspec.json.encode(value).decode()
            query = query.where(api_key.c.document.contains(as_json, autoescape=True))
    if prefix := asked.page.name_prefix:
        query = query.where(func.substr(api_key.c.name, 1, len(prefix)) == prefix)
    return query


async def _place_of(connection: AsyncConnection, cursor: str) -> tuple[float, str]:
    place = select(*_ORDER).where(api_key.c.id == cursor)
    row = (await connection.execute(place)).first()
    if row is None:
        raise no_such_page()
    return row.created, row.id


def expires_within(one: StoredKey, now: float, seconds: float) -> bool:
    """Whether a key works now and expires within so many seconds; ``now`` is epoch seconds."""
    expires = one.key.expires
    return one.revoked is None and expires is not None and now < expires <= now + seconds


async def list_active(connection: AsyncConnection) -> list[Key]:
    """The keys that are not revoked, in the order of their ids."""
    documents = (await connection.execute(_LIVE_DOCUMENTS)).scalars()
    return [msgspec.json.decode(document, type=Key) for document in documents]


class LiveKey(msgspec.Struct, frozen=True):
    """A key that is not revoked, and what it is among the governed objects."""

    key: Key
    governed: GovernedKey


class LiveKeys:
    """The keys that are not revoked; each is decoded once for as long as its row is the same."""

    def __init__(self) -> None:
        self._kept = KeptValues(_live)

    async def load(self, connection: AsyncConnection) -> list[LiveKey]:
        """They, in the order of their ids."""
        return self._kept.of((await connection.execute(_LIVE_DOCUMENTS)).scalars().all())

    async def list(self, connection: AsyncConnection) -> list[Key]:
        """The keys alone."""
        return [one.key for one in await self.load(connection)]


async def write_key(connection: AsyncConnection, edit: Edit) -> None:
    """Make the edit of a key; without a document, revoke it.

    A key of sluis.yaml that is no longer in the file is deleted, so that it may come back.
    """
    same = api_key.c.id == edit.name
    if edit.document is None and edit.source == FILE:
        await connection.execute(delete(api_key).where(same))
    elif edit.document is None:
        await connection.execute(update(api_key).where(same).values(revoked=time.time()))
    else:
        await connection.execute(delete(api_key).where(same, api_key.c.revoked.is_not(None)))
        key = msgspec.convert(edit.document, type=Key)
        source = FILE if edit.source == FILE else ISSUED
        await put(connection, key, source=source, now=time.time())


async def file_edits(
    connection: AsyncConnection, keys: Sequence[Key], warnings: list[str]
) -> list[Edit]:
    """The edits of the keys of sluis.yaml; a revoked one stays revoked until its secret changes."""
    revoked = select(api_key.c.digest).where(api_key.c.revoked.is_not(None))
    revoked_digests = set((await connection.execute(revoked)).scalars())
    edits = []
    for key in keys:
        if key.digest in revoked_digests:
            warnings.append(f"key {key.name}: it was revoked; give it another secret")
            continue
        edits.append(Edit(kind_of_key(key), key.id, document_of(key), FILE))
    wanted = {edit.name for edit in edits}
    configured = select(api_key).where(api_key.c.source == FILE, _LIVE)
    rows = (await connection.execute(configured)).all()
    gone = [_stored(row).key for row in rows if row.id not in wanted]
    return [*edits, *(Edit(kind_of_key(key), key.id, None, FILE) for key in gone)]


async def recheck(connection: AsyncConnection, actor: Actor, *, stopped: Collection[str]) -> Actor:
    """The actor with those of its roles that its key still has; ``stopped`` are ids of keys.

    Raises:
        Denied: when the key was revoked or stopped since the request began.
    """
    if actor.via != "api":
        return actor
    own = select(api_key).where(api_key.c.id == actor.id, _LIVE)
    row = (await connection.execute(own)).first()
    if row is None or row.id in stopped:
        raise Denied("This key was revoked or stopped.")
    return replace(actor, roles=actor.roles & frozenset(_stored(row).key.roles))


_ORDER = (api_key.c.created, api_key.c.id)
_LIVE = api_key.c.revoked.is_(None)
_LIVE_DOCUMENTS = select(api_key.c.document).where(_LIVE).order_by(api_key.c.id)


def _live(document: str) -> LiveKey:
    key = msgspec.json.decode(document, type=Key)
    return LiveKey(key, governed_key((kind_of_key(key), key.id), document_of_key(key)))


def _stored(row: Row[tuple[object, ...]]) -> StoredKey:
    key = msgspec.json.decode(row.document, type=Key)
    return StoredKey(key, row.source, row.created, row.revoked)
