"""Stops that are in force: read and marked within the transaction of a caller."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import Stops
from gateway.governance.stops.schemas import Stoppable
from gateway.governance.stops.tables import containment, stop


async def in_force(connection: AsyncConnection) -> Stops:
    """All stops, for a snapshot."""
    rows = (await connection.execute(select(stop.c.kind, stop.c.name).order_by(stop.c.name))).all()
    by_kind: dict[str, list[str]] = {}
    for kind, name in rows:
        by_kind.setdefault(kind, []).append(name)
    return Stops(
        use_cases=by_kind.get(Stoppable.USE_CASE.kind, []),
        deployments=by_kind.get(Stoppable.DEPLOYMENT.kind, []),
        aliases=by_kind.get(Stoppable.ALIAS.kind, []),
        keys=by_kind.get(Stoppable.KEY.kind, []),
    )


async def mark_published(connection: AsyncConnection, number: int) -> None:
    """Note the snapshot, within its transaction, from which the stops of it are in force."""
    for table in (stop, containment):
        waiting = table.c.snapshot.is_(None)
        await connection.execute(update(table).where(waiting).values(snapshot=number))
