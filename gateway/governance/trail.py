"""Reading the trail: search, one entry's whole story, signed heads, export."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.evidence.entry import Value, values_of
from gateway.evidence.export import Exported, ExportRow, TrailDamaged, write_export
from gateway.evidence.ledger import LedgerDamaged
from gateway.evidence.payload import PayloadLost, open_payload
from gateway.evidence.takeover import take_over
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.storage.database import Database

FILTERS = (
    "principal",
    "team",
    "model",
    "deployment",
    "zone",
    "level",
    "outcome",
    "event",
    "request",
)
_SHOWN = (
    "log, seq, request, time, event, principal, team, model, deployment, zone, level, outcome, "
    "cost_micros"
)
_MAX_PAGE = 200
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the ``before`` that continues after them."""

    rows: list[dict[str, Any]]
    before: int | None


class TrailReader:
    """The entries of all processes: in embedded mode each has a file of its own."""

    def __init__(
        self, database: Database, journal: Journal, *,
        directory: Path | None, kek: bytes, key: Ed25519PrivateKey,
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """``directory`` is where embedded mode keeps ``audit-*.db``; None with PostgreSQL."""
        self._database = database
        self._journal = journal
        self._directory = directory
        self._kek = kek
        self._key = key
        self._wall = wall
        self._files: dict[Path, Database] = {}

    async def search(
        self, *, limit: int = 50, before: int | None = None, since: int | None = None,
        until: int | None = None, **filters: str | None,
    ) -> Page:  # fmt: skip
        """A page of rows that match all filters; times are epoch milliseconds.

        Raises:
            InvalidRequest: for a filter that does not exist.
        """
        unknown = sorted(set(filters) - set(FILTERS))
        if unknown:
            raise InvalidRequest(f"No such filter: {', '.join(unknown)}.")
        values: dict[str, Any] = {k: v for k, v in filters.items() if v}
        clauses = [f"{name} = :{name}" for name in values]
        for name, bound, sign in (
            ("before", before, "<"),
            ("since", since, ">="),
            ("until", until, "<"),
        ):
            if bound is not None:
                clauses.append(f"time {sign} :{name}")
                values[name] = bound
        size = max(1, min(limit, _MAX_PAGE))
        where = f"WHERE {' AND '.join(clauses)} " if clauses else ""
        query = f"SELECT {_SHOWN} FROM audit_detail {where}ORDER BY time DESC, log, seq DESC LIMIT {size + 1}"
        rows = await self._rows(query, values)
        rows.sort(key=lambda row: (-row["time"], row["log"], -row["seq"]))
        return _page(rows, size)

    async def story(self, request: str) -> list[dict[str, Any]]:
        """Every entry of one request, in order, with its disclosed fields and leaf hash."""
        query = (
            "SELECT e.log, e.seq, e.time, e.event, e.hash, d.disclosure, d.payload IS NOT NULL AS kept "
            "FROM audit_entry e JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq "
            "WHERE e.request = :request ORDER BY e.time, e.seq"
        )
        found = []
        for row in await self._rows(query, {"request": request}):
            found.append({
                "log": row["log"], "seq": row["seq"], "time": row["time"], "event": row["event"],
                "hash": row["hash"], "has_payload": bool(row["kept"]),
                "fields": values_of(bytes(row["disclosure"])),
            })  # fmt: skip
        if not found:
            raise InvalidRequest("There is no entry with this audit id.", code="not_found")
        return found

    async def reveal(self, request: str, actor: Actor, *, reason: str) -> list[dict[str, Any]]:
        """The redacted bodies of one request; revealing is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is nothing stored.
        """
        if len(reason.strip()) < 10:
            raise InvalidRequest("Say why, in at least ten characters.", param="reason")
        query = (
            "SELECT d.log, d.seq, d.event, d.subject, d.payload, d.wrapped_key, k.wrapped "
            "FROM audit_detail d JOIN subject_key k ON k.log = d.log AND k.subject = d.subject "
            "WHERE d.request = :request AND d.payload IS NOT NULL ORDER BY d.time, d.seq"
        )
        rows = await self._rows(query, {"request": request})
        if not rows:
            raise InvalidRequest("Nothing is stored for this audit id.", code="not_found")
        async with self._database.write() as connection:
            await self._journal.record(
                connection, actor, "control:payload:reveal", of_request=request, reason=reason[:500]
            )
        return [self._opened(request, row) for row in rows]

    async def spending(self, since_ms: int) -> dict[str, float]:
        """Money spent since a moment, by team."""
        query = (
            "SELECT team, SUM(cost_micros) AS cost FROM audit_detail "
            "WHERE time >= :since AND team IS NOT NULL GROUP BY team"
        )
        spent: dict[str, float] = {}
        for row in await self._rows(query, {"since": since_ms}):
            spent[row["team"]] = spent.get(row["team"], 0.0) + float(row["cost"] or 0) / 1_000_000
        return spent

    async def overview(self, since_ms: int) -> dict[str, Any]:
        """Counts since a moment: requests by zone, level and outcome; latency quantiles in ms."""
        query = (
            "SELECT zone, level, outcome, disclosure FROM audit_detail "
            "WHERE time >= :since AND event IN ('request:answer:close', 'request:refusal:record') "
            "ORDER BY time DESC LIMIT 20000"
        )
        totals: dict[str, dict[str, int]] = {"zone": {}, "level": {}, "outcome": {}}
        latencies: list[int] = []
        tokens = 0
        for row in await self._rows(query, {"since": since_ms}):
            for name, counts in totals.items():
                label = row[name] or "none"
                counts[label] = counts.get(label, 0) + 1
            fields = values_of(bytes(row["disclosure"]))
            latencies.append(_count(fields, "latency_ms"))
            tokens += _count(fields, "input_tokens") + _count(fields, "output_tokens")
        latencies.sort()
        return {
            "requests": len(latencies),
            "tokens": tokens,
            "by": totals,
            "latency_ms": {
                f"p{quantile}": latencies[len(latencies) * quantile // 100] if latencies else None
                for quantile in (50, 95, 99)
            },
        }

    async def sign_heads(self) -> int:
        """Signs the newest head of each log that grew; gives how many did.

        Raises:
            TrailDamaged: when a log is shorter than, or differs from, a head signed before.
        """
        heads = await self._heads()
        async with self._database.write() as connection:
            signed = await _signed(connection)
            for log, (seq, digest) in signed.items():
                await self._continues(log, seq, digest, heads.get(log))
            grown = {log: head for log, head in heads.items() if signed.get(log) != head}
            for log, (seq, digest) in grown.items():
                await _store_head(connection, log, seq, digest, int(self._wall() * 1000), self._key)
        return len(grown)

    async def export(
        self, path: Path, actor: Actor, *, since: int, until: int, formats: Iterable[str]
    ) -> Exported:
        """Writes an export of a period in epoch milliseconds; exporting is itself an entry.

        Raises:
            TrailDamaged: when the stored trail does not hold together.
            InvalidRequest: when the period ends before it begins.
        """
        if until < since:
            raise InvalidRequest("The period ends before it begins.")
        await self.sign_heads()
        done = await write_export(
            self._export_rows(since, until), path=path, period=(since, until),
            created_ms=int(self._wall() * 1000), formats=formats, key=self._key,
        )  # fmt: skip
        async with self._database.write() as connection:
            await self._journal.record(
                connection, actor, "control:audit:export",
                since=since, until=until, entries=done.entries, root=done.root,
            )  # fmt: skip
        return done

    async def close(self) -> None:
        """Closes the files of other processes."""
        for database in self._files.values():
            await database.close()

    def _opened(self, request: str, row: dict[str, Any]) -> dict[str, Any]:
        try:
            body = open_payload(
                kek=self._kek, log=row["log"], subject=row["subject"], request=request,
                wrapped_subject_key=bytes(row["wrapped"]), wrapped_key=bytes(row["wrapped_key"]),
                ciphertext=bytes(row["payload"]),
            )  # fmt: skip
        except PayloadLost:
            return {"event": row["event"], "erased": True, "body": None}
        return {"event": row["event"], "erased": False, "body": orjson.loads(body)}

    async def _continues(
        self, log: str, seq: int, digest: str, head: tuple[int, str] | None
    ) -> None:
        if head is None or head[0] < seq:
            raise TrailDamaged(f"log {log}: entries up to {seq} were signed, some are missing now")
        query = "SELECT hash FROM audit_entry WHERE log = :log AND seq = :seq"
        found = [row["hash"] for row in await self._rows(query, {"log": log, "seq": seq})]
        if found != [digest]:
            raise TrailDamaged(f"log {log}: entry {seq} is not the one that was signed")

    async def _heads(self) -> dict[str, tuple[int, str]]:
        query = (
            "SELECT e.log, e.seq, e.hash FROM audit_entry e JOIN "
            "(SELECT log, MAX(seq) AS seq FROM audit_entry GROUP BY log) m "
            "ON m.log = e.log AND m.seq = e.seq"
        )
        return {row["log"]: (row["seq"], row["hash"]) for row in await self._rows(query, {})}

    async def _export_rows(self, since: int, until: int) -> AsyncIterator[ExportRow]:
        ranges = (
            "SELECT log, MIN(seq) AS first, MAX(seq) AS last FROM audit_entry "
            "WHERE time >= :since AND time < :until GROUP BY log"
        )
        found = await self._rows(ranges, {"since": since, "until": until})
        query = (
            "SELECT e.log, e.seq, e.leaf, d.disclosure FROM audit_entry e LEFT JOIN audit_detail d "
            "ON d.log = e.log AND d.seq = e.seq "
            "WHERE e.log = :log AND e.seq >= :first AND e.seq <= :last ORDER BY e.seq"
        )
        for span in sorted(found, key=lambda row: str(row["log"])):
            for first in range(span["first"], span["last"] + 1, _BATCH):
                bounds = {
                    "log": span["log"], "first": first, "last": min(span["last"], first + _BATCH - 1)
                }  # fmt: skip
                for row in await self._rows(query, bounds):
                    disclosure = row["disclosure"]
                    yield ExportRow(
                        row["log"], row["seq"], _binary(row["leaf"]),
                        _binary(disclosure) if disclosure is not None else None,
                    )  # fmt: skip

    async def _rows(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of all processes; queries bound their number."""
        found: list[dict[str, Any]] = []
        for database in await self._databases():
            async with database.read() as connection:
                result = await connection.execute(text(query), values)
                found += [dict(row) for row in result.mappings()]
        return found

    async def _databases(self) -> list[Database]:
        files = await asyncio.to_thread(_taken_over, self._directory) if self._directory else []
        for path in files:
            if path not in self._files:
                self._files[path] = Database(f"sqlite:///{path}")
        return [self._database, *(self._files[path] for path in files)]


def _taken_over(directory: Path) -> list[Path]:
    """The database files of other processes, with all that is durable in them."""
    ledgers = {
        file.with_name(file.name.split(".")[0] + ".db") for file in directory.glob("*.ledger")
    }
    files = sorted(ledgers | set(directory.glob("audit-*.db")))
    for file in files:
        try:
            take_over(file)
        except LedgerDamaged as error:
            raise TrailDamaged(str(error)) from error
    return files


def _page(rows: list[dict[str, Any]], size: int) -> Page:
    """A page ends between two milliseconds, so that the next one continues without a gap."""
    page = rows[:size]
    if len(rows) <= size:
        return Page(page, None)
    whole = [row for row in page if row["time"] != rows[size]["time"]]
    page = whole or page
    return Page(page, page[-1]["time"])


def _binary(value: Any) -> bytes:
    """SQLite gives back text where somebody put text: then the hash will not match."""
    return value.encode() if isinstance(value, str) else bytes(value)


def _count(fields: dict[str, Value], name: str) -> int:
    value = fields.get(name, 0)
    return value if isinstance(value, int) else 0


async def _signed(connection: AsyncConnection) -> dict[str, tuple[int, str]]:
    rows = await connection.execute(text("SELECT log, seq, hash FROM log_head"))
    return {row.log: (row.seq, row.hash) for row in rows}


async def _store_head(
    connection: AsyncConnection, log: str, seq: int, digest: str, now: int, key: Ed25519PrivateKey
) -> None:
    signature = key.sign(f"{log}\n{seq}\n{digest}\n{now}".encode()).hex()
    await connection.execute(
        text(
            "INSERT INTO log_head (log, seq, hash, time, signature) "
            "VALUES (:log, :seq, :hash, :time, :signature) ON CONFLICT (log) DO UPDATE SET "
            "seq = excluded.seq, hash = excluded.hash, time = excluded.time, "
            "signature = excluded.signature"
        ),
        {"log": log, "seq": seq, "hash": digest, "time": now, "signature": signature},
    )
