"""Reading the trail: one entry's whole story, its bodies, figures, export."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied, InvalidRequest, TrailDamaged
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import Value, values_of
from gateway.evidence.export import (
    FORMATS,
    ExportResult,
    LogRange,
    PackageInfo,
    write_export,
)
from gateway.evidence.export_row import ExportRow
from gateway.evidence.ledger import LedgerDamaged
from gateway.evidence.ledger_import import import_ledgers, overwrite_imported, prepare
from gateway.evidence.payload import PayloadLost, open_payload
from gateway.evidence.selection import ALL, Selection
from gateway.evidence.witness import WitnessConfig
from gateway.governance.access_control.actor import Actor
from gateway.governance.audit.export_observer import Accompany, seen_by
from gateway.governance.audit.export_rows import ExportRows
from gateway.governance.audit.log_reader import LogReader
from gateway.governance.audit.sequencer import ROUND, Sequencer
from gateway.governance.audit.signing_keys import public_of
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.governance.retention.expired_range import bodies_gone
from gateway.governance.witnesses import WitnessPublisher
from gateway.storage.database import Database

_SPOOLS_ENDED = (
    "SELECT COUNT(*) AS number FROM audit_detail WHERE event = 'trail:spool:end' "
    f"AND event <> '{INTENT}' AND event <> '{CLOSE}'"  # so that the index of rare events will do
)


@dataclass(frozen=True, slots=True)
class ExportApproval:
    """The proposal by which a full package was released, and why it was wanted.

    ``alone`` says that the one who asked released it: only embedded mode allows that.
    """

    proposal: str
    reason: str
    alone: bool


class AuditService:
    """The entries of all processes: in embedded mode each has a file of its own."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        directory: Path | None,
        kek: bytes,
        key: Ed25519PrivateKey,
        accompany: Accompany,
        witnessing: WitnessConfig | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``directory`` is where embedded mode keeps ``audit-*.db``; None with PostgreSQL.

        ``accompany`` makes what adds the parts of the formats that evidence itself has not.
        """
        self._database = database
        self._journal = journal
        self._directory = directory
        self._kek = kek
        self._key = key
        self._accompany = accompany
        self._wall = wall
        self._files: dict[Path, Database] = {}
        self.log = Sequencer(database, self.rows, key=key, wall=wall)
        self.witnesses = WitnessPublisher(
            database, self.log, witnessing or WitnessConfig(), own=public_of(key), wall=wall
        )

    async def story(self, request: str) -> list[dict[str, Any]]:
        """Every entry of one request, in order, with its disclosed fields and leaf hash."""
        query = (
            "SELECT e.log, e.seq, e.time, e.event, e.hash, d.disclosure, d.payload IS NOT NULL AS kept "
            "FROM audit_detail d JOIN audit_entry e ON e.log = d.log AND e.seq = d.seq "
            "WHERE d.request = :request ORDER BY e.time, e.seq"
        )
        found = []
        for row in await self.rows(query, {"request": request}):
            found.append({
                "log": row["log"],
                "seq": row["seq"],
                "time": row["time"],
                "event": row["event"],
                "hash": row["hash"],
                "has_payload": bool(row["kept"]),
                "fields": values_of(bytes(row["disclosure"])),
            })
        if not found:
            raise InvalidRequest(
                "There is no entry with this audit id whose values are still kept.",
                code="not_found",
            )
        return found

    async def reveal(self, request: str, actor: Actor, *, reason: str) -> list[dict[str, Any]]:
        """The redacted bodies of one request; revealing is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is nothing stored.
        """
        check_reason(reason)
        query = (
            "SELECT d.log, d.seq, d.event, d.subject, d.payload, d.wrapped_key, k.wrapped "
            "FROM audit_detail d JOIN subject_key k ON k.log = d.log AND k.subject = d.subject "
            "WHERE d.request = :request AND d.payload IS NOT NULL ORDER BY d.time, d.seq"
        )
        rows = await self.rows(query, {"request": request})
        if not rows:
            entry = await bodies_gone(self.rows, self._database, request)
            said = f" any more; entry {entry} of the log control says so" if entry else ""
            raise InvalidRequest(f"Nothing is stored for this audit id{said}.", code="not_found")
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
        for row in await self.rows(query, {"since": since_ms}):
            spent[row["team"]] = spent.get(row["team"], 0.0) + float(row["cost"] or 0) / 1_000_000
        return spent

    async def overview(self, since_ms: int) -> dict[str, Any]:
        """Counts since a moment: requests by zone, level and outcome; latency quantiles in ms."""
        query = (
            "SELECT zone, level, outcome, disclosure FROM audit_detail WHERE time >= :since AND "
            "event IN ('request:answer:close', 'request:refusal:record', 'request:refusal:count') "
            "ORDER BY time DESC LIMIT 20000"
        )
        totals: dict[str, dict[str, int]] = {"zone": {}, "level": {}, "outcome": {}}
        latencies: list[int] = []
        requests = tokens = 0
        for row in await self.rows(query, {"since": since_ms}):
            fields = values_of(bytes(row["disclosure"]))
            number = _count(fields, "count") or 1  # so many refusals in one entry
            requests += number
            for name, counts in totals.items():
                label = row[name] or "none"
                counts[label] = counts.get(label, 0) + number
            if "latency_ms" in fields:
                latencies.append(_count(fields, "latency_ms"))
            tokens += _count(fields, "input_tokens") + _count(fields, "output_tokens")
        latencies.sort()
        return {
            "requests": requests,
            "tokens": tokens,
            "by": totals,
            "latency_ms": {
                f"p{quantile}": latencies[len(latencies) * quantile // 100] if latencies else None
                for quantile in (50, 95, 99)
            },
        }

    async def export(
        self,
        path: Path,
        actor: Actor,
        *,
        since: int,
        until: int,
        formats: Collection[str],
        profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED,
        selection: Selection = ALL,
        reason: str = "",
        approval: ExportApproval | None = None,
    ) -> ExportResult:
        """Writes an export of a period in epoch milliseconds; exporting is itself an entry.

        Raises:
            TrailDamaged: when the stored trail does not hold together.
            InvalidRequest: when the period ends before it begins, a format is not known, or a report
                is wanted of a selection.
            Denied: for a full package that nobody approved.
        """
        check_export(since, until, formats, selection)
        full = profile is DisclosureProfile.FULL
        if full and approval is None:
            raise Denied("A full package needs the approval of another person.")
        part = await self._fresh(since, until)
        beside = self._accompany(formats, (since, until), part, self.rows, profile)
        rows = ExportRows(self._database, self.rows, kek=self._kek).of(
            part, bodies=full, selection=selection
        )
        about = PackageInfo(
            (since, until),
            int(self._wall() * 1000),
            frozenset(formats),
            profile,
            approval.proposal if approval else None,
            selection,
        )

        async def record(done: ExportResult) -> None:
            async with self._database.write() as connection:
                await self._journal.record(
                    connection,
                    actor,
                    "control:audit:export",
                    since=since,
                    until=until,
                    profile=profile.value,
                    where=selection.texts() or None,
                    entries=done.entries,
                    root=done.root,
                    bodies=done.bodies if full else None,
                    reason=reason or None,
                    approval=about.approval,
                    one_person=True if approval and approval.alone else None,
                )

        return await write_export(
            seen_by(beside, rows, profile),
            part,
            about,
            path=path,
            key=self._key,
            attachments=beside.parts,
            record=record,
        )

    async def entries(
        self, since: int, until: int, *, size: int | None = None
    ) -> tuple[LogRange, AsyncIterator[ExportRow]]:
        """The part of the log that holds a period, and its entries, each checked against the tree.

        ``size`` reads them as they were under an older checkpoint, without what came later.

        Raises:
            TrailDamaged: when the stored trail does not hold together, or was never that large.
        """
        part = await (
            self._fresh(since, until) if size is None else self._slice(since, until, size)
        )
        return part, ExportRows(self._database, self.rows, kek=self._kek).of(part)

    async def overwrite_deleted(self) -> None:
        """Leaves nothing of deleted rows in files of ours: of logs of SQLite, and of ledgers."""
        for path, database in self._files.items():
            await database.truncate_log()
            await asyncio.to_thread(overwrite_imported, path)

    async def close(self) -> None:
        """Closes the files of other processes."""
        for database in self._files.values():
            await database.close()

    def _opened(self, request: str, row: dict[str, Any]) -> dict[str, Any]:
        try:
            opened = open_payload(
                kek=self._kek,
                log=row["log"],
                subject=row["subject"],
                request=request,
                wrapped_subject_key=bytes(row["wrapped"]),
                wrapped_key=bytes(row["wrapped_key"]),
                ciphertext=bytes(row["payload"]),
            )
        except PayloadLost:
            return {"event": row["event"], "erased": True, "body": None}
        return {"event": row["event"], "erased": False, "body": orjson.loads(opened.body)}

    async def _fresh(self, since: int, until: int) -> LogRange:
        """The part of the log that holds a period, under a head over all that is durable by now."""
        while await self.log.advance() == ROUND:
            continue
        await self.witnesses.show()
        return await self._slice(since, until, None)

    async def _slice(self, since: int, until: int, size: int | None) -> LogRange:
        """The part of the log that holds every entry of a period, by default under the newest checkpoint."""
        reader = LogReader(self._database)
        under = await (self.log.latest() if size is None else reader.checkpoint(size))
        if under is None:
            raise TrailDamaged(
                "nothing was ever signed" if size is None else f"no head over {size}"
            )
        query = (
            "SELECT log, MIN(seq) AS low, MAX(seq) AS high FROM audit_entry "
            "WHERE time >= :since AND time < :until GROUP BY log"
        )
        found = await self.rows(query, {"since": since, "until": until})
        spans = [(row["log"], row["low"], row["high"]) for row in found]
        first, end = await reader.bounds(spans, under.size)
        end = min(end, under.size)
        return await reader.slice(min(first, end), end, under)

    async def rows(
        self, query: str, values: dict[str, Any], within: AsyncConnection | None = None
    ) -> list[dict[str, Any]]:
        """The rows of all processes; queries bound their number.

        ``within`` is the caller's own connection to the governance database: who holds its lock must
        not wait for another connection, which others may hold while they wait for the lock.
        """
        first, *others = await self.databases()
        found = await _ask(within, query, values) if within else await _read(first, query, values)
        for database in others:
            found += await _read(database, query, values)
        return found

    async def spools_ended(self) -> int:
        """How often a gateway brought in what had waited on its disk: what is new may be old then."""
        return sum(row["number"] for row in await self.rows(_SPOOLS_ENDED, {}))

    async def databases(self) -> list[Database]:
        """All databases in which entries stand, with all that is durable in them."""
        files = await asyncio.to_thread(_taken_over, self._directory) if self._directory else []
        for path in files:
            if path not in self._files:
                await asyncio.to_thread(prepare, path)
                self._files.setdefault(path, Database(f"sqlite:///{path}"))
        return [self._database, *(self._files[path] for path in files)]


def check_export(
    since: int, until: int, formats: Collection[str], selection: Selection = ALL
) -> None:
    """Nothing when such an export can be made.

    Raises:
        InvalidRequest: when the period ends before it begins, a format is not known, or a report is
            wanted of a selection: it counts whole requests.
    """
    if unknown := set(formats) - FORMATS:
        raise InvalidRequest(
            f"There is no format {', '.join(sorted(unknown))}; known: {', '.join(sorted(FORMATS))}.",
            param="formats",
        )
    if until < since:
        raise InvalidRequest("The period ends before it begins.")
    if selection and "pdf" in formats:
        raise InvalidRequest(
            "A report counts all requests of a period: leave out either pdf or the selection.",
            param="where",
        )


async def _read(database: Database, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with database.read() as connection:
        return await _ask(connection, query, values)


async def _ask(
    connection: AsyncConnection, query: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    result = await connection.execute(text(query), values)
    return [dict(row) for row in result.mappings()]


def _taken_over(directory: Path) -> list[Path]:
    """The database files of other processes, with all that is durable in them."""
    ledgers = {
        file.with_name(file.name.split(".")[0] + ".db") for file in directory.glob("*.ledger")
    }
    files = sorted(ledgers | set(directory.glob("audit-*.db")))
    for file in files:
        try:
            import_ledgers(file)
        except LedgerDamaged as error:
            raise TrailDamaged(str(error)) from error
    return files


def _count(fields: dict[str, Value], name: str) -> int:
    value = fields.get(name, 0)
    return value if isinstance(value, int) else 0
