"""People in the trail: in which entries one is mentioned, and erasing one by destroying keys.

What is erased is written down first: a keyed name on the list of ``erased``, and on file. Destroying
follows, and is done again after each start, so that neither a crash nor a database that came back from
a backup keeps what was erased. A legal hold comes before all of it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.access_control.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.data_subjects.person_keys import DataSubject, PersonKeys, digest_of
from gateway.governance.data_subjects.tombstones import ErasureGap, Tombstone, Tombstones
from gateway.governance.holds.service import Holds, OnHold
from gateway.governance.journal import LOG, Journal
from gateway.governance.proposals.service import Settle
from gateway.governance.retention.vault_expiry import VaultExpiry
from gateway.storage.database import Database

__all__ = ["KIND", "DataSubject", "DataSubjects"]
KIND = "subject_erase"
_MOST_ENTRIES = 200
_DAY_MS = 86_400_000
_REMEMBERED_MS = 400 * _DAY_MS  # longer than backups are kept
_LATELY_MS = 3_600_000
_VALUES = "SELECT COUNT(*) AS number FROM value_key WHERE identifier = :identifier"
_ENTRIES = "SELECT COUNT(*) AS number FROM mention WHERE identifier = :identifier"
_MENTIONED = (
    "SELECT e.request, e.time, e.event, e.log, e.seq FROM mention m JOIN audit_entry e "
    "ON e.log = m.log AND e.seq = m.seq WHERE m.identifier = :identifier "
    f"ORDER BY m.time DESC LIMIT {_MOST_ENTRIES + 1}"
)
# What came in behind an erasure (``created`` later) is a new mention, and stays.
_KEYS = "FROM value_key WHERE identifier = :identifier AND created <= :time"
_DESTROY = (
    f"DELETE FROM vault_value WHERE (log, seq, id) IN (SELECT log, seq, id {_KEYS})",
    f"DELETE {_KEYS}",
    "DELETE FROM mention WHERE identifier = :identifier AND time <= :time",
)
_REMEMBER = (
    "INSERT INTO erased (identifier, time) VALUES (:identifier, :time) "
    "ON CONFLICT (identifier) DO UPDATE SET time = excluded.time "
    "WHERE erased.time < excluded.time"
)
_TAIL = "SELECT seq, hash FROM audit_entry WHERE log = :log ORDER BY seq DESC LIMIT 1"
_AT = "SELECT hash FROM audit_entry WHERE log = :log AND seq = :seq"


class DataSubjects:
    """Finds and erases people, by keyed names of their identifiers."""

    permission = "subjects:approve"

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        people: PersonKeys,
        holds: Holds,
        *,
        tombstones: Tombstones | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``tombstones`` is where erasures stand on file; None keeps none."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._people = people
        self._holds = holds
        self._hours = VaultExpiry(database, trail, holds, wall=wall)
        self._tombstones = tombstones
        self._wall = wall
        self._spools_ended = -1  # as of the last time that all was destroyed again

    async def find(
        self, subjects: list[DataSubject], actor: Actor, *, reason: str
    ) -> dict[str, Any]:
        """How much is stored of a person, and the newest entries; looking is itself an entry.

        Raises:
            InvalidRequest: names the subject at fault by its place, never its value.
        """
        names = self._people.named(subjects, reason)
        counted = [await self._counted(name) for name in names]
        entries = await self._mentioned(list(names))
        async with self._database.write() as connection:
            await self._record(connection, actor, "find", names, counted, reason=reason)
        return {
            "subjects": [
                {"type": type_, **count}
                for type_, count in zip(names.values(), counted, strict=True)
            ],
            "entries": entries[:_MOST_ENTRIES],
            "more": len(entries) > _MOST_ENTRIES,
        }

    async def erase(
        self, subjects: list[DataSubject], actor: Actor, *, reason: str
    ) -> dict[str, Any]:
        """Destroys the keys of a person's values, the values and the mentions.

        The entries, their bodies and what else they mention stay as they are.

        Raises:
            InvalidRequest: names the subject at fault by its place, never its value.
            OnHold: when a legal hold covers the person; the refusal is an entry too.
        """
        names = self._people.named(subjects, reason)
        counted = [await self._counted(name) for name in names]
        now = self._now_ms()
        try:
            async with self._database.write() as connection:
                await self._erase(connection, names, counted, actor, now=now, reason=reason)
        except OnHold:
            async with self._database.write() as connection:
                await self._record(connection, actor, "refuse", names, counted, reason=reason)
            raise
        await self._destroy(dict.fromkeys(names, now))
        return {
            "erased": [
                {"type": type_, **count}
                for type_, count in zip(names.values(), counted, strict=True)
            ]
        }

    async def proposed(self, subjects: list[DataSubject], *, reason: str) -> tuple[str, str, str]:
        """What a proposal to erase holds: its subject, its document, and a digest of the names.

        Raises:
            InvalidRequest: names the subject at fault by its place, never its value.
            OnHold: when a legal hold covers the person.
        """
        names = self._people.named(subjects, reason)
        async with self._database.read() as connection:
            await self._holds.refuse_erasure(connection, names)
        document = orjson.dumps({"names": names, "reason": reason}).decode()
        return ", ".join(sorted(set(names.values()))), document, digest_of(names)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> Settle | None:
        """Erases whom a proposal of ``author`` named, within the approval.

        Raises:
            OnHold: when a legal hold covers the person by now.
        """
        wanted = orjson.loads(document)
        names: dict[str, str] = wanted["names"]
        now = self._now_ms()
        counted = [await self._counted(name, connection) for name in names]
        await self._erase(
            connection, names, counted, actor, now=now, reason=wanted["reason"], author=author
        )
        return lambda: self._destroy(dict.fromkeys(names, now))

    async def replay(self, stones: list[Tombstone], actor: Actor) -> dict[str, Any]:
        """Erases again whom a file of erasures names, each up to its own moment.

        Who is under a legal hold in this database is left and counted, not erased.
        """
        names: dict[str, int] = {}
        for stone in stones:
            for name in stone.names:
                names[name] = max(stone.time, names.get(name, 0))
        held = 0
        async with self._database.write() as connection:
            for name, moment in list(names.items()):
                try:
                    await self._holds.refuse_erasure(connection, [name])
                except OnHold:
                    held += 1
                    del names[name]
                    continue
                values = {"identifier": name, "time": moment}
                await connection.execute(text(_REMEMBER), values)
            await self._journal.record(
                connection,
                actor,
                "subject:values:replay",
                subjects=len(names),
                held=held,
                digest=digest_of(names),
            )
            if not held:
                await self._on_file(connection, [], self._now_ms())
        await self._destroy(names)
        return {"replayed": len(names), "on_hold": held}

    async def behind(self) -> ErasureGap | None:
        """Whether the trail ends before the last erasure on file: then this is an older database."""
        if self._tombstones is None:
            return None
        async with self._database.write() as connection:  # an erasure is on file before it commits
            stone = await asyncio.to_thread(self._tombstones.last)
            if stone is None:
                return None
            at = await connection.execute(text(_AT), {"log": LOG, "seq": stone.seq})
            tail = (await connection.execute(text(_TAIL), {"log": LOG})).first()
        if at.scalar() == stone.hash:
            return None
        return ErasureGap(self._tombstones.path, stone.seq, tail.seq if tail else -1)

    async def sweep(self) -> None:
        """Purges values whose hours have passed, and destroys once more what was erased.

        The first time, and when a gateway has brought in what waited on its disk, that is all that was
        ever erased; else what was erased lately.
        """
        now = self._now_ms()
        ended = await self._trail.spools_ended()
        since = now - _LATELY_MS if ended == self._spools_ended else 0
        async with self._database.write() as connection:
            oldest = {"time": now - _REMEMBERED_MS}
            await connection.execute(text("DELETE FROM erased WHERE time < :time"), oldest)
            query = text("SELECT identifier, time FROM erased WHERE time >= :since")
            rows = (await connection.execute(query, {"since": since})).all()
        await self._destroy({row.identifier: row.time for row in rows})
        await self._hours.sweep()
        self._spools_ended = ended

    async def _erase(
        self,
        connection: AsyncConnection,
        names: Mapping[str, str],
        counted: list[dict[str, int]],
        actor: Actor,
        *,
        now: int,
        reason: str,
        author: str | None = None,
    ) -> None:
        """All but the destroying: it stands or falls with the transaction."""
        await self._holds.refuse_erasure(connection, names)
        for name in names:
            await connection.execute(text(_REMEMBER), {"identifier": name, "time": now})
        await self._record(connection, actor, "erase", names, counted, reason=reason, author=author)
        await self._on_file(connection, list(names), now)

    async def _on_file(self, connection: AsyncConnection, names: list[str], now: int) -> None:
        """Last of all within the transaction: only that it commits may still fail then."""
        if self._tombstones is not None:
            tail = (await connection.execute(text(_TAIL), {"log": LOG})).one()
            stone = Tombstone(now, tail.seq, tail.hash, names)
            await asyncio.to_thread(self._tombstones.append, stone)

    async def _destroy(self, names: Mapping[str, int]) -> None:
        """Each with the moment up to which what it names is destroyed."""
        destroyed = 0
        for database in await self._trail.databases():
            async with database.write() as connection:
                for name, moment in names.items():
                    for statement in _DESTROY:
                        done = await connection.execute(
                            text(statement), {"identifier": name, "time": moment}
                        )
                        destroyed += done.rowcount
        if destroyed:
            await self._trail.overwrite_deleted()

    async def _counted(self, name: str, within: AsyncConnection | None = None) -> dict[str, int]:
        values = await self._trail.rows(_VALUES, {"identifier": name}, within)
        entries = await self._trail.rows(_ENTRIES, {"identifier": name}, within)
        return {
            "values": sum(row["number"] for row in values),
            "entries": sum(row["number"] for row in entries),
        }

    async def _mentioned(self, names: list[str]) -> list[dict[str, Any]]:
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for name in names:
            for row in await self._trail.rows(_MENTIONED, {"identifier": name}):
                found[row["log"], row["seq"]] = row
        return sorted(found.values(), key=lambda row: -row["time"])

    async def _record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        action: str,
        names: Mapping[str, str],
        counted: list[dict[str, int]],
        *,
        reason: str,
        author: str | None = None,
    ) -> None:
        """Counts and one keyed digest: nothing by which the person is found."""
        await self._journal.record(
            connection,
            actor,
            f"subject:values:{action}",
            subjects=len(names),
            digest=digest_of(names),
            values=sum(count["values"] for count in counted),
            entries=sum(count["entries"] for count in counted),
            reason=reason,
            author=author,
        )

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
