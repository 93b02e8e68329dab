"""Search of entries, newest first, by indexed columns and by the text of their values.

A page scans a bounded number of entries, so that no query can block the database: the entries of
one indexed filter, or else the newest ones. All other filters are applied to these. ``before``
leads to the next page, also from a page with few or no results.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from gateway.core.errors import InvalidRequest
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import values_of
from gateway.governance.audit.service import AuditService
from gateway.governance.journal import LOG as CONTROL_LOG
from gateway.storage.database import Database

# The first given filter selects the entries to scan; late ones in the list match most entries.
_INDEXED = ("request", "event", "outcome", "principal", "model", "zone", "level")
_COLUMNS = (*_INDEXED, "team", "deployment")
_USERS = ("asserted_user", "on_behalf_of")
_STORED = (*_USERS, "purpose", "provider")  # values that no column holds
FILTERS = (*_COLUMNS, *_STORED, "rule", "text", "what")
REQUESTS = "requests"  # the value of ``what`` for one entry of each request
# Nearly all entries have these values; the index excludes them (gateway/evidence/schema.sql).
_NOT_INDEXED = {
    "event": ("request:departure:intent", "request:answer:close"),
    "outcome": ("ok",),
}
_SHOWN = (
    "log, seq, request, time, event, principal, team, model, deployment, zone, level, outcome, "
    "cost_micros"
)
_ORDER = "ORDER BY time DESC, log DESC, seq DESC"
_SEED_CHARS = 37  # of a stored disclosure: the seed of its salts, in JSON, is not searched
_TEXT = {
    True: f"lower(event || ' ' || substr(CAST(disclosure AS TEXT), {_SEED_CHARS}))",
    False: f"lower(event || ' ' || substr(convert_from(disclosure, 'UTF8'), {_SEED_CHARS}))",
}
_HOLDS = {True: "instr({text}, :{name}) > 0", False: "strpos({text}, :{name}) > 0"}
_OF_DEPARTURES = ("purpose", "provider")
_NAMED = ("name", "person")  # of who acted: entries of the control plane hold them
_MEASURED = ("latency_ms",)
# Of few entries; the bound in time lets PostgreSQL skip partitions.
_VALUES = (
    "SELECT seq, disclosure FROM audit_detail "
    "WHERE log = :log AND seq >= :low AND seq <= :high AND time >= :since AND time <= :until"
)
_MAX_PAGE = 200
_MAX_WORDS = 8
_LATEST = 2**62
WINDOW = 10_000
Key = tuple[int, str, int]  # time, log and number: the order of entries


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the ``before`` that leads on; None at the end."""

    rows: list[dict[str, Any]]
    before: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """Statements for a store, with their values; ``edge`` is empty without further filters."""

    sql: str
    edge: str
    values: dict[str, Any]


class Search:
    """Searches the entries of all processes."""

    def __init__(self, trail: AuditService, *, window: int = WINDOW) -> None:
        """``window`` is the number of entries of each store that a page scans."""
        self._trail = trail
        self._window = window

    async def page(
        self,
        filters: Mapping[str, str],
        *,
        limit: int = 50,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Page:
        """A page of entries that match all filters; times are epoch milliseconds.

        Raises:
            InvalidRequest: for an unknown filter or an invalid ``before``.
        """
        if unknown := sorted(set(filters) - set(FILTERS)):
            raise InvalidRequest(f"No such filter: {', '.join(unknown)}.")
        given = {name: value for name, value in filters.items() if value}
        size = max(1, min(limit, _MAX_PAGE))
        start = _parse_before(before) if before else None
        found: list[dict[str, Any]] = []
        edges: list[Key] = []
        databases = await self._trail.databases()
        for database in databases:
            query = statement(
                given,
                sqlite=database.is_sqlite,
                start=start,
                since=since,
                until=until,
                size=size + 1,
                window=self._window,
            )
            rows, edge = await _read(database, query)
            found += rows
            edges += [edge] if edge else []
        edge = max(edges, default=None)
        if len(databases) > 1:  # a single store keeps its own collation
            kept = (row for row in found if edge is None or _key(row) >= edge)
            found = sorted(kept, key=_key, reverse=True)
        page = _page(found, size, edge)
        await self._add_values(page.rows)
        return page

    async def _add_values(self, rows: list[dict[str, Any]]) -> None:
        """Add values that no column holds: who acted, how long it took, which rule refused it."""
        places = {(row["log"], row["seq"]): row for row in rows}
        for log in sorted({row["log"] for row in rows}):
            for seqs in _runs(sorted(seq for of_log, seq in places if of_log == log)):
                times = [places[log, seq]["time"] for seq in seqs]
                bounds = {"low": seqs[0], "high": seqs[-1], "since": min(times)}
                bounds |= {"until": max(times)}
                for stored in await self._trail.rows(_VALUES, {"log": log, **bounds}):
                    row = places.get((log, stored["seq"]))
                    if row is not None and stored["disclosure"] is not None:
                        row.update(_shown(log, values_of(bytes(stored["disclosure"]))))


def _shown(log: str, values: Mapping[str, Any]) -> dict[str, Any]:
    names = _NAMED if log == CONTROL_LOG else _MEASURED
    found = {name: values[name] for name in names if name in values}
    rules = values.get("refused_by")
    return {**found, "rule": rules[0]} if isinstance(rules, list) and rules else found


def statement(
    given: Mapping[str, str],
    *,
    sqlite: bool,
    size: int,
    window: int,
    start: Key | None = None,
    since: int | None = None,
    until: int | None = None,
) -> Query:
    """The statements for the matching rows, and for the key of the last scanned entry."""
    values: dict[str, Any] = {}
    outer: list[str] = []
    inner = _bounds(values, start, since, until)
    leading = next(
        (n for n in _INDEXED if n in given and given[n] not in _NOT_INDEXED.get(n, ())), ""
    )
    for name in _COLUMNS:
        if name in given:
            values[name] = given[name]
            if name != leading:
                outer.append(f"{name} = :{name}")
    order = _ORDER
    if leading == "request":
        inner.append("request = :request")
    elif leading:
        # A range and not an equation: a planner that takes the value for a frequent one would scan
        # all entries by time, and not end where the value is absent.
        values["low"] = since or 0
        values["high"] = min(
            x for x in (until, start[0] if start else None, _LATEST) if x is not None
        )
        inner += [
            f"({leading}, time) {at}"
            for at in (f">= (:{leading}, :low)", f"<= (:{leading}, :high)")
        ]
        order = f"ORDER BY {leading} DESC, time DESC, log DESC, seq DESC"
    # As literals, so that the planner recognises the partial index.
    inner += [f"{leading} <> '{common}'" for common in _NOT_INDEXED.get(leading, ())]
    if given.get("what") == REQUESTS and "event" not in given:
        outer.append(f"event IN ({_ends(given)})")
    for number, needle in enumerate(_needles(given)):
        values[f"needle{number}"] = needle
        outer.append(_HOLDS[sqlite].format(text=_TEXT[sqlite], name=f"needle{number}"))
    selected = f"WHERE {' AND '.join(inner)} " if inner else ""
    condition = f"WHERE {' AND '.join(outer)} " if outer else ""
    if not outer:
        sql = f"SELECT {_SHOWN} FROM audit_detail {selected}{order} LIMIT {size}"
        return Query(sql, "", values)
    shown = f"{_SHOWN}, disclosure" if "needle0" in values else _SHOWN
    scanned = f"SELECT {shown} FROM audit_detail {selected}{order} LIMIT {window}"
    return Query(
        f"SELECT {_SHOWN} FROM ({scanned}) AS scanned {condition}{_ORDER} LIMIT {size}",
        f"SELECT time, log, seq FROM audit_detail {selected}{order} LIMIT 1 OFFSET {window - 1}",
        values,
    )


def _ends(given: Mapping[str, str]) -> str:
    """The entry that represents a request; its last one holds only what its departure did not."""
    last = INTENT if any(name in given for name in _OF_DEPARTURES) else CLOSE
    return f"'{last}', 'request:refusal:record'"


def _bounds(
    values: dict[str, Any], start: Key | None, since: int | None, until: int | None
) -> list[str]:
    clauses = []
    for name, bound, sign in (("since", since, ">="), ("until", until, "<")):
        if bound is not None:
            clauses.append(f"time {sign} :{name}")
            values[name] = bound
    if start is not None:
        # The redundant bound lets PostgreSQL skip the partitions of later months.
        clauses += ["time <= :at_time", "(time, log, seq) < (:at_time, :at_log, :at_seq)"]
        values["at_time"], values["at_log"], values["at_seq"] = start
    return clauses


def _needles(given: Mapping[str, str]) -> Sequence[str]:
    """The texts that the stored values of an entry must contain."""
    found = [f'"{name}":{_json(given[name])}' for name in _STORED if name in given]
    if "rule" in given:
        found.append(_json(given["rule"]))
    words = given.get("text", "").split()
    if len(words) > _MAX_WORDS:
        raise InvalidRequest(f"At most {_MAX_WORDS} words can be searched for.", param="text")
    return [*found, *(_json(word)[1:-1] for word in words)]


def _json(value: str) -> str:
    return orjson.dumps(value).decode().lower()


async def _read(database: Database, query: Query) -> tuple[list[dict[str, Any]], Key | None]:
    async with database.read() as connection:
        rows = (await connection.execute(text(query.sql), query.values)).mappings().all()
        if not query.edge:
            return [dict(row) for row in rows], None
        used = {name: value for name, value in query.values.items() if f":{name}" in query.edge}
        edge = (await connection.execute(text(query.edge), used)).first()
    return [dict(row) for row in rows], (edge.time, edge.log, edge.seq) if edge else None


def _page(rows: list[dict[str, Any]], size: int, edge: Key | None) -> Page:
    """``edge`` is how far all stores were scanned; older entries are on later pages."""
    page = rows[:size]
    if len(rows) > size:
        edge = _key(page[-1])
    return Page(page, f"{edge[0]}.{edge[2]}.{edge[1]}" if edge else None)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers in runs without long gaps, so that none between is read in vain."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number - runs[-1][-1] <= _MAX_PAGE:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _key(row: Mapping[str, Any]) -> Key:
    return row["time"], row["log"], row["seq"]


def _parse_before(before: str) -> Key:
    moment, _, rest = before.partition(".")
    number, _, log = rest.partition(".")
    try:
        return int(moment), log, int(number)
    except ValueError as error:
        raise InvalidRequest("Give the 'before' of the page before.", param="before") from error
