"""Teams as records. Those of sluis.yaml are read here, and changed in the file."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import document_of
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Team
from gateway.governance.actor import Actor
from gateway.governance.catalogue.access_faults import faults_of_team
from gateway.governance.catalogue.difference import difference_of
from gateway.governance.catalogue.names import MODELS, names_of
from gateway.governance.changes.edits import FILE, RECORD, Edit, Submitted
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.teams.schemas import TeamResponse
from gateway.storage.database import Database

Submit = Callable[..., Awaitable[Submitted]]
_KIND = "team"
_IS_TEAM = catalogue.c.kind == _KIND


class Teams:
    """Lists, sets and deletes teams."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        submit: Submit,
    ) -> None:
        """``submit`` makes an edit, or proposes it."""
        self._submit = submit
        self._database = database
        self._journal = journal

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

    async def put(self, name: str, settings: Team, actor: Actor) -> tuple[Sequence[str], Submitted]:
        """Create a team, or change all its settings; gives the names of those that changed.

        What widens waits for another person.

        Raises:
            InvalidRequest: when sluis.yaml owns it, or it names what does not exist.
        """
        team = msgspec.structs.replace(settings, name=name)
        async with self._database.write() as connection:
            before = await _record(connection, name)
            models, purposes = (
                await names_of(connection, *MODELS),
                await names_of(connection, "use_case"),
            )
            for where, fault in faults_of_team(settings, models, purposes):
                raise InvalidRequest(f"{fault[:1].upper()}{fault[1:]}.", param=".".join(where))
            difference = difference_of(before, team)
            done = Submitted()
            if difference or before is None:
                facts = difference.facts()
                done = await self._store(
                    connection, name, team, actor, "control:team:change", facts
                )
        return difference.changed, done

    async def delete(self, name: str, actor: Actor) -> None:
        """Delete a team that no live key names.

        Raises:
            InvalidRequest: when there is no such team, sluis.yaml owns it, or a key names it.
        """
        async with self._database.write() as connection:
            if await _record(connection, name) is None:
                raise _unknown(name)
            await self._store(connection, name, None, actor, "control:team:delete", {})

    async def _store(
        self,
        connection: AsyncConnection,
        name: str,
        team: Team | None,
        actor: Actor,
        event: str,
        facts: dict[str, Any],
    ) -> Submitted:
        """Store a team, delete it, or propose that, and write its entry."""
        last = (await connection.execute(select(func.max(catalogue.c.position)))).scalar()
        document = document_of(team) if team else None
        edit = Edit(_KIND, name, document, RECORD, (last or 0) + 1)
        done = await self._submit(connection, [edit], actor, door=actor.via)
        await self._journal.record(
            connection, actor, event, team_of_key=name, **facts, proposal=done.proposal
        )
        return done


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
