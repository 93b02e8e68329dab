"""Deletes one part of some entries in one store, and notes the deletion, in one transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.audit.request_group import Place, by_log, parts
from gateway.governance.audit.request_group import run as run_query

_BATCH = 400
# The times bound the scan: in PostgreSQL to a partition, for mentions by an index.
_BODIES = (
    "UPDATE audit_detail SET payload = NULL, wrapped_key = NULL "
    "WHERE time >= :low AND time <= :high AND log = :log AND seq IN :seqs AND payload IS NOT NULL "
    "RETURNING seq"
)
_DISCLOSURES = (
    "DELETE FROM audit_detail WHERE time >= :low AND time <= :high AND log = :log AND seq IN :seqs "
    "RETURNING seq"
)
_KEYS = "DELETE FROM value_key WHERE log = :log AND seq IN :seqs"
_ANSWERS = "DELETE FROM stored_answer WHERE log = :log AND seq IN :seqs"
_VALUES = "DELETE FROM vault_value WHERE log = :log AND seq IN :seqs"
_MENTIONS = (
    "DELETE FROM mention WHERE time >= :low AND time <= :high AND log = :log AND seq IN :seqs"
)
_GROW = (
    "UPDATE expired SET last = :last, items = items + :items "
    "WHERE log = :log AND part = :part AND run = :run AND last = :before"
)
_NOTE = (
    "INSERT INTO expired (log, part, first, last, run, items) "
    "VALUES (:log, :part, :first, :last, :run, :items)"
)
_COUNT = "UPDATE expired SET items = items + :items WHERE log = '' AND part = :part AND run = :run"


async def remove(
    connection: AsyncConnection,
    part: str,
    places: Iterable[Place],
    *,
    run: int,
    between: tuple[int, int],
) -> int:
    """Delete a part of these entries; gives their number.

    ``between`` are the first and the last of their times, in epoch milliseconds.
    """
    removed = 0
    for log, seqs in by_log(places).items():
        for batch in parts(seqs, _BATCH):
            if part in ("bodies", "disclosures"):
                deleted = await _delete_of_entries(connection, part, log, batch, between)
                removed += len(deleted)
                await _note_entries(connection, part, log, deleted, run)
            else:
                count = await _delete_beside_entries(connection, part, log, batch, between)
                removed += count
                await _note_count(connection, part, count, run)
    return removed


async def _delete_of_entries(
    connection: AsyncConnection, part: str, log: str, seqs: list[int], between: tuple[int, int]
) -> list[int]:
    query = _BODIES if part == "bodies" else _DISCLOSURES
    values = {"log": log, "seqs": seqs, "low": between[0], "high": between[1]}
    done = await run_query(connection, query, values)
    return sorted(row.seq for row in done)


async def _delete_beside_entries(
    connection: AsyncConnection, part: str, log: str, seqs: list[int], between: tuple[int, int]
) -> int:
    values: dict[str, Any] = {"log": log, "seqs": seqs}
    if part == "mentions":
        values |= {"low": between[0], "high": between[1]}
        return int((await run_query(connection, _MENTIONS, values)).rowcount)
    await run_query(connection, _VALUES, values)
    counted = [await run_query(connection, one, values) for one in (_KEYS, _ANSWERS)]
    return sum(int(done.rowcount) for done in counted)


async def _note_entries(
    connection: AsyncConnection, part: str, log: str, seqs: list[int], run: int
) -> None:
    """Note deletions. Neighbours share a row, also with an earlier transaction."""
    for first, last in _ranges(seqs):
        values = {"log": log, "part": part, "run": run, "last": last, "items": last - first + 1}
        grown = await connection.execute(text(_GROW), {**values, "before": first - 1})
        if not grown.rowcount:
            await connection.execute(text(_NOTE), {**values, "first": first})


async def _note_count(connection: AsyncConnection, part: str, items: int, run: int) -> None:
    if not items:
        return
    values = {"part": part, "run": run, "items": items}
    if not (await connection.execute(text(_COUNT), values)).rowcount:
        await connection.execute(text(_NOTE), {**values, "log": "", "first": 0, "last": 0})


def _ranges(numbers: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
