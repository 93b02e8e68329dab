"""API keys: issued, listed, revoked. The secret of a key is shown once and never stored."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Insert, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.level import Level
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.catalogue.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys.schemas import KeyResponse
from gateway.governance.keys.tables import api_key
from gateway.storage.database import Database

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


class Keys:
    """Issues, lists and revokes keys."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        digest: Callable[[str], str],
        wall: Callable[[], float],
    ) -> None:
        """``digest`` is the keyed hash of a secret; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._digest = digest
        self._wall = wall

    async def create(self, new: NewKey, actor: Actor) -> tuple[Key, str]:
        """Issue a key; gives it with its secret, which is not stored.

        Raises:
            InvalidRequest: when a value is out of range or the team does not exist.
        """
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
        )
        async with self._database.write() as connection:
            await _check_known(connection, "team", [new.team] if new.team else [])
            await _check_known(connection, "use_case", new.purposes)
            await connection.execute(_insertion(key, source="issued", created=self._wall()))
            await self._journal.record(
                connection,
                actor,
                "control:key:create",
                key=key.id,
                name=key.name,
                clearance=key.clearance,
                team_of_key=key.team,
                kind=key.kind,
                expires=key.expires,
            )
        return key, secret

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


async def replace_configured(connection: AsyncConnection, keys: Sequence[Key]) -> list[str]:
    """Replace the keys of the file by ``keys``; gives warnings about revoked ones.

    A revoked key stays revoked until the file gives it another secret.
    """
    warnings = []
    configured = api_key.c.source == "file"
    await connection.execute(delete(api_key).where(configured, api_key.c.revoked.is_(None)))
    revoked = select(api_key.c.digest).where(api_key.c.revoked.is_not(None))
    revoked_digests = set((await connection.execute(revoked)).scalars())
    for key in keys:
        if key.digest in revoked_digests:
            warnings.append(f"key {key.name}: it was revoked; give it another secret")
            continue
        await connection.execute(delete(api_key).where(configured, api_key.c.id == key.id))
        await connection.execute(_insertion(key, source="file", created=time.time()))
    return warnings


def _insertion(key: Key, *, source: str, created: float) -> Insert:
    return insert(api_key).values(
        id=key.id,
        name=key.name,
        digest=key.digest,
        source=source,
        created=created,
        document=msgspec.json.encode(key).decode(),
    )


async def _check_known(connection: AsyncConnection, kind: str, names: Sequence[str]) -> None:
    if not names:
        return
    rows = await connection.execute(select(catalogue.c.name).where(catalogue.c.kind == kind))
    known = set(rows.scalars())
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InvalidRequest(f"There is no {kind} {name!r}; known: {listed}.", param=kind)
