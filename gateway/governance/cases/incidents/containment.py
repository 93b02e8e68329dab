"""Containment: all that an incident asks to stop is stopped in one transaction, and followed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.model_life import QUARANTINED
from gateway.governance.actor import Actor
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents.schemas import ContainmentResponse
from gateway.governance.cases.rows import get_row
from gateway.governance.cases.tables import incident
from gateway.governance.journal import Journal
from gateway.governance.models.transitions import end_version
from gateway.governance.models.versions import require_version
from gateway.governance.stops.schemas import Stoppable
from gateway.governance.stops.service import Publish, StopControl
from gateway.governance.stops.tables import containment, stop
from gateway.storage.database import Database

VERSION = "version"
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class WantedStops:
    """What to stop: names by kind, and versions of models as name@version."""

    objects: Mapping[Stoppable, Sequence[str]]
    versions: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.versions) or any(self.objects.values())


class Containment:
    """Stops what an incident concerns, and says which gateways have followed."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        stops: StopControl,
        publish: Publish,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``publish`` publishes the present state; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._stops = stops
        self._publish = publish
        self._wall = wall

    async def contain(
        self, identity: str, wanted: WantedStops, actor: Actor, *, reason: str, wait: bool = False
    ) -> ContainmentResponse:
        """Stop all of it at once, or nothing; what is stopped already stays so.

        ``wait`` returns when every gateway has acknowledged, after 5 seconds at the latest.

        Raises:
            InvalidRequest: when nothing is named, or something that does not exist.
            AlreadyClosed: when the incident is closed.
            WouldLockOut: when a key is the last one that can approve anything.
        """
        if not wanted:
            raise InvalidRequest("Name something to stop.", param="use_cases")
        async with self._stops.changing(actor) as connection:
            row = await get_row(connection, incident, identity)
            if row["closed"] is not None:
                raise AlreadyClosed(f"The incident {identity} was closed before.")
            done = []
            for what, names in wanted.objects.items():
                for name in names:
                    found = await self._stops.set_within(
                        connection, what, name, actor, reason=reason
                    )
                    done.append((what.kind, found))
            for name in wanted.versions:
                await self._quarantine(connection, name, actor, reason)
                done.append((VERSION, name))
            await self._link(connection, identity, done, actor, reason)
            keys = sum(kind == Stoppable.KEY.kind for kind, _ in done)
            await self._journal.record(
                connection,
                actor,
                "control:incident:contain",
                incident=identity,
                stops=[f"{kind}:{name}" for kind, name in done if kind != Stoppable.KEY.kind],
                count=keys or None,
                reason=reason[:500],
            )
        await self._publish()
        return await self.state(identity, wait=wait)

    async def state(self, identity: str, *, wait: bool = False) -> ContainmentResponse:
        """What was stopped for an incident, which gateways have followed, and what was lifted.

        Raises:
            InvalidRequest: when there is no such incident.
        """
        while True:
            async with self._database.read() as connection:
                await get_row(connection, incident, identity)
                rows, lifted = await _rows(connection, identity)
            shown = list(await self._stops.described(rows))
            waiting = any(one.state == "waiting" for each in shown for one in each.gateways)
            if not (wait and waiting):
                break
            await asyncio.sleep(_POLL_S)
        silent = sorted({name for one in shown for name in one.silent})
        return ContainmentResponse(incident=identity, stops=shown, lifted=lifted, silent=silent)

    async def _quarantine(
        self, connection: AsyncConnection, reference: str, actor: Actor, reason: str
    ) -> None:
        name, _, version = reference.rpartition("@")
        if (await require_version(connection, name, version)).state != QUARANTINED:
            await end_version(connection, self._journal, name, version, actor, QUARANTINED, reason)

    async def _link(
        self,
        connection: AsyncConnection,
        identity: str,
        done: Sequence[tuple[str, str]],
        actor: Actor,
        reason: str,
    ) -> None:
        mine = select(containment.c.kind, containment.c.name).where(
            containment.c.incident == identity
        )
        known = {(row.kind, row.name) for row in await connection.execute(mine)}
        for kind, name in dict.fromkeys(done):
            if (kind, name) not in known:
                await connection.execute(
                    insert(containment).values(
                        incident=identity,
                        kind=kind,
                        name=name,
                        since=self._wall(),
                        by=actor.id,
                        reason=reason,
                    )
                )


async def _rows(connection: AsyncConnection, identity: str) -> tuple[list[Any], list[str]]:
    """The stops in force of an incident with its quarantines, and the names of lifted stops."""
    mine = select(containment).where(containment.c.incident == identity)
    linked = (await connection.execute(mine.order_by(containment.c.since))).all()
    in_force = {(row.kind, row.name): row for row in (await connection.execute(select(stop))).all()}
    shown, lifted = [], []
    for row in linked:
        if row.kind == VERSION:
            shown.append(row)
        elif found := in_force.get((row.kind, row.name)):
            shown.append(found)
        else:
            lifted.append(f"{row.kind}:{row.name}")
    return shown, lifted
