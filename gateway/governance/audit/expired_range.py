"""The ranges of entries whose parts expired, with the entry of the run of expiry."""

from dataclasses import dataclass

from sqlalchemy import select

from gateway.governance.audit.request_group import Ask
from gateway.governance.audit.tables import expiry_run
from gateway.storage.database import Database

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
    """Entries ``first`` to ``last`` of a log expired.

    ``entry`` is the number of the run's entry in the log "control"; None while the run goes on.
    """

    first: int
    last: int
    entry: int | None


async def expired_ranges(
    ask: Ask, database: Database, log: str, *, first: int, end: int, part: str = "disclosures"
) -> list[ExpiredRange]:
    """The ranges between ``first`` and ``end`` (exclusive) of a log whose part expired."""
    found = await ask(_EXPIRED, {"log": log, "part": part, "first": first, "end": end})
    entries = await _entries(database, {row["run"] for row in found})
    return [
        ExpiredRange(max(row["first"], first), min(row["last"], end - 1), entries.get(row["run"]))
        for row in found
    ]


async def expiry_of_bodies(ask: Ask, database: Database, request: str) -> int | None:
    """The number of the entry of the run that expired the bodies of a request, or None."""
    found = await ask(_BODIES, {"request": request})
    entries = await _entries(database, {row["run"] for row in found})
    return next((entry for entry in entries.values() if entry is not None), None)


async def _entries(database: Database, runs: set[int]) -> dict[int, int | None]:
    if not runs:
        return {}
    query = select(expiry_run.c.id, expiry_run.c.entry).where(expiry_run.c.id.in_(runs))
    async with database.read() as connection:
        return {row.id: row.entry for row in await connection.execute(query)}
