"""Stop switches: a stop acts at once; what was stopped starts again by two persons.

A stop is a row, and so part of every snapshot from then on. It outlives the object that it names:
deleting an object and adding it again does not start it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys.store import find_live
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.stops.acknowledgements import SILENT_AFTER_S, gateways
from gateway.governance.stops.schemas import Stoppable, StopResponse
from gateway.governance.stops.tables import stop
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
KIND = "restart"  # of proposals
_POLL_S = 0.2
_SYSTEM = Actor("system:stops", "stop switches", frozenset(), "local")
Publish = Callable[[], Awaitable[object]]
Numbers = Callable[[int], Awaitable[dict[str, int]]]


class StopControl:
    """Stops objects, has two persons start them again, and knows which gateways have followed."""

    power = "stops"
    keeps_document = True

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        trail: AuditService,
        publish: Publish,
        numbers: Numbers,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``publish`` publishes the present state; ``wall`` is epoch seconds.

        ``numbers`` gives the numbers of the snapshots from one on, by digest.
        """
        self._database = database
        self._journal = journal
        self._governed = governed
        self._trail = trail
        self._publish = publish
        self._numbers = numbers
        self._wall = wall

    async def stop(
        self, what: Stoppable, name: str, actor: Actor, *, reason: str, wait: bool = False
    ) -> StopResponse:
        """Stop an object at once; a stop that is in force stays as it is.

        ``wait`` returns when every gateway has acknowledged, after 5 seconds at the latest.

        Raises:
            InvalidRequest: when there is no such object.
            WouldLockOut: when it is the last key that can approve anything.
        """
        async with self.changing(actor) as connection:
            found = await self.set_within(connection, what, name, actor, reason=reason)
        await self._publish()
        return await self._followed(what.kind, found, wait=wait)

    @asynccontextmanager
    async def changing(self, actor: Actor) -> AsyncIterator[AsyncConnection]:
        """One transaction for what one person may do alone.

        Raises:
            WouldLockOut: when it stops the last key that can approve anything.
        """
        async with (
            self._database.write() as connection,
            self._governed.change(connection, actor, Basis.one(actor)),
        ):
            yield connection

    async def set_within(
        self, connection: AsyncConnection, what: Stoppable, name: str, actor: Actor, *, reason: str
    ) -> str:
        """Stop an object within a transaction; gives its name in snapshots, of a key its id.

        Raises:
            InvalidRequest: when there is no such object.
        """
        found = await _identity(connection, what, name)
        if await _row(connection, what.kind, found) is None:
            await self._set(connection, what.kind, found, actor, reason)
        return found

    async def draft_start(self, what: Stoppable, name: str, *, reason: str) -> Draft:
        """The proposal to start an object again.

        Raises:
            InvalidRequest: when there is no such object, or it is not stopped.
        """
        async with self._database.read() as connection:
            row = await _row(connection, what.kind, name)
            if row is None:
                row = await _row(connection, what.kind, await _identity(connection, what, name))
        if row is None:
            raise InvalidRequest(f"{name} is not stopped.", code="not_found")
        document = {"kind": row.kind, "name": row.name, "since": row.since, "reason": reason}
        return Draft(
            KIND,
            f"{row.kind} {row.name}",
            orjson.dumps(document).decode(),
            recorded={"of_kind": row.kind, "name": row.name, "reason": reason},
        )

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Lift the stop of an approved proposal.

        Raises:
            InvalidRequest: when that stop is not in force any more.
        """
        wanted = orjson.loads(document)
        row = await _row(connection, wanted["kind"], wanted["name"])
        if row is None or row.since != wanted["since"]:
            raise InvalidRequest(
                "This stop is not in force any more; it was lifted, and perhaps set again.",
                code="not_found",
            )
        await connection.execute(
            delete(stop).where(stop.c.kind == row.kind, stop.c.name == row.name)
        )
        await self._journal.record(
            connection,
            actor,
            "control:stop:lift",
            kind=row.kind,
            name=row.name,
            reason=wanted["reason"],
            author=author,
        )
        return None

    async def list(self) -> Sequence[StopResponse]:
        """All stops in force, oldest first, with the state of each gateway."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(stop).order_by(stop.c.since))).all()
        return await self.described(rows)

    async def watch(self) -> None:
        """Check each new stop once; report the gateways that are silent, by log and on record."""
        async with self._database.read() as connection:
            query = select(stop).where(stop.c.checked.is_(None))
            rows = (await connection.execute(query)).all()
        for row, shown in zip(rows, await self.described(rows), strict=True):
            followed = all(one.state == "acknowledged" for one in shown.gateways)
            if shown.silent or (followed and row.snapshot is not None and self._overdue(row)):
                await self._conclude(row, shown.silent)

    async def _set(
        self, connection: AsyncConnection, kind: str, name: str, actor: Actor, reason: str
    ) -> None:
        await connection.execute(
            insert(stop).values(
                kind=kind, name=name, since=self._wall(), by=actor.id, reason=reason
            )
        )
        await self._journal.record(
            connection, actor, "control:stop:set", kind=kind, name=name, reason=reason
        )

    async def _conclude(self, row: Any, silent: Sequence[str]) -> None:
        async with self._database.write() as connection:
            done = await connection.execute(
                update(stop)
                .where(stop.c.kind == row.kind, stop.c.name == row.name)
                .where(stop.c.since == row.since, stop.c.checked.is_(None))
                .values(checked=self._wall())
            )
            if not done.rowcount or not silent:  # another control plane was first
                return
            await self._journal.record(
                connection,
                _SYSTEM,
                "control:stop:silent",
                kind=row.kind,
                name=row.name,
                gateways=list(silent),
            )
        logger.critical(
            "stop:gateway:silent",
            extra={"kind": row.kind, "object": row.name, "gateways": ", ".join(silent)},
        )

    async def _followed(self, kind: str, name: str, *, wait: bool) -> StopResponse:
        """The stop with its gateways, once all have acknowledged or the time is over."""
        while True:
            async with self._database.read() as connection:
                row = await _row(connection, kind, name)
            if row is None:
                raise InvalidRequest("The stop was lifted meanwhile.", code="not_found")
            shown = (await self.described([row]))[0]
            done = all(one.state != "waiting" for one in shown.gateways)
            if done or not wait:
                return shown
            await asyncio.sleep(_POLL_S)

    async def described(self, rows: Sequence[Any]) -> Sequence[StopResponse]:
        """Stops with the state of each gateway; ``rows`` have the columns of the table."""
        if not rows:
            return []
        first = min((row.snapshot for row in rows if row.snapshot is not None), default=None)
        numbers = {} if first is None else await self._numbers(first)
        since_ms = int(min(row.since for row in rows) * 1000)
        seen = await gateways(self._trail.rows, since_ms)
        shown = []
        for row in rows:
            states = seen.states(
                row.snapshot,
                numbers,
                since_ms=int(row.since * 1000),
                now_ms=int(self._wall() * 1000),
            )
            silent = [one.gateway for one in states if one.state == "silent"]
            shown.append(
                StopResponse(
                    kind=row.kind,
                    name=row.name,
                    since=row.since,
                    by=row.by,
                    reason=row.reason,
                    gateways=states,
                    silent=silent,
                )
            )
        return shown

    def _overdue(self, row: Any) -> bool:
        return self._wall() - float(row.since) > SILENT_AFTER_S


async def _row(connection: AsyncConnection, kind: str, name: str) -> Any:
    query = select(stop).where(stop.c.kind == kind, stop.c.name == name)
    return (await connection.execute(query)).first()


async def _identity(connection: AsyncConnection, what: Stoppable, name: str) -> str:
    """The name of an object in the snapshot: of a key its id."""
    if what is Stoppable.KEY:
        return (await find_live(connection, name)).key.id
    query = select(func.count()).where(catalogue.c.kind == what.kind, catalogue.c.name == name)
    if not (await connection.execute(query)).scalar_one():
        raise InvalidRequest(f"There is no {what.kind} {name!r}.", code="not_found")
    return name
