"""API keys: issued, listed, revoked. The secret of a key is shown once and never stored."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Insert, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import document_of, kind_of_key
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.level import Level
from gateway.core.snapshot import Key
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.edits import FILE, Edit, Submitted
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys.schemas import KeyResponse
from gateway.governance.keys.tables import api_key
from gateway.storage.database import Database

Submit = Callable[..., Awaitable[Submitted]]
_ISSUED = "issued"
_DAY_S = 86_400
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to issue; ``days`` is its time to live, at most 365."""

    name: str
    kind: str = "app"
    team: str | None = None
    models: Sequence[str] = ()
    purposes: Sequence[str] = ()
    roles: Sequence[str] = ()
    clearance: str = "confidential"
    floor: str = "internal"
    strict: bool = False
    days: int = 90
    owner: str | None = None


class Keys:
    """Issues, lists and revokes keys."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        submit: Submit,
        permissions: Permissions,
        *,
        digest: Callable[[str], str],
        wall: Callable[[], float],
    ) -> None:
        """``digest`` is the keyed hash of a secret; ``wall`` is epoch seconds.

        ``submit`` makes the edit of a key, or proposes it.
        """
        self._database = database
        self._journal = journal
        self._governed = governed
        self._submit = submit
        self._permissions = permissions
        self._digest = digest
        self._wall = wall

    async def create(self, new: NewKey, actor: Actor) -> tuple[Key, str, Submitted]:
        """Issue a key; gives it with its secret, which is not stored, and what became of it.

        The key of an administrator, with a high clearance or with a low floor waits for another
        person. Its secret works from the approval on.

        Raises:
            InvalidRequest: when a value is out of range, or a name does not exist; it lists those
                that do.
        """
        self._permissions.check_roles(new.roles)
        if not 1 <= new.days <= MAX_DAYS:
            raise InvalidRequest(f"A key lives between 1 and {MAX_DAYS} days.", param="days")
        key_id = secrets.token_hex(4)
        secret = f"sluis_{key_id}_{secrets.token_urlsafe(32)}"
        try:
            Level.parse(new.clearance)
            Level.parse(new.floor)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        key = Key(
            id=f"k_{key_id}",
            name=new.name,
            digest=self._digest(secret),
            kind=new.kind,
            team=new.team,
            models=list(new.models),
            purposes=list(new.purposes),
            roles=list(new.roles),
            clearance=new.clearance,
            floor=new.floor,
            strict=new.strict,
            expires=int(self._wall()) + new.days * _DAY_S,
            owner=new.owner,
            issued_by=actor.person or actor.id,
        )
        edit = Edit(kind_of_key(key.kind), key.id, document_of(key))
        async with self._database.write() as connection:
            await _check_known(connection, ["team"], [new.team] if new.team else [])
            await _check_known(connection, ["use_case"], new.purposes)
            await _check_known(connection, ["alias", "deployment"], new.models, "models")
            await self._journal.record(
                connection,
                actor,
                "control:key:create",
                key=key.id,
                key_name=key.name,
                clearance=key.clearance,
                floor=key.floor,
                roles_of_key=key.roles or None,
                owner=key.owner,
                team_of_key=key.team,
                kind=key.kind,
                expires=key.expires,
            )
            done = await self._submit(connection, [edit], actor, door=actor.via)
        return key, secret, done

    async def revoke(self, reference: str, actor: Actor) -> str:
        """Revoke the key with that id or name; gives its id.

        Raises:
            InvalidRequest: when there is no such key, or it was revoked before.
        """
        named = (api_key.c.id == reference) | (api_key.c.name == reference)
        active = select(api_key.c.id).where(named, api_key.c.revoked.is_(None))
        async with self._database.write() as connection:
            found = (await connection.execute(active)).scalars().all()
            if len(found) != 1:
                raise InvalidRequest(
                    f"{len(found)} live keys are called {reference!r}; use the key's id.",
                    code="not_found",
                )
            async with self._governed.change(connection, actor, Basis.one(actor)):
                await connection.execute(
                    update(api_key).where(api_key.c.id == found[0]).values(revoked=self._wall())
                )
            await self._journal.record(connection, actor, "control:key:revoke", key=found[0])
        return str(found[0])

    async def list(self) -> Sequence[KeyResponse]:
        """All keys, also revoked ones, oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(api_key).order_by(api_key.c.created))).all()
        return [
            KeyResponse(
                **msgspec.structs.asdict(msgspec.json.decode(row.document, type=Key)),
                source=row.source,
                created=row.created,
                revoked=row.revoked,
            )
            for row in rows
        ]


async def list_active(connection: AsyncConnection) -> list[Key]:
    """The keys that are not revoked, in the order of their ids."""
    rows = await connection.execute(
        select(api_key.c.document).where(api_key.c.revoked.is_(None)).order_by(api_key.c.id)
    )
    return [msgspec.json.decode(row.document, type=Key) for row in rows]


async def recheck(connection: AsyncConnection, actor: Actor) -> Actor:
    """The actor with those of its roles that its key still has.

    Raises:
        Denied: when the key was revoked since the request began.
    """
    if actor.via != "api":
        return actor
    for key in await list_active(connection):
        if key.id == actor.id:
            return replace(actor, roles=actor.roles & frozenset(key.roles))
    raise Denied("This key was revoked.")


async def write_key(connection: AsyncConnection, edit: Edit) -> None:
    """Store a key, in place of the one with its id; without a document, revoke it.

    A key of sluis.yaml that is no longer in the file is deleted, so that it may come back.
    """
    same = api_key.c.id == edit.name
    source = FILE if edit.source == FILE else _ISSUED
    if edit.document is None and source == FILE:
        await connection.execute(delete(api_key).where(same))
        return
    if edit.document is None:
        await connection.execute(update(api_key).where(same).values(revoked=time.time()))
        return
    key = msgspec.convert(edit.document, type=Key)
    found = (await connection.execute(select(api_key.c.created).where(same))).first()
    await connection.execute(delete(api_key).where(same))
    created = found.created if found else time.time()
    await connection.execute(_insertion(key, source=source, created=created))


async def configured(connection: AsyncConnection) -> list[Key]:
    """The keys of sluis.yaml that are not revoked."""
    of_file = (api_key.c.source == FILE) & api_key.c.revoked.is_(None)
    rows = await connection.execute(select(api_key.c.document).where(of_file))
    return [msgspec.json.decode(row.document, type=Key) for row in rows]


async def revoked_digests(connection: AsyncConnection) -> set[str]:
    """The digests of revoked keys, which stay revoked until they get another secret."""
    query = select(api_key.c.digest).where(api_key.c.revoked.is_not(None))
    return set((await connection.execute(query)).scalars())


def _insertion(key: Key, *, source: str, created: float) -> Insert:
    return insert(api_key).values(
        id=key.id,
        name=key.name,
        digest=key.digest,
        source=source,
        created=created,
        document=msgspec.json.encode(key).decode(),
    )


async def _check_known(
    connection: AsyncConnection, kinds: Sequence[str], names: Sequence[str], param: str = ""
) -> None:
    if not names:
        return
    rows = await connection.execute(select(catalogue.c.name).where(catalogue.c.kind.in_(kinds)))
    known = set(rows.scalars())
    for name in names:
        if name not in known:
            what, listed = " or ".join(kinds), ", ".join(sorted(known)) or "none"
            message = f"There is no {what} {name!r}; known: {listed}."
            raise InvalidRequest(message, param=param or kinds[0])
