"""The entries of a range of the log, each checked against the tree, with their deletions."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import Any

import orjson

from gateway.core.errors import TrailDamaged
from gateway.evidence.entry import leaf_hash
from gateway.evidence.export import LATE_MS, LogRange
from gateway.evidence.export_row import MISSING, Deletion, ExportRow, StoredBody
from gateway.evidence.payload import PayloadLost, commitment_of, open_payload
from gateway.evidence.selection import ALL, Selection
from gateway.evidence.stored_leaf import leaf_of
from gateway.governance.audit.expired_range import expired_ranges
from gateway.governance.audit.request_group import Ask
from gateway.governance.merkle_log.log_reader import LogReader, Run
from gateway.storage.database import Database

_BATCH = 2000
_EDGES, _MOST_EDGES = 50, 20_000  # leaves at once, and on one side of a range
_BATCH_OF_BODIES = 50  # each some kilobytes, at most some megabytes
# Joined by time too, so that PostgreSQL reads one partition.
_ENTRIES = (
    "SELECT e.log, e.seq, e.request, e.time, e.event, e.leaf, d.disclosure "
    "FROM audit_entry e "
    "LEFT JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq AND d.time = e.time "
    "WHERE e.log = :log AND e.seq >= :low AND e.seq < :high ORDER BY e.seq"
)
_WITH_BODIES = (
    "SELECT e.log, e.seq, e.request, e.time, e.event, e.leaf, "
    "d.disclosure, d.subject, d.payload, d.wrapped_key, k.wrapped "
    "FROM audit_entry e "
    "LEFT JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq AND d.time = e.time "
    "LEFT JOIN subject_key k ON k.log = d.log AND k.subject = d.subject "
    "WHERE e.log = :log AND e.seq >= :low AND e.seq < :high ORDER BY e.seq"
)


class ExportRows:
    """Reads entries from all stores, in the order of the log."""

    def __init__(self, database: Database, ask: Ask, *, kek: bytes) -> None:
        self._database = database
        self._reader = LogReader(database)
        self._ask = ask
        self._kek = kek

    async def of(
        self, part: LogRange, *, bodies: bool = False, selection: Selection = ALL
    ) -> AsyncIterator[ExportRow]:
        """The entries of a part of the log, with their stored bodies on request.

        Entries outside the ``selection`` are marked.

        Raises:
            TrailDamaged: when an entry or a body is not what was recorded.
        """
        size = _BATCH_OF_BODIES if bodies else _BATCH
        async for run in self._reader.runs(part.first, part.end):
            for skipped in range(0, run.count, size):
                count = min(size, run.count - skipped)
                batch = Run(run.first + skipped, run.log, run.first_seq + skipped, count)
                for row in await self._checked(batch, bodies=bodies):
                    yield selection.mark(row)

    async def with_edges(self, part: LogRange, period: tuple[int, int]) -> LogRange:
        """The part with the leaves around it, as far as they show where the period ends.

        ``period`` is in epoch milliseconds.

        Raises:
            TrailDamaged: when an entry is not what was recorded.
        """
        since, until = period
        low, high = max(part.first - _MOST_EDGES, 0), min(part.end + _MOST_EDGES, part.size)
        earlier = ((max(end - _EDGES, low), end) for end in range(part.first, low, -_EDGES))
        later = ((first, min(first + _EDGES, high)) for first in range(part.end, high, _EDGES))
        before = await self._reach(part, earlier, lambda time: time < since - LATE_MS, back=True)
        after = await self._reach(part, later, lambda time: time >= until + LATE_MS)
        edges = await self._reader.edges(part, before[::-1], after)
        return replace(part, edges=edges)

    async def _reach(
        self,
        part: LogRange,
        spans: Iterable[tuple[int, int]],
        reached: Callable[[int], bool],
        *,
        back: bool = False,
    ) -> list[bytes]:
        """The leaves of the spans, up to the first one whose time is reached."""
        found: list[bytes] = []
        for first, end in spans:
            leaves = [row.leaf async for row in self.of(replace(part, first=first, end=end))]
            for leaf in reversed(leaves) if back else leaves:
                found.append(leaf)
                if reached(orjson.loads(leaf)["time"]):
                    return found
        return found

    async def before(self, log: str, end: int) -> AsyncIterator[ExportRow]:
        """The entries of one log before number ``end``; the caller checks their chain."""
        for low in range(0, end, _BATCH):
            run = Run(0, log, low, min(_BATCH, end - low))
            values = {"log": log, "low": low, "high": low + run.count}
            found = await self._ask(_ENTRIES, values)
            for row in await self._rows(run, found, [leaf_of(row) for row in found], bodies=False):
                yield row

    async def _checked(self, run: Run, *, bodies: bool) -> list[ExportRow]:
        low, high = run.first_seq, run.first_seq + run.count
        query = _WITH_BODIES if bodies else _ENTRIES
        found = await self._ask(query, {"log": run.log, "low": low, "high": high})
        signed = await self._reader.leaves(run.first, run.count)
        leaves = [leaf_of(row) for row in found]
        if [bytes.fromhex(leaf_hash(leaf)) for leaf in leaves] != signed:
            raise TrailDamaged(
                f"log {run.log}: entries {low} to {high - 1} are not those of the tree"
            )
        return await self._rows(run, found, leaves, bodies=bodies)

    async def _rows(
        self, run: Run, found: list[dict[str, Any]], leaves: list[bytes], *, bodies: bool
    ) -> list[ExportRow]:
        deleted_values = await self._deletions(
            run, "disclosures", [row["disclosure"] for row in found]
        )
        deleted_bodies = await self._deletions(
            run, "bodies", [row["payload"] for row in found] if bodies else []
        )
        made = []
        for row, leaf in zip(found, leaves, strict=True):
            seq, stored = row["seq"], row["disclosure"]
            disclosure = None if stored is None else _binary(stored)
            body = self._body(row, leaf, deleted_bodies.get(seq, MISSING)) if bodies else None
            deletion = deleted_values.get(seq, MISSING)
            made.append(ExportRow(row["log"], seq, leaf, disclosure, deletion, body))
        return made

    async def _deletions(self, run: Run, part: str, stored: list[Any]) -> dict[int, Deletion]:
        """The entries whose part expired, read only where a part is not stored."""
        if None not in stored:
            return {}
        first, end = run.first_seq, run.first_seq + run.count
        found = await expired_ranges(
            self._ask, self._database, run.log, first=first, end=end, part=part
        )
        return {
            seq: Deletion("expired", one.entry)
            for one in found
            for seq in range(one.first, one.last + 1)
        }

    def _body(
        self, row: dict[str, Any], leaf: bytes, deletion: Deletion
    ) -> StoredBody | Deletion | None:
        """The body to which the leaf commits; None where the entry never had one."""
        committed = orjson.loads(leaf)
        if committed["payload"] is None:
            return None
        if row["payload"] is None:
            return deletion
        ciphertext = _binary(row["payload"])
        if hashlib.sha256(ciphertext).hexdigest() != committed["payload"]:
            raise _changed(row)
        try:
            opened = open_payload(
                kek=self._kek,
                log=row["log"],
                subject=row["subject"],
                request=row["request"],
                wrapped_subject_key=_binary(row["wrapped"] or b""),
                wrapped_key=_binary(row["wrapped_key"] or b""),
                ciphertext=ciphertext,
            )
        except PayloadLost:
            return MISSING
        if commitment_of(opened.key) != committed["payload_key"]:
            raise _changed(row)
        return StoredBody(opened.key, ciphertext[:12] + ciphertext[-16:], opened.body)


def _changed(row: dict[str, Any]) -> TrailDamaged:
    return TrailDamaged(
        f"the stored body of entry {row['seq']} of log {row['log']} is not the one that was "
        "recorded"
    )


def _binary(value: Any) -> bytes:
    """The bytes of a column. SQLite returns text for text; then the hash does not match."""
    return value.encode() if isinstance(value, str) else bytes(value)
