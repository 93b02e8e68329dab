"""The states of model versions, changed within the transaction of a caller."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.model_life import DEPRECATED, ENTERED_FROM, QUARANTINED, RETIRED
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.models.tables import model_version
from gateway.governance.models.versions import require_version

_ENDS = {
    DEPRECATED: "control:model:deprecate",
    RETIRED: "control:model:retire",
    QUARANTINED: "control:model:quarantine",
}


async def transition(
    connection: AsyncConnection, row: Any, state: str, **values: str | float | None
) -> None:
    """Give a version another state.

    Raises:
        InvalidRequest: when it cannot enter that state from its own.
    """
    changed = await connection.execute(
        update(model_version)
        .where(
            model_version.c.name == row.name,
            model_version.c.version == row.version,
            model_version.c.state.in_(ENTERED_FROM[state]),
        )
        .values(state=state, **values)
    )
    if changed.rowcount != 1:
        raise InvalidRequest(f"{row.name}@{row.version} is {row.state}; it cannot become {state}.")


async def end_version(
    connection: AsyncConnection,
    journal: Journal,
    name: str,
    version: str,
    actor: Actor,
    state: str,
    reason: str,
    **values: str,
) -> None:
    """End a version, or give it the day of its end, and write its entry.

    Raises:
        InvalidRequest: when there is no such version, or it has ended already.
    """
    row = await require_version(connection, name, version)
    await transition(connection, row, state, **values)
    await journal.record(
        connection,
        actor,
        _ENDS[state],
        model=name,
        version=version,
        digest=row.digest,
        reason=reason[:500],
        **values,
    )
