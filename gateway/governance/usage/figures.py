"""Reads figures from the sums: of a period, of its parts, and by group."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.usage.cells import HOUR_SUMS, LABEL_SUMS
from gateway.governance.usage.definition import HOUR_MS, quantiles_of
from gateway.governance.usage.histograms import JOINED, sum_of

# Names of the API to columns. A rule is no column: a request can have several.
COLUMNS = ("team", "key", "model", "provider", "zone", "use_case", "level", "result")
LABELS = {"rule": "refused", "content_rule": "rule", "finding": "finding", "control": "failed"}
GROUPS = (*COLUMNS, *LABELS)
_MOST = 50_000  # rows of an answer
_ALL = "''"  # the one group without a group
_SUMS = ", ".join(f"SUM(h.{name}) AS {name}" for name in HOUR_SUMS)
_DAY_MS = 24 * HOUR_MS
_AT_ONCE = 500  # rows of at most a day
Place = tuple[int, str]  # start of a part, and group; 0 and "" for all
_Histograms = defaultdict[tuple[Place, str], Counter[int]]  # by place and kind


@dataclass(slots=True)
class UsageFigures:
    """Sums of requests. ``cost_micros`` is by currency; quantiles are by percentage, of answers."""

    requests: int = 0
    answered: int = 0
    refused: int = 0
    estimated: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: dict[str, int] = field(default_factory=dict)
    latency: dict[int, int] = field(default_factory=dict)
    overhead: dict[int, int] = field(default_factory=dict)
    items: int = 0
    taken: int = 0

    def add(self, row: RowMapping) -> None:
        """Add the sums of a row."""
        for name in HOUR_SUMS[:-1]:
            setattr(self, name, getattr(self, name) + int(row[name]))
        if row["cost_micros"]:
            known = self.cost_micros.get(row["currency"], 0)
            self.cost_micros[row["currency"]] = known + int(row["cost_micros"])


class UsageTable:
    """Figures by part and group, with those of each group and of all."""

    def __init__(self) -> None:
        self.figures: defaultdict[Place, UsageFigures] = defaultdict(UsageFigures)

    @property
    def total(self) -> UsageFigures:
        """The figures of the whole period."""
        return self.figures.get((0, ""), UsageFigures())

    @property
    def groups(self) -> dict[str, UsageFigures]:
        """The figures of each group, most requests first."""
        found = {group: one for (start, group), one in self.figures.items() if not start and group}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1].requests, pair[0])))

    @property
    def series(self) -> list[tuple[int, str, UsageFigures]]:
        """The figures of each part and group, in order of time."""
        return sorted(
            ((start, group, one) for (start, group), one in self.figures.items() if start),
            key=lambda item: (item[0], item[1]),
        )


async def read_usage(
    connection: AsyncConnection,
    parts: Sequence[tuple[int, int]],
    *,
    group: str = "",
    filters: Mapping[str, str] | None = None,
    quantiles: bool = True,
) -> UsageTable:
    """The figures of consecutive parts of a period; without ``quantiles`` it is quicker.

    Raises:
        InvalidRequest: for an unknown group or filter, or too large an answer.
    """
    given = dict(filters or {})
    if group and group not in GROUPS:
        raise InvalidRequest(f"'group' is one of {', '.join(GROUPS)}.", param="group")
    if unknown := sorted(given.keys() - set(COLUMNS)):
        raise InvalidRequest(f"No such filter: {', '.join(unknown)}.", param=unknown[0])
    found = UsageTable()
    if not parts:
        return found
    column = f"s.{group}" if group in COLUMNS else _ALL
    await _read_sums(connection, parts, column, given, found)
    if quantiles:
        await _read_quantiles(connection, parts, column, given, found)
    if group in LABELS:
        await _read_labels(connection, parts, LABELS[group], given, found)
    return found


async def _read_sums(
    connection: AsyncConnection,
    parts: Sequence[tuple[int, int]],
    column: str,
    filters: Mapping[str, str],
    found: UsageTable,
) -> None:
    sql = (
        f"{_parts(parts)} SELECT p.since AS begins, {column} AS part_of, s.currency AS currency, "
        f"{_SUMS} FROM parts p {_join('usage_hour', filters)} "
        f"GROUP BY 1, 2, 3 LIMIT {_MOST + 1}"
    )
    rows = (await connection.execute(text(sql), dict(filters))).mappings().all()
    if len(rows) > _MOST:
        raise InvalidRequest(
            "That is too large an answer: ask for a shorter period, longer parts or a filter.",
            param="by",
        )
    for row in rows:
        for place in _places(row["begins"], row["part_of"]):
            found.figures[place].add(row)


async def _read_quantiles(
    connection: AsyncConnection,
    parts: Sequence[tuple[int, int]],
    column: str,
    filters: Mapping[str, str],
    found: UsageTable,
) -> None:
    """Quantiles of parts, groups and all, each from the sum of its histograms."""
    joined = JOINED[connection.dialect.name].format(column="h.counts")
    sql = (  # the database joins those of a day, as a row for each takes far longer to read
        f"{_parts(parts)} SELECT p.since, {column}, h.kind, {joined} "
        f"FROM parts p {_join('usage_histogram', filters)} "
        f"GROUP BY 1, 2, 3, h.hour / {_DAY_MS}"
    )
    histograms: _Histograms = defaultdict(Counter)
    rows = await connection.stream(text(sql), dict(filters))
    async for some in rows.partitions(_AT_ONCE):
        await asyncio.to_thread(_fold, histograms, some)
    for (place, kind), one in (await asyncio.to_thread(_quantiles, histograms)).items():
        setattr(found.figures[place], kind, one)


def _fold(histograms: _Histograms, rows: Iterable[Sequence[Any]]) -> None:
    """Add joined histograms to those of their part and group."""
    for begins, group, kind, joined in rows:
        histograms[(begins, group), kind].update(sum_of(joined))


def _quantiles(histograms: _Histograms) -> dict[tuple[Place, str], dict[int, int]]:
    """The quantiles of parts and groups, with those of each alone and of all."""
    summed: _Histograms = defaultdict(Counter)
    for ((begins, group), kind), counts in histograms.items():
        for place in _places(begins, group):
            summed[place, kind].update(counts)
    return {place: quantiles_of(counts) for place, counts in summed.items()}


async def _read_labels(
    connection: AsyncConnection,
    parts: Sequence[tuple[int, int]],
    kind: str,
    filters: Mapping[str, str],
    found: UsageTable,
) -> None:
    """Requests by what they can have several of: the sum over groups can exceed the total."""
    sql = (
        f"{_parts(parts)} SELECT p.since AS begins, h.name AS part_of, "
        f"SUM(h.requests) AS requests, SUM(h.items) AS items, SUM(h.taken) AS taken FROM parts p "
        f"{_join('usage_label', filters)} AND h.kind = '{kind}' GROUP BY p.since, h.name"
    )
    for row in (await connection.execute(text(sql), dict(filters))).mappings():
        for start in (row["begins"], 0):
            figures = found.figures[start, row["part_of"]]
            for name in LABEL_SUMS:
                setattr(figures, name, getattr(figures, name) + int(row[name]))


def _parts(parts: Sequence[tuple[int, int]]) -> str:
    """The parts as a table of the statement."""
    rows = ", ".join(f"({since}, {until})" for since, until in parts)
    return f"WITH parts(since, until) AS (VALUES {rows})"


def _join(table: str, filters: Mapping[str, str]) -> str:
    """The sums of each part, under the filters."""
    where = "".join(f" AND s.{name} = :{name}" for name in filters)
    return (
        f"JOIN {table} h ON h.hour >= p.since AND h.hour < p.until "
        f"JOIN usage_series s ON s.id = h.series WHERE 1 = 1{where}"
    )


def _places(start: int, group: str) -> set[Place]:
    """Where the sums of a group in a part belong: to both, to each alone, and to all."""
    return {(start, group), (0, group), (0, ""), (start, "")} if group else {(start, ""), (0, "")}
