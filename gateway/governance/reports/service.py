"""Reports on request, and scheduled ones: made, recorded, stored, checked."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import RowMapping, func, insert, select

from gateway.core.errors import InvalidRequest, TrailDamaged
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.journal import Journal
from gateway.governance.merkle_log.signing_keys import chain, public_of
from gateway.governance.reports.collector import Collector, counted
from gateway.governance.reports.facts import Facts, Period, digest_of, holds, read, sign
from gateway.governance.reports.kinds import FORMATS
from gateway.governance.reports.rendering import Signed, render
from gateway.governance.reports.schedule import due
from gateway.governance.reports.schemas import (
    ReportCheckResponse,
    ScheduledReport,
    StoredReport,
)
from gateway.governance.reports.tables import report
from gateway.storage.database import Database

UPKEEP = Actor("system:upkeep", "upkeep", frozenset({"system"}), "local")


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The parameters of a report; times are epoch milliseconds, ``until`` is exclusive.

    ``timezone`` is by default that of the organisation.
    """

    kind: str
    since: int
    until: int
    language: str
    form: str
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as a file; ``digest`` is the SHA-256 of the facts, ``sha256`` that of the file."""

    name: str
    media_type: str
    data: bytes
    digest: str
    sha256: str


class Reports:
    """Makes reports, one at a time: counting takes the processor."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        collector: Collector,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._trail = trail
        self._collector = collector
        self._key = key
        self._wall = wall
        self._lock = asyncio.Lock()

    async def create(self, request: ReportRequest, actor: Actor) -> ReportFile:
        """Make a report as a file; making it is an entry that names its digest.

        Raises:
            InvalidRequest: when the period ends before it begins.
            Unavailable: when a package that the format needs is not installed.
            TrailDamaged: when the stored trail is inconsistent.
        """
        if request.until <= request.since:
            raise InvalidRequest("The period ends before it begins.", param="until")
        zone = request.timezone or await self._collector.timezone()
        async with self._lock:
            facts = await self._facts(request.kind, Period(request.since, request.until, zone))
            file = await self._file(self._signed(facts), request.language, request.form)
        await self._record(actor, "control:report:make", facts, file, request)
        return file

    async def list_scheduled(self) -> list[ScheduledReport]:
        """The scheduled kinds of reports."""
        return await self._collector.scheduled()

    async def timezone(self) -> str:
        """The time zone of the organisation's periods."""
        return await self._collector.timezone()

    async def get(self, identity: str, actor: Actor, *, language: str, form: str) -> ReportFile:
        """A stored report as a file, rendered from the signed facts; reading it is an entry.

        Raises:
            InvalidRequest: when there is no such report.
            Unavailable: when a package that the format needs is not installed.
            TrailDamaged: when no key of this log has signed its facts.
        """
        row = await self._row(identity)
        raw = bytes(row["facts"])
        signer = await self._signer(raw, row["signature"])
        facts = read(raw)
        signed = Signed(facts, row["signature"], signer)
        async with self._lock:
            file = await self._file(signed, language, form)
        request = ReportRequest(facts.kind, facts.period.since, facts.period.until, language, form)
        await self._record(actor, "control:report:read", facts, file, request)
        return file

    async def check(self, identity: str, actor: Actor) -> ReportCheckResponse:
        """Count a stored report again, under the same checkpoint; the check is an entry.

        Raises:
            InvalidRequest: when there is no such report.
            TrailDamaged: when the stored trail is inconsistent.
        """
        before = read(bytes((await self._row(identity))["facts"]))
        async with self._lock:
            now = await self._facts(
                before.kind, before.period, size=before.source.size, made=before.made
            )
        seen = msgspec.structs.replace(now.source, witnessed=before.source.witnessed)
        if before.counts.decisions is msgspec.UNSET:  # made before these were counted
            now.counts.decisions = msgspec.UNSET
        same = now.counts == before.counts and seen == before.source
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                "control:report:check",
                report=digest_of(before.canonical()),
                kind=before.kind,
                same=same,
            )
        return ReportCheckResponse(
            same=same,
            entries=now.counts.entries,
            erased_then=before.counts.erased,
            erased_now=now.counts.erased,
        )

    async def make_due(self) -> int:
        """Make the scheduled reports whose period is over; gives how many.

        Raises:
            TrailDamaged: when the stored trail is inconsistent.
        """
        made, timezone = 0, await self._collector.timezone()
        for one in await self._collector.scheduled():
            kind, every = one.kind, one.every
            last = await self._done_until(kind, every)
            now, zone = int(self._wall() * 1000), ZoneInfo(timezone)
            for since, until in due(every, now=now, zone=zone, done_until=last):
                async with self._lock:
                    facts = await self._facts(kind, Period(since, until, timezone))
                made += await self._store(facts, every)
        return made

    async def _facts(
        self, kind: str, period: Period, *, size: int | None = None, made: int | None = None
    ) -> Facts:
        part, rows = await self._trail.entries(period.since, period.until, size=size)
        counts = await counted(rows, period, self._trail.rows)
        return await self._collector.facts(kind, period, part, counts, self._trail.rows, made=made)

    def _signed(self, facts: Facts) -> Signed:
        return Signed(facts, sign(facts.canonical(), self._key), self._public())

    def _public(self) -> str:
        return public_of(self._key).hex()

    async def _signer(self, raw: bytes, signature: str) -> str:
        """The public key, in hex, that signed a stored report: this one or one before it."""
        async with self._database.read() as connection:
            known = await chain(connection, public_of(self._key))
        for key in sorted(known.keys):
            if holds(raw, signature, Ed25519PublicKey.from_public_bytes(key)):
                return key.hex()
        raise TrailDamaged("a stored report is not what was signed")

    @staticmethod
    async def _file(signed: Signed, language: str, form: str) -> ReportFile:
        facts = signed.facts
        data = await asyncio.to_thread(render, signed, language, form)
        name = f"sluis-{facts.kind}-{_days(facts.period)}.{language}.{form}"
        digest = digest_of(facts.canonical())
        return ReportFile(name, FORMATS[form], data, digest, hashlib.sha256(data).hexdigest())

    async def _record(
        self, actor: Actor, event: str, facts: Facts, file: ReportFile, request: ReportRequest
    ) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                event,
                kind=request.kind,
                since=request.since,
                until=request.until,
                language=request.language,
                format=request.form,
                entries=facts.source.checked,
                root=facts.source.root,
                report=file.digest,
                file_sha256=file.sha256,
            )

    async def _store(self, facts: Facts, every: str) -> bool:
        """Store a report; False when another control plane was first."""
        raw, period = facts.canonical(), facts.period
        same = (
            (report.c.kind == facts.kind)
            & (report.c.every == every)
            & (report.c.since == period.since)
        )
        async with self._database.write() as connection:
            if (await connection.execute(select(report.c.id).where(same))).first():
                return False
            await connection.execute(
                insert(report).values(
                    id=secrets.token_hex(8),
                    kind=facts.kind,
                    every=every,
                    since=period.since,
                    until=period.until,
                    made=facts.made,
                    facts=raw,
                    digest=digest_of(raw),
                    signature=sign(raw, self._key),
                )
            )
            await self._journal.record(
                connection,
                UPKEEP,
                "control:report:make",
                kind=facts.kind,
                since=period.since,
                until=period.until,
                entries=facts.source.checked,
                root=facts.source.root,
                report=digest_of(raw),
            )
        return True

    async def _done_until(self, kind: str, every: str) -> int | None:
        mine = (report.c.kind == kind) & (report.c.every == every)
        async with self._database.read() as connection:
            found = await connection.execute(select(func.max(report.c.until)).where(mine))
            last: int | None = found.scalar()
        return last

    async def _row(self, identity: str) -> RowMapping:
        async with self._database.read() as connection:
            found = await connection.execute(select(report).where(report.c.id == identity))
            row = found.mappings().first()
        if row is None:
            raise InvalidRequest("There is no such report.", code="not_found")
        return row

    async def list(self) -> Sequence[StoredReport]:
        """The stored reports without their facts, newest first."""
        columns = [column for column in report.c if column.name != "facts"]
        newest = (report.c.until.desc(), report.c.kind, report.c.every)
        query = select(*columns).order_by(*newest)
        async with self._database.read() as connection:
            return [StoredReport(**row) for row in (await connection.execute(query)).mappings()]


def _days(period: Period) -> str:
    """First and last day, for a file's name."""
    zone = ZoneInfo(period.timezone)
    first = datetime.fromtimestamp(period.since / 1000, zone)
    last = datetime.fromtimestamp(period.until / 1000, zone) - timedelta(milliseconds=1)
    return f"{first:%Y-%m-%d}-{last:%Y-%m-%d}"
