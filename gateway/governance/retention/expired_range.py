"""Which entries expired, and the number of the run's entry that says so."""

from dataclasses import dataclass

from sqlalchemy import select

from gateway.governance.retention.request_group import Ask
from gateway.storage.database import Database
from gateway.storage.tables import expiry_run

_EXPIRED = (
    "SELECT first, last, run FROM expired "
    "WHERE log = :log AND part = :part AND first < :end AND last >= :first ORDER BY first"
)
_BODIES = (
    "SELECT x.run FROM audit_detail d JOIN expired x "
    "ON x.log = d.log AND x.part = 'bodies' AND x.first <= d.seq AND x.last >= d.seq "
    "WHERE d.request = :request ORDER BY x.run"
)


@dataclass(frozen=True, slots=True)
class ExpiredRange:
    """Entries ``first`` to ``last`` of a log expired; entry ``entry`` of the log "control" says so.

    ``entry`` is None while the run goes on.
    """

    first: int
    last: int
    entry: int | None


async def gone(
    ask: Ask, database: Database, log: str, *, first: int, end: int, part: str = "disclosures"
) -> list[ExpiredRange]:
    """Of the entries ``first`` up to ``end`` of a log, the stretches of which a part expired."""
    found = await ask(_EXPIRED, {"log": log, "part": part, "first": first, "end": end})
    entries = await _entries(database, {row["run"] for row in found})
    return [
        ExpiredRange(max(row["first"], first), min(row["last"], end - 1), entries.get(row["run"]))
        for row in found
    ]


async def bodies_gone(ask: Ask, database: Database, request: str) -> int | None:
    """The number of the entry that says that the bodies of a request expired, None when they did not."""
    found = await ask(_BODIES, {"request": request})
    entries = await _entries(database, {row["run"] for row in found})
    return next((entry for entry in entries.values() if entry is not None), None)


async def _entries(database: Database, runs: set[int]) -> dict[int, int | None]:
    if not runs:
        return {}
    query = select(expiry_run.c.id, expiry_run.c.entry).where(expiry_run.c.id.in_(runs))
    async with database.read() as connection:
        return {row.id: row.entry for row in await connection.execute(query)}
