"""Expiry: parts of entries past their retention period are deleted in batches, each run on record.

A run is of one class. It scans entries older than the cut-off, oldest first, and deletes a part of
those of the class. The entries of a request go together, when the newest of them is due. A batch
and the note of what it deleted are one short transaction of the store of the entries. The entry of
the run is counted from these notes, so that an interrupted run continues and counts nothing twice.
A run ends early when policy or catalogue change.

Exports name that entry for deleted parts, and their verifier compares: the entry states the latest
cut-off of any part of the run, and nothing is deleted once the run is over.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import desc, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.audit.request_group import RequestGroup, of_places, of_requests, rows
from gateway.governance.audit.service import AuditService
from gateway.governance.audit.tables import expiry_run
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.holds.service import Holds
from gateway.governance.journal import LOG, Journal
from gateway.governance.policies.retention_policy import (
    ADMINISTRATION,
    FILE,
    PARTS,
    RetentionPolicy,
    retention_of,
)
from gateway.governance.policies.service import active_files
from gateway.governance.retention.removal import remove
from gateway.governance.retention.stores import locked
from gateway.storage.database import Database

ACTOR = Actor("system:expiry", "expiry", frozenset({"system"}), "local")
EVENT = "control:retention:expire"
_DAY_MS = 86_400_000
_PAGE = 1000  # entries that a batch scans
_DUE = (
    "SELECT time, log, seq, request FROM audit_detail "
    "WHERE (time, log, seq) > (:time, :log, :seq) AND time < :until{more} "
    f"ORDER BY time, log, seq LIMIT {_PAGE}"
)
_REMOVED = "SELECT part, SUM(items) AS items FROM expired WHERE run = :run GROUP BY part"
Until = dict[str, int]  # by part, epoch milliseconds


class _RulesChanged(Exception):
    """The retention rules are not those with which the run began."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """The retention table of the bundle, as text, and the risks of use cases."""

    stated: str | None
    risks: dict[str, str]

    def table(self) -> RetentionPolicy:
        return retention_of({FILE: self.stated} if self.stated is not None else {})


@dataclass(slots=True)
class _Run:
    """One run: its class, its cut-offs, and the number of requests under holds."""

    id: int
    name: str
    table: RetentionPolicy
    rules: _Rules
    since: Until
    until: Until
    held: dict[str, int] = field(default_factory=dict)

    def due(self, part: str, one: RequestGroup) -> bool:
        """Whether the entries of a request are of this class, and past the cut-off."""
        name = self.table.class_of(one.purpose, self.rules.risks) if one.request else ADMINISTRATION
        return name == self.name and one.newest < self.until[part]


class Expiry:
    """Deletes the parts of entries that are due. What is due changes once a day."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        holds: Holds,
        catalogue: Catalogue,
        *,
        wall: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` is monotonic seconds: each batch is followed by a pause of its own length."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._holds = holds
        self._catalogue = catalogue
        self._wall = wall
        self._clock = clock

    async def run(self) -> None:
        """Expire every class, bodies first, disclosures last. Days end at midnight UTC."""
        async with self._database.read() as connection:
            rules = await self._rules(connection)
        table = rules.table()
        with suppress(_RulesChanged):  # the next run uses the new ones
            for name in table.classes:
                await self._class(name, table, rules)

    async def _class(self, name: str, table: RetentionPolicy, rules: _Rules) -> None:
        today = int(self._wall() * 1000) // _DAY_MS
        until = {part: (today - table.classes[name].days(part)) * _DAY_MS for part in PARTS}
        ended = await self._trail.spools_ended()
        async with self._database.read() as connection:
            holds = await self._holds.index(connection)
            rule = f"{table.digest(name, rules.risks)[:40]}.{holds.released}.{ended}"
            since = await _done(connection, name, rule)
        if since == until:
            return
        run = _Run(await self._start(name, rule, until), name, table, rules, since, until)
        for part in PARTS[-1:] if name == ADMINISTRATION else PARTS:
            for store in await self._trail.databases():
                await self._part(run, part, store)
        await self._finish(run, rule)

    async def _part(self, run: _Run, part: str, store: Database) -> None:
        """Expire one part in one store, in batches, oldest first."""
        query = _DUE.format(more=" AND payload IS NOT NULL" if part == "bodies" else "")
        at: dict[str, Any] = {"time": run.since.get(part, 0), "log": "", "seq": -1}
        while True:
            began = self._clock()
            async with store.read() as connection:
                page = await rows(connection, query, **at, until=run.until[part])
                found = await _grouped(connection, page)
            if not page:
                return
            due = [one for one in found if run.due(part, one)]
            if due:
                await self._remove(run, part, store, due)
            at = {name: page[-1][name] for name in at}
            await asyncio.sleep(self._clock() - began)

    async def _remove(self, run: _Run, part: str, store: Database, due: list[RequestGroup]) -> None:
        """Delete a batch. Holds and policy cannot change during it."""
        async with locked(self._database, store) as (governance, connection):
            if await _unfinished(governance, run.id) is None:
                return
            if await self._rules(governance) != run.rules:
                raise _RulesChanged
            holds = await self._holds.index(governance)
            matching = await holds.matching(connection, due)
            free = [one for one in due if holds.hold_of(one, matching) is None]
            if len(free) < len(due):
                run.held[part] = run.held.get(part, 0) + len(due) - len(free)
            if free:
                between = min(one.oldest for one in free), max(one.newest for one in free)
                places = [place for one in free for place in one.places]
                await remove(connection, part, places, run=run.id, between=between)

    async def _start(self, name: str, rule: str, until: Until) -> int:
        """The number of the run: that of an interrupted one, or a new one."""
        open_ = select(expiry_run.c.id, expiry_run.c.until).where(
            expiry_run.c.retention_class == name, expiry_run.c.finished.is_(None)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(open_)).first()
            if row is None:
                new = insert(expiry_run).values(
                    retention_class=name, rule=rule, until=orjson.dumps(until).decode()
                )
                return int((await connection.execute(new.returning(expiry_run.c.id))).scalar_one())
            # Earlier batches may have had a later cut-off, under another rule.
            before: Until = orjson.loads(row.until)
            latest = {part: max(until[part], before.get(part, 0)) for part in until}
            await connection.execute(
                update(expiry_run)
                .where(expiry_run.c.id == row.id)
                .values(until=orjson.dumps(latest).decode())
            )
        return int(row.id)

    async def _finish(self, run: _Run, rule: str) -> None:
        """Record the run, where it deleted anything, unless another process has done so."""
        removed: dict[str, int] = {}
        async with self._database.write() as connection:
            latest = await _unfinished(connection, run.id)
            if latest is None:
                return
            for row in await self._trail.rows(_REMOVED, {"run": run.id}, connection):
                removed[row["part"]] = removed.get(row["part"], 0) + int(row["items"])
            entry = None
            if removed:
                await self._journal.record(
                    connection,
                    ACTOR,
                    EVENT,
                    retention_class=run.name,
                    until=latest,
                    removed=removed,
                    held=run.held,
                )
                entry = await _last(connection)
            await connection.execute(
                update(expiry_run)
                .where(expiry_run.c.id == run.id)
                .values(
                    finished=int(self._wall() * 1000),
                    entry=entry,
                    rule=rule,
                    until=orjson.dumps(run.until).decode(),
                )
            )
        if removed:
            await self._trail.overwrite_deleted()

    async def _rules(self, connection: AsyncConnection) -> _Rules:
        stated = (await active_files(connection)).get(FILE)
        use_cases = (await self._catalogue.load(connection))["use_case"]
        documents = [orjson.loads(raw) for raw in use_cases]
        return _Rules(stated, {one["name"]: one["risk"] for one in documents})


async def _grouped(connection: AsyncConnection, page: list[Any]) -> list[RequestGroup]:
    single = [(row["log"], row["seq"]) for row in page if not row["request"]]
    requests = {row["request"] for row in page if row["request"]}
    return [*await of_places(connection, single), *await of_requests(connection, requests)]


async def _unfinished(connection: AsyncConnection, run: int) -> Until | None:
    """The latest cut-offs of a run; None once it is over."""
    open_ = select(expiry_run.c.until).where(
        expiry_run.c.id == run, expiry_run.c.finished.is_(None)
    )
    row = (await connection.execute(open_)).first()
    return dict(orjson.loads(row.until)) if row else None


async def _done(connection: AsyncConnection, name: str, rule: str) -> Until:
    """The cut-offs of the last run under this rule; empty without one."""
    last = (
        select(expiry_run.c.rule, expiry_run.c.until)
        .where(expiry_run.c.retention_class == name, expiry_run.c.finished.is_not(None))
        .order_by(desc(expiry_run.c.id))
        .limit(1)
    )
    row = (await connection.execute(last)).first()
    return dict(orjson.loads(row.until)) if row and row.rule == rule else {}


async def _last(connection: AsyncConnection) -> int:
    """The number of the newest entry."""
    query = text("SELECT MAX(seq) FROM audit_entry WHERE log = :log")
    return int((await connection.execute(query, {"log": LOG})).scalar_one())
