"""Persons in the trail: find the entries that mention one, and erase one by destroying keys.

An erasure is noted first: as a keyed identifier in the table ``erased``, and in the file of
erasures. The destruction follows, and is repeated after each start, so that erased data survives
neither a crash nor a restored backup. A legal hold takes precedence over an erasure.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.text_erasure import CaseTextErasure
from gateway.governance.data_subjects.schemas import (
    ErasedResponse,
    FoundResponse,
    MentioningEntry,
    ReplayedResponse,
    SubjectCount,
)
from gateway.governance.data_subjects.tombstones import ErasureGap, Tombstone, Tombstones
from gateway.governance.holds.service import Holds, OnHold
from gateway.governance.journal import LOG, Journal
from gateway.governance.person_keys import DataSubject, PersonKeys, digest_of
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.retention.vault_expiry import VaultExpiry
from gateway.storage.database import Database

KIND = "subject_erase"  # of proposals
_MAX_ENTRIES = 200
_DAY_MS = 86_400_000
_KEPT_MS = 400 * _DAY_MS  # longer than backups are kept
_RECENT_MS = 3_600_000
_VALUES = "SELECT COUNT(*) AS number FROM value_key WHERE identifier = :identifier"
_ENTRIES = "SELECT COUNT(*) AS number FROM mention WHERE identifier = :identifier"
_OF_PERSON = "(log, seq) IN (SELECT log, seq FROM mention WHERE identifier = :identifier{until})"
_ANSWERS = (
    "SELECT COUNT(*) AS number FROM stored_answer WHERE ciphertext IS NOT NULL AND "
    + _OF_PERSON.format(until="")
)
_MENTIONING = (
    "SELECT e.request, e.time, e.event, e.log, e.seq FROM mention m JOIN audit_entry e "
    "ON e.log = m.log AND e.seq = m.seq WHERE m.identifier = :identifier "
    f"ORDER BY m.time DESC LIMIT {_MAX_ENTRIES + 1}"
)
# What was stored after an erasure (``created`` later) is a new mention, and stays.
_KEYS = "FROM value_key WHERE identifier = :identifier AND created <= :time"
_DESTROY = (
    # Its row stays until it expires: a repeated request is refused, and not answered anew.
    "UPDATE stored_answer SET ciphertext = NULL, wrapped = NULL WHERE ciphertext IS NOT NULL AND "
    + _OF_PERSON.format(until=" AND time <= :time"),
    f"DELETE FROM vault_value WHERE (log, seq, id) IN (SELECT log, seq, id {_KEYS})",
    f"DELETE {_KEYS}",
    "DELETE FROM mention WHERE identifier = :identifier AND time <= :time",
)
_NOTE_ERASURE = (
    "INSERT INTO erased (identifier, time) VALUES (:identifier, :time) "
    "ON CONFLICT (identifier) DO UPDATE SET time = excluded.time "
    "WHERE erased.time < excluded.time"
)
_TAIL = "SELECT seq, hash FROM audit_entry WHERE log = :log ORDER BY seq DESC LIMIT 1"
_AT = "SELECT hash FROM audit_entry WHERE log = :log AND seq = :seq"


class DataSubjects:
    """Finds and erases persons, by their keyed identifiers."""

    power = "subjects"
    keeps_document = False

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        people: PersonKeys,
        holds: Holds,
        cases: CaseTextErasure,
        *,
        forget: Callable[[Mapping[str, int]], Awaitable[None]],
        tombstones: Tombstones | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``tombstones`` is the file of erasures; with None there is no file.

        ``forget`` erases the records of persons who have left, by keyed identifiers and times.
        """
        self._database = database
        self._journal = journal
        self._trail = trail
        self._people = people
        self._holds = holds
        self._vault_expiry = VaultExpiry(database, trail, holds, wall=wall)
        self._cases = cases
        self._forget = forget
        self._tombstones = tombstones
        self._wall = wall
        self._spools_ended = -1  # as of the last complete repetition

    async def find(
        self, subjects: list[DataSubject], actor: Actor, *, reason: str
    ) -> FoundResponse:
        """How much is stored of a person, and the newest entries. The search is an entry.

        Raises:
            InvalidRequest: names the position of the invalid subject, never its value.
        """
        names = self._people.named(subjects, reason)
        counted = [await self._counted(name) for name in names]
        entries = await self._mentioning(list(names))
        texts = await self._cases.count(names)
        async with self._database.write() as connection:
            await self._record(
                connection, actor, "find", names, counted, reason=reason, texts=texts
            )
        return FoundResponse(
            subjects=_by_type(names, counted),
            entries=entries[:_MAX_ENTRIES],
            more=len(entries) > _MAX_ENTRIES,
            case_texts=texts,
        )

    async def erase(
        self, subjects: list[DataSubject], actor: Actor, *, reason: str
    ) -> ErasedResponse:
        """Destroy a person's values, the stored answers that mention the person, the mentions.

        Texts of cases that name the person go too, those of open cases once they have ended. The
        entries, their bodies and their other mentions stay as they are.

        Raises:
            InvalidRequest: names the position of the invalid subject, never its value.
            OnHold: when a legal hold covers the person; the refusal is an entry too.
        """
        names = self._people.named(subjects, reason)
        counted = [await self._counted(name) for name in names]
        now = self._now_ms()
        try:
            texts = await self._cases.check(names)
            async with self._database.write() as connection:
                await self._note_erasure(
                    connection, names, counted, actor, now=now, reason=reason, texts=texts
                )
        except OnHold:
            async with self._database.write() as connection:
                await self._record(connection, actor, "refuse", names, counted, reason=reason)
            raise
        await self._destroy_all(dict.fromkeys(names, now))
        return ErasedResponse(erased=_by_type(names, counted), case_texts=texts)

    async def draft_erasure(self, subjects: list[DataSubject], *, reason: str) -> Draft:
        """The proposal to erase a person.

        Raises:
            InvalidRequest: names the position of the invalid subject, never its value.
            OnHold: when a legal hold covers the person.
        """
        names = self._people.named(subjects, reason)
        async with self._database.read() as connection:
            await self._holds.check_erasable(connection, names)
        await self._cases.check(names)
        document = orjson.dumps({"names": names, "reason": reason}).decode()
        types = ", ".join(sorted(set(names.values())))
        return Draft(KIND, types, document, recorded={"digest": digest_of(names)})

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Erase the person of a proposal, within the transaction of the approval.

        Raises:
            OnHold: when a legal hold covers the person now.
        """
        erasure = orjson.loads(document)
        names: dict[str, str] = erasure["names"]
        now = self._now_ms()
        counted = [await self._counted(name, connection) for name in names]
        await self._note_erasure(
            connection, names, counted, actor, now=now, reason=erasure["reason"], author=author
        )
        return lambda: self._destroy_all(dict.fromkeys(names, now))

    async def replay(self, tombstones: list[Tombstone], actor: Actor) -> ReplayedResponse:
        """Erase again the persons of a file of erasures, each up to the time of the erasure.

        Persons under a legal hold in this database are counted and not erased.
        """
        names: dict[str, int] = {}
        for tombstone in tombstones:
            for name in tombstone.names:
                names[name] = max(tombstone.time, names.get(name, 0))
        held = 0
        async with self._database.write() as connection:
            for name, moment in list(names.items()):
                try:
                    await self._holds.check_erasable(connection, [name])
                except OnHold:
                    held += 1
                    del names[name]
                    continue
                values = {"identifier": name, "time": moment}
                await connection.execute(text(_NOTE_ERASURE), values)
            await self._cases.note(connection, names)
            await self._journal.record(
                connection,
                actor,
                "subject:values:replay",
                subjects=len(names),
                held=held,
                digest=digest_of(names),
            )
            if not held:
                await self._append_to_file(connection, [], self._now_ms())
        await self._destroy_all(names)
        return ReplayedResponse(replayed=len(names), on_hold=held)

    async def erasure_gap(self) -> ErasureGap | None:
        """The gap when the trail ends before the last erasure on file: the database is older."""
        if self._tombstones is None:
            return None
        async with self._database.write() as connection:  # an erasure is on file before it commits
            last = await asyncio.to_thread(self._tombstones.last)
            if last is None:
                return None
            at = await connection.execute(text(_AT), {"log": LOG, "seq": last.seq})
            tail = (await connection.execute(text(_TAIL), {"log": LOG})).first()
        if at.scalar() == last.hash:
            return None
        return ErasureGap(self._tombstones.path, last.seq, tail.seq if tail else -1)

    async def sweep(self) -> None:
        """Delete values past their time to live, and repeat erasures.

        The first time, and after a gateway has imported its spool, all erasures are repeated; else
        the recent ones.
        """
        now = self._now_ms()
        ended = await self._trail.spools_ended()
        since = now - _RECENT_MS if ended == self._spools_ended else 0
        async with self._database.write() as connection:
            oldest = {"time": now - _KEPT_MS}
            await connection.execute(text("DELETE FROM erased WHERE time < :time"), oldest)
            query = text("SELECT identifier, time FROM erased WHERE time >= :since")
            rows = (await connection.execute(query, {"since": since})).all()
        await self._destroy_all({row.identifier: row.time for row in rows})
        await self._vault_expiry.sweep()
        self._spools_ended = ended

    async def _note_erasure(
        self,
        connection: AsyncConnection,
        names: Mapping[str, str],
        counted: list[dict[str, int]],
        actor: Actor,
        *,
        now: int,
        reason: str,
        author: str | None = None,
        texts: int | None = None,
    ) -> None:
        """Note an erasure within a transaction. The destruction follows after it."""
        await self._holds.check_erasable(connection, names)
        for name in names:
            await connection.execute(text(_NOTE_ERASURE), {"identifier": name, "time": now})
        await self._cases.note(connection, dict.fromkeys(names, now))
        await self._record(
            connection, actor, "erase", names, counted, reason=reason, author=author, texts=texts
        )
        await self._append_to_file(connection, list(names), now)

    async def _append_to_file(
        self, connection: AsyncConnection, names: list[str], now: int
    ) -> None:
        """The last step of the transaction: after it only the commit may fail."""
        if self._tombstones is not None:
            tail = (await connection.execute(text(_TAIL), {"log": LOG})).one()
            tombstone = Tombstone(now, tail.seq, tail.hash, names)
            await asyncio.to_thread(self._tombstones.append, tombstone)

    async def _destroy_all(self, names: Mapping[str, int]) -> None:
        """Destroy what is stored of persons, in the trail and in texts of cases."""
        await self._destroy(names)
        await self._cases.run()

    async def _destroy(self, names: Mapping[str, int]) -> None:
        """Destroy what is stored under each identifier up to its time."""
        await self._forget(names)
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
        answers = await self._trail.rows(_ANSWERS, {"identifier": name}, within)
        return {
            "values": sum(row["number"] for row in values),
            "entries": sum(row["number"] for row in entries),
            "answers": sum(row["number"] for row in answers),
        }

    async def _mentioning(self, names: list[str]) -> list[MentioningEntry]:
        found: dict[tuple[str, int], MentioningEntry] = {}
        for name in names:
            for row in await self._trail.rows(_MENTIONING, {"identifier": name}):
                found[row["log"], row["seq"]] = MentioningEntry(**row)
        return sorted(found.values(), key=lambda entry: -entry.time)

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
        texts: int | None = None,
    ) -> None:
        """An entry with counts and one keyed digest, by which the person cannot be found."""
        await self._journal.record(
            connection,
            actor,
            f"subject:values:{action}",
            subjects=len(names),
            digest=digest_of(names),
            values=sum(count["values"] for count in counted),
            entries=sum(count["entries"] for count in counted),
            answers=sum(count["answers"] for count in counted),
            texts=texts,
            reason=reason,
            author=author,
        )

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _by_type(names: Mapping[str, str], counted: list[dict[str, int]]) -> list[SubjectCount]:
    return [
        SubjectCount(type=type_, **count)
        for type_, count in zip(names.values(), counted, strict=True)
    ]
