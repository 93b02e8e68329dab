"""Teams as records. Those of sluis.yaml are read here, and changed in the file."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key, Team
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_rights import TeamSettings, faults_of_team
from gateway.governance.catalogue.difference import difference_of
from gateway.governance.catalogue.names import MODELS, names_of
from gateway.governance.catalogue.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.teams.schemas import TeamResponse
from gateway.storage.database import Database

FILE, RECORD = "file", "record"
_KIND = "team"
_IS_TEAM = catalogue.c.kind == _KIND


class Teams:
    """Lists, sets and deletes teams."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        keys: Callable[[AsyncConnection], Awaitable[list[Key]]],
    ) -> None:
        """``keys`` gives the keys that are not revoked."""
        self._database = database
        self._journal = journal
        self._keys = keys

    async def list(self) -> Sequence[TeamResponse]:
        """All teams, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(catalogue).where(_IS_TEAM))
        return sorted((_response(row) for row in rows), key=lambda one: one.name)

    async def get(self, name: str) -> TeamResponse:
        """One team.

        Raises:
            InvalidRequest: when there is no such team.
        """
        for team in await self.list():
            if team.name == name:
                return team
        raise _unknown(name)

    async def put(self, name: str, settings: TeamSettings, actor: Actor) -> Sequence[str]:
        """Create a team, or change all its settings; gives the names of those that changed.

        Raises:
            InvalidRequest: when sluis.yaml owns it, or it names what does not exist.
        """
        team = msgspec.convert({"name": name, **settings.model_dump()}, Team)
        async with self._database.write() as connection:
            before = await _record(connection, name)
            models, purposes = (
                await names_of(connection, *MODELS),
                await names_of(connection, "use_case"),
            )
            for where, fault in faults_of_team(settings, models, purposes):
                raise InvalidRequest(f"{fault[:1].upper()}{fault[1:]}.", param=".".join(where))
            difference = difference_of(before, team)
            if difference or before is None:
                facts = difference.facts()
                await self._store(connection, name, team, actor, "control:team:change", facts)
        return difference.changed

    async def delete(self, name: str, actor: Actor) -> None:
        """Delete a team that no live key names.

        Raises:
            InvalidRequest: when there is no such team, sluis.yaml owns it, or a key names it.
        """
        async with self._database.write() as connection:
            if await _record(connection, name) is None:
                raise _unknown(name)
            users = [key.name for key in await self._keys(connection) if key.team == name]
            if users:
                raise InvalidRequest(
                    f"Keys of this team still work: {', '.join(users[:10])}. Revoke them first.",
                    code="team_in_use",
                )
            await self._store(connection, name, None, actor, "control:team:delete", {})

    async def _store(
        self,
        connection: AsyncConnection,
        name: str,
        team: Team | None,
        actor: Actor,
        event: str,
        facts: dict[str, Any],
    ) -> None:
        """Store a team, or delete it, and its entry."""
        here = _IS_TEAM & (catalogue.c.name == name)
        if team is None:
            await connection.execute(delete(catalogue).where(here))
        else:
            document = msgspec.json.encode(team).decode()
            changed = await connection.execute(
                update(catalogue).where(here).values(document=document)
            )
            if not changed.rowcount:
                last = (await connection.execute(select(func.max(catalogue.c.position)))).scalar()
                await connection.execute(
                    insert(catalogue).values(
                        kind=_KIND,
                        name=name,
                        position=(last or 0) + 1,
                        document=document,
                        source=RECORD,
                    )
                )
        await self._journal.record(connection, actor, event, team_of_key=name, **facts)


async def _record(connection: AsyncConnection, name: str) -> Team | None:
    """The stored team; None without one.

    Raises:
        InvalidRequest: when sluis.yaml owns it.
    """
    row = (
        await connection.execute(select(catalogue).where(_IS_TEAM, catalogue.c.name == name))
    ).first()
    if row is None:
        return None
    if row.source == FILE:
        raise InvalidRequest(
            f"sluis.yaml owns the team {name}: change it there and apply the file.",
            code="owned_by_file",
        )
    return msgspec.json.decode(row.document, type=Team)


def _response(row: Any) -> TeamResponse:
    team = msgspec.json.decode(row.document, type=Team)
    given = {
        field: msgspec.to_builtins(getattr(team, field))
        for field in TeamResponse.model_fields
        if field != "source"
    }
    return TeamResponse(**given, source=row.source)


def _unknown(name: str) -> InvalidRequest:
    return InvalidRequest(f"There is no team {name!r}.", code="not_found")
