"""Issued keys: created once, shown once, revoked at once."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.level import Level
from gateway.core.snapshot import Key
from gateway.governance.access_control.actor import Actor
from gateway.governance.journal import Journal
from gateway.storage.database import Database
from gateway.storage.tables import api_key, catalogue

_DAY_S = 86_400
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is asked for; ``days`` is the time to live, at most 365."""

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


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as it may be shown: never its secret."""

    key: Key
    source: str
    created: float
    revoked: float | None


class Keys:
    """Issues, lists and revokes."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        digest: Callable[[str], str],
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._digest = digest
        self._wall = wall

    async def create(self, asked: NewKey, actor: Actor) -> tuple[Key, str]:
        """A new key and its secret, which is not kept.

        Raises:
            InvalidRequest: when a value is out of range or the team does not exist.
        """
        if not 1 <= asked.days <= MAX_DAYS:
            raise InvalidRequest(f"A key lives between 1 and {MAX_DAYS} days.", param="days")
        key_id = secrets.token_hex(4)
        secret = f"sluis_{key_id}_{secrets.token_urlsafe(32)}"
        try:
            Level.parse(asked.clearance)
            Level.parse(asked.floor)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        key = Key(
            id=f"k_{key_id}",
            name=asked.name,
            digest=self._digest(secret),
            kind=asked.kind,
            team=asked.team,
            models=list(asked.models),
            purposes=list(asked.purposes),
            roles=list(asked.roles),
            clearance=asked.clearance,
            floor=asked.floor,
            strict=asked.strict,
            expires=int(self._wall()) + asked.days * _DAY_S,
        )
        async with self._database.write() as connection:
            await _known(connection, "team", [asked.team] if asked.team else [])
            await _known(connection, "use_case", asked.purposes)
            await connection.execute(
                insert(api_key).values(
                    id=key.id,
                    name=key.name,
                    digest=key.digest,
                    source="issued",
                    created=self._wall(),
                    document=msgspec.json.encode(key).decode(),
                )
            )
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

    async def all(self) -> list[StoredKey]:
        """All keys, also revoked ones."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(api_key).order_by(api_key.c.created))
            return [
                StoredKey(
                    msgspec.json.decode(row.document, type=Key),
                    row.source,
                    row.created,
                    row.revoked,
                )
                for row in rows
            ]

    async def revoke(self, reference: str, actor: Actor) -> str:
        """Revokes the key with that id or name; gives its id.

        Raises:
            InvalidRequest: when there is no such key, or it was revoked before.
        """
        async with self._database.write() as connection:
            found = (
                (
                    await connection.execute(
                        select(api_key.c.id).where(
                            (api_key.c.id == reference) | (api_key.c.name == reference),
                            api_key.c.revoked.is_(None),
                        )
                    )
                )
                .scalars()
                .all()
            )
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

    @staticmethod
    async def live(connection: AsyncConnection) -> list[Key]:
        """Keys that are not revoked, for the snapshot."""
        rows = await connection.execute(
            select(api_key.c.document).where(api_key.c.revoked.is_(None)).order_by(api_key.c.id)
        )
        return [msgspec.json.decode(row.document, type=Key) for row in rows]


async def _known(connection: AsyncConnection, kind: str, names: Sequence[str]) -> None:
    if not names:
        return
    rows = await connection.execute(select(catalogue.c.name).where(catalogue.c.kind == kind))
    known = set(rows.scalars())
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InvalidRequest(f"There is no {kind} {name!r}; known: {listed}.", param=kind)
