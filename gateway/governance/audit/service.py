"""The trail: the entries of a request, its stored bodies, figures, exports."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied, InvalidRequest, TrailDamaged
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import values_of
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
from gateway.governance.actor import Actor
from gateway.governance.audit.expired_range import expiry_of_bodies
from gateway.governance.audit.export_observer import Accompany, observed
from gateway.governance.audit.export_rows import ExportRows
from gateway.governance.audit.request_group import rows
from gateway.governance.audit.schemas import EntryResponse, PayloadResponse
from gateway.governance.journal import LOG as CONTROL_LOG
from gateway.governance.journal import Journal
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.sequencer import ROUND, Sequencer
from gateway.governance.merkle_log.signed_head_file import SignedHeadFile
from gateway.governance.merkle_log.signing_keys import public_of
from gateway.governance.witnesses.service import WitnessPublisher
from gateway.storage.database import Database

_SPOOLS_ENDED = (
    "SELECT COUNT(*) AS number FROM audit_detail WHERE event = 'trail:spool:end' "
    f"AND event <> '{INTENT}' AND event <> '{CLOSE}'"  # so that the index of rare events will do
)


_ENTRIES = (
    "SELECT e.log, e.seq, e.time, e.event, e.hash, d.disclosure, d.payload IS NOT NULL AS kept "
    "FROM audit_detail d JOIN audit_entry e ON e.log = d.log AND e.seq = d.seq "
)
_OF_REQUEST = _ENTRIES + "WHERE d.request = :request ORDER BY e.time, e.seq"
_ONE_ENTRY = _ENTRIES + "WHERE d.log = :log AND d.seq = :seq AND d.disclosure IS NOT NULL"


@dataclass(frozen=True, slots=True)
class ExportApproval:
    """The proposal by which a full package was approved, with its reason.

    ``alone`` says that its author approved it, which only embedded mode allows.
    """

    proposal: str
    reason: str
    alone: bool


class AuditService:
    """The entries of all processes. In embedded mode each process has its own file."""

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
        signed_head: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``directory`` is where embedded mode keeps ``audit-*.db``; None with PostgreSQL.

        ``signed_head`` is the file of the newest signed head outside the database.
        ``accompany`` makes the observer that adds the parts of further formats to an export.
        """
        self._database = database
        self._journal = journal
        self._directory = directory
        self._kek = kek
        self._key = key
        self._accompany = accompany
        self._wall = wall
        self._files: dict[Path, Database] = {}
        kept = SignedHeadFile(signed_head) if signed_head else None
        self.log = Sequencer(database, self.rows, key=key, wall=wall, kept=kept)
        self.witnesses = WitnessPublisher(
            database, self.log, witnessing or WitnessConfig(), own=public_of(key), wall=wall
        )

    async def entries_of(self, request: str) -> list[EntryResponse]:
        """Every entry of one request, in order.

        Raises:
            InvalidRequest: when there is no entry whose values are still kept.
        """
        found = [_described(row) for row in await self.rows(_OF_REQUEST, {"request": request})]
        if not found:
            raise InvalidRequest(
                "There is no entry with this audit id whose values are still kept.",
                code="not_found",
            )
        return found

    async def entry(self, log: str, seq: int) -> EntryResponse:
        """One entry by its number, such as one that belongs to no request.

        Raises:
            InvalidRequest: when there is none whose values are still kept.
        """
        for row in await self.rows(_ONE_ENTRY, {"log": log, "seq": seq}):
            return _described(row)
        raise InvalidRequest(
            "There is no such entry whose values are still kept.", code="not_found"
        )

    async def stored_bodies(self, request: str) -> list[dict[str, Any]]:
        """The rows of one request's bodies for ``opened``; they are encrypted.

        Raises:
            InvalidRequest: when nothing is stored.
        """
        query = (
            "SELECT d.log, d.seq, d.event, d.subject, d.payload, d.wrapped_key, k.wrapped "
            "FROM audit_detail d JOIN subject_key k ON k.log = d.log AND k.subject = d.subject "
            "WHERE d.request = :request AND d.payload IS NOT NULL ORDER BY d.time, d.seq"
        )
        rows = await self.rows(query, {"request": request})
        if not rows:
            entry = await expiry_of_bodies(self.rows, self._database, request)
            expired = f" any more; entry {entry} of the log control says so" if entry else ""
            raise InvalidRequest(f"Nothing is stored for this audit id{expired}.", code="not_found")
        return rows

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
        """Write an export of a period in epoch milliseconds; exporting is itself an entry.

        Raises:
            TrailDamaged: when the stored trail is inconsistent.
            InvalidRequest: as ``check_export`` does.
            Denied: for a full package without an approval.
        """
        check_export(since, until, formats, selection)
        full = profile is DisclosureProfile.FULL
        if full and approval is None:
            raise Denied("A full package needs the approval of another person.")
        part = await self._fresh(since, until)
        observer = self._accompany(formats, (since, until), part, self.rows, profile)
        stored = ExportRows(self._database, self.rows, kek=self._kek)
        part = await stored.with_edges(part, (since, until))
        rows = stored.of(part, bodies=full, selection=selection)
        about = PackageInfo(
            (since, until),
            int(self._wall() * 1000),
            frozenset(formats),
            profile,
            approval.proposal if approval else None,
            selection,
        )

        return await write_export(
            observed(observer, rows, profile),
            part,
            about,
            path=path,
            key=self._key,
            attachments=observer.parts,
            prefix=None if selection else partial(stored.before, CONTROL_LOG),
            record=partial(self._record_export, actor, about, reason, approval),
        )

    async def entries(
        self, since: int, until: int, *, size: int | None = None
    ) -> tuple[LogRange, AsyncIterator[ExportRow]]:
        """The part of the log that holds a period, and its entries, each checked against the tree.

        ``size`` reads them under the older checkpoint of that size, without later entries.

        Raises:
            TrailDamaged: when the stored trail is inconsistent, or was never that large.
        """
        part = await (
            self._fresh(since, until) if size is None else self._slice(since, until, size)
        )
        return part, ExportRows(self._database, self.rows, kek=self._kek).of(part)

    async def overwrite_deleted(self) -> None:
        """Overwrite deleted rows in the write-ahead logs of SQLite and in ledgers."""
        for path, database in self._files.items():
            await database.truncate_log()
            await asyncio.to_thread(overwrite_imported, path)

    async def close(self) -> None:
        """Close the files of other processes."""
        for database in self._files.values():
            await database.close()

    async def _record_export(
        self,
        actor: Actor,
        about: PackageInfo,
        reason: str,
        approval: ExportApproval | None,
        done: ExportResult,
    ) -> None:
        since, until = about.period
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                "control:audit:export",
                since=since,
                until=until,
                profile=about.profile.value,
                where=about.selection.texts() or None,
                entries=done.entries,
                root=done.root,
                bodies=done.bodies if about.profile is DisclosureProfile.FULL else None,
                reason=reason or None,
                approval=about.approval,
                one_person=True if approval and approval.alone else None,
            )

    def opened(self, row: Mapping[str, Any]) -> PayloadResponse:
        """The body of a row with its wrapped keys; the caller puts on record that it was read."""
        if row["wrapped"] is None:
            return PayloadResponse(event=row["event"], erased=True, body=None)
        try:
            opened = open_payload(
                kek=self._kek,
                log=row["log"],
                subject=row["subject"],
                request=row["request"],
                wrapped_subject_key=bytes(row["wrapped"]),
                wrapped_key=bytes(row["wrapped_key"]),
                ciphertext=bytes(row["payload"]),
            )
        except PayloadLost:
            return PayloadResponse(event=row["event"], erased=True, body=None)
        return PayloadResponse(event=row["event"], erased=False, body=orjson.loads(opened.body))

    async def _fresh(self, since: int, until: int) -> LogRange:
        """The part of the log that holds a period, under a new head over all durable entries."""
        while await self.log.advance() == ROUND:
            continue
        await self.witnesses.show()
        return await self._slice(since, until, None)

    async def _slice(self, since: int, until: int, size: int | None) -> LogRange:
        """The part of the log that holds a period, under the newest or a given checkpoint."""
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

        ``within`` is the caller's own connection to the governance database. The holder of its lock
        must not wait for another connection: others may hold that one and wait for the lock.
        """
        first, *others = await self.databases()
        found = await _ask(within, query, values) if within else await _read(first, query, values)
        for database in others:
            found += await _read(database, query, values)
        return found

    async def spools_ended(self) -> int:
        """The number of spool imports. After one, newly stored entries may be old."""
        return sum(row["number"] for row in await self.rows(_SPOOLS_ENDED, {}))

    async def databases(self) -> list[Database]:
        """All databases that hold entries, after the import of durable ledgers."""
        files = await asyncio.to_thread(_import_ledgers, self._directory) if self._directory else []
        for path in files:
            if path not in self._files:
                await asyncio.to_thread(prepare, path)
                self._files.setdefault(path, Database(f"sqlite:///{path}"))
        return [self._database, *(self._files[path] for path in files)]


def check_export(
    since: int, until: int, formats: Collection[str], selection: Selection = ALL
) -> None:
    """Check the parameters of an export.

    Raises:
        InvalidRequest: when the period ends before it begins, a format is unknown, or a report is
            asked for with a selection: a report counts whole requests.
    """
    if unknown := set(formats) - FORMATS:
        raise InvalidRequest(
            f"There is no format {', '.join(sorted(unknown))}; "
            f"known: {', '.join(sorted(FORMATS))}.",
            param="formats",
        )
    if until < since:
        raise InvalidRequest("The period ends before it begins.")
    if selection and "pdf" in formats:
        raise InvalidRequest(
            "A report counts all requests of a period: leave out either pdf or the selection.",
            param="where",
        )


def _described(row: dict[str, Any]) -> EntryResponse:
    return EntryResponse.model_validate({
        **row,
        "has_payload": bool(row["kept"]),
        "fields": values_of(bytes(row["disclosure"])),
    })


async def _read(database: Database, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with database.read() as connection:
        return await _ask(connection, query, values)


async def _ask(
    connection: AsyncConnection, query: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    return [dict(row) for row in await rows(connection, query, **values)]


def _import_ledgers(directory: Path) -> list[Path]:
    """Import the ledgers of other processes; gives the paths of their databases."""
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
