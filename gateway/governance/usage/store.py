"""The stored sums: each change is made in the transaction that moves the position in the trail."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.audit.request_group import parts
from gateway.governance.usage.cells import HOUR_SUMS, LABEL_SUMS, Cell, Cells
from gateway.governance.usage.histograms import pack, unpack
from gateway.governance.usage.reader import Batch
from gateway.governance.usage.tables import (
    usage_histogram,
    usage_hour,
    usage_label,
    usage_position,
    usage_series,
    usage_state,
)

_SERIES = tuple(column.name for column in usage_series.c)
_PLACE = ("hour", "series")
_AT_ONCE = 300
_SET_HISTOGRAM = (
    "INSERT INTO usage_histogram (hour, series, kind, counts) "
    "VALUES (:hour, :series, :kind, :counts) "
    "ON CONFLICT (hour, series, kind) DO UPDATE SET counts = excluded.counts"
)
_DROP_HISTOGRAM = (
    "DELETE FROM usage_histogram WHERE hour = :hour AND series = :series AND kind = :kind"
)


async def positions_of(connection: AsyncConnection) -> tuple[dict[str, int], dict[str, int]]:
    """The last entry of each log that is counted, and the last that is counted again."""
    rows = (await connection.execute(select(usage_position))).all()
    return {row.log: row.seq for row in rows}, {row.log: row.again_to for row in rows}


async def kept_before(connection: AsyncConnection) -> int:
    """The hours before this moment keep their sums while entries are counted again."""
    return int(await connection.scalar(select(usage_state.c.kept_before)) or 0)


async def add(connection: AsyncConnection, batch: Batch) -> None:
    """Add a batch to the sums, and move the position."""
    await _add_cells(connection, batch.cells)
    moved = update(usage_position).where(usage_position.c.log == batch.log)
    if not (await connection.execute(moved.values(seq=batch.last))).rowcount:
        values = {"log": batch.log, "seq": batch.last, "again_to": -1}
        await connection.execute(insert(usage_position).values(**values))


async def restart(connection: AsyncConnection, kept: int) -> None:
    """Remove the sums of hours from ``kept`` on, and begin with the first entries again."""
    for table in (usage_hour, usage_histogram, usage_label):
        await connection.execute(delete(table).where(table.c.hour >= kept))
    rows = (await connection.execute(select(usage_position))).all()
    for row in rows:
        await connection.execute(
            update(usage_position)
            .where(usage_position.c.log == row.log)
            .values(seq=-1, again_to=max(row.again_to, row.seq))
        )
    await connection.execute(delete(usage_state))
    await connection.execute(insert(usage_state).values(one=1, kept_before=kept))


async def stored_cells(connection: AsyncConnection) -> AsyncIterator[tuple[int, Cell]]:
    """Every stored sum that is not 0, by hour: its place and its value."""
    histograms = await connection.stream(select(usage_histogram))
    async for row in histograms:
        for bucket, count in unpack(row.counts):
            yield row.hour, ((row.series, row.kind, bucket), count)
    for table, names, sums in (
        (usage_hour, (), HOUR_SUMS),
        (usage_label, ("kind", "name"), LABEL_SUMS),
    ):
        rows = await connection.stream(select(table))
        async for one in rows.mappings():
            place = (one["series"], *(one[name] for name in names))
            for name in sums:
                if one[name]:
                    yield one["hour"], ((*place, name), one[name])


async def _add_cells(connection: AsyncConnection, cells: Cells) -> None:
    series = [{"id": number, **asdict(one)} for number, one in cells.series.items()]
    if series:
        columns, values = ", ".join(_SERIES), ", ".join(f":{name}" for name in _SERIES)
        known = f"INSERT INTO usage_series ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"
        await connection.execute(text(known), series)
    hours = [
        {"hour": hour, "series": one, **dict(zip(HOUR_SUMS, sums, strict=True))}
        for (hour, one), sums in cells.hours.items()
        if any(sums)
    ]
    await _grow(connection, usage_hour, _PLACE, HOUR_SUMS, hours)
    await _add_histograms(connection, cells)
    labels = [
        {
            "hour": hour,
            "series": one,
            "kind": kind,
            "name": name,
            **dict(zip(LABEL_SUMS, sums, strict=True)),
        }
        for (hour, one, kind, name), sums in cells.labels.items()
        if any(sums)
    ]
    await _grow(connection, usage_label, (*_PLACE, "kind", "name"), LABEL_SUMS, labels)


async def _add_histograms(connection: AsyncConnection, cells: Cells) -> None:
    """Add the counts of buckets; what was stored is read under the same lock."""
    by_hour: defaultdict[int, set[int]] = defaultdict(set)
    for hour, series, _ in cells.histograms:
        by_hour[hour].add(series)
    merged = {place: Counter(counts) for place, counts in cells.histograms.items()}
    table = usage_histogram.c
    for at, present in by_hour.items():
        for some in parts(sorted(present), _AT_ONCE):
            known = select(usage_histogram).where(table.hour == at, table.series.in_(some))
            for row in (await connection.execute(known)).all():
                counts = merged.get((row.hour, row.series, row.kind))
                if counts is not None:
                    counts.update(dict(unpack(row.counts)))
    rows = [
        {"hour": hour, "series": series, "kind": kind, "counts": pack(counts)}
        for (hour, series, kind), counts in merged.items()
    ]
    if rows:
        await connection.execute(text(_SET_HISTOGRAM), rows)
    empty = [row for row in rows if not row["counts"]]
    if empty:
        await connection.execute(text(_DROP_HISTOGRAM), empty)


async def _grow(
    connection: AsyncConnection,
    table: Table,
    place: Sequence[str],
    sums: Sequence[str],
    rows: list[dict[str, Any]],
) -> None:
    """Add values to the sums of rows, which are made where they are missing."""
    if not rows:
        return
    columns = (*place, *sums)
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in sums)
    values = ", ".join(f":{name}" for name in columns)
    await connection.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values}) "
            f"ON CONFLICT ({', '.join(place)}) DO UPDATE SET {added}"
        ),
        rows,
    )
    shrunk = [row for row in rows if any(row[name] < 0 for name in sums)]
    if shrunk:  # what counts for nothing any more leaves no row
        where = " AND ".join([*(f"{n} = :{n}" for n in place), *(f"{n} = 0" for n in sums)])
        await connection.execute(text(f"DELETE FROM {table.name} WHERE {where}"), shrunk)
