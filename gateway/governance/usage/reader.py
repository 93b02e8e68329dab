"""Reads new entries of the trail, with the other entries of the same requests."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.evidence.entry import values_of
from gateway.governance.audit.log_heads import log_heads
from gateway.governance.audit.request_group import Ask, parts
from gateway.governance.usage.cells import Cells
from gateway.governance.usage.definition import HOUR_MS
from gateway.governance.usage.samples import ENDS, EVENTS, Counted, samples_of

BATCH = 2_000  # entries
_AT_ONCE = 300
_NEW = (
    "SELECT e.log, e.seq, e.request, e.time, e.event, d.disclosure FROM audit_entry e "
    "LEFT JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq AND d.time = e.time "
    "WHERE e.log = :log AND e.seq > :after AND e.seq <= :last ORDER BY e.seq"
)
_EVENTS = ", ".join(f"'{event}'" for event in EVENTS)
_OTHERS = (
    "SELECT log, seq, request, time, event, disclosure FROM audit_detail "
    f"WHERE request IN :requests AND event IN ({_EVENTS})"
)
# The newest entry whose values have expired.
_EXPIRED = (
    "SELECT MAX(e.time) AS time FROM expired x JOIN audit_entry e "
    "ON e.log = x.log AND e.seq >= x.first AND e.seq <= x.last WHERE x.part = 'disclosures'"
)
Positions = Mapping[str, int]  # the last entry of each log that is counted


@dataclass(frozen=True, slots=True)
class Batch:
    """New entries of one log, up to number ``last``, and what they add to the sums."""

    log: str
    last: int
    entries: int
    cells: Cells


class UsageReader:
    """Reads the stores of entries of all processes."""

    def __init__(self, ask: Ask, *, size: int = BATCH) -> None:
        """``size`` is the number of entries of a batch."""
        self._ask = ask
        self._size = size

    async def heads(self) -> dict[str, int]:
        """The last entry of each log."""
        return await log_heads(self._ask)

    async def next(
        self,
        positions: Positions,
        ends: Positions,
        *,
        again_to: Positions | None = None,
        kept_before: int = 0,
    ) -> Batch | None:
        """The next entries after ``positions`` and up to ``ends``; None when there are none.

        Entries up to ``again_to`` are counted again: they add nothing to hours before
        ``kept_before``.
        """
        log = next((one for one in sorted(ends) if ends[one] > positions.get(one, -1)), None)
        if log is None:
            return None
        after = positions.get(log, -1)
        last = min(ends[log], after + self._size)
        limit = (again_to or {}).get(log, -1)
        again = after < limit
        if again:
            last = min(last, limit)
        rows = await self._ask(_NEW, {"log": log, "after": after, "last": last})
        others = await self._others(rows)
        new = {**positions, log: last}
        first_hour = kept_before if again else 0
        cells = await asyncio.to_thread(_difference, rows, others, positions, new, first_hour)
        return Batch(log, last, last - after, cells)

    async def expired_before(self) -> int:
        """The end of the last hour that has an entry whose values have expired; 0 without one."""
        times = [row["time"] for row in await self._ask(_EXPIRED, {}) if row["time"] is not None]
        return (max(times) // HOUR_MS + 1) * HOUR_MS if times else 0

    async def _others(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """All entries of the requests that end, or may have ended, in these rows."""
        requests = sorted({row["request"] for row in rows if row["event"] in EVENTS})
        found: list[dict[str, Any]] = []
        for part in parts(requests, _AT_ONCE):
            found += await self._ask(_OTHERS, {"requests": part})
        return found


def _difference(
    rows: Iterable[Mapping[str, Any]],
    others: Iterable[Mapping[str, Any]],
    old: Positions,
    new: Positions,
    first_hour: int,
) -> Cells:
    """What the requests of these rows add up to the new positions, less that up to the old ones."""
    groups: defaultdict[str, dict[tuple[str, int], Mapping[str, Any]]] = defaultdict(dict)
    for row in (*others, *rows):
        if row["event"] in EVENTS:
            groups[row["request"]][row["log"], row["seq"]] = row
    cells = Cells()
    for group in groups.values():
        if not any(row["event"] in ENDS for row in group.values()):
            continue
        entries = [_counted(row) for row in group.values() if _is_within(row, new)]
        known = [one for one in entries if one.seq <= old.get(one.log, -1)]
        for found, sign in ((entries, 1), (known, -1)):
            for sample in samples_of(found):
                if sample.hour >= first_hour:
                    cells.add(sample, sign)
    return cells


def _is_within(row: Mapping[str, Any], positions: Positions) -> bool:
    return int(row["seq"]) <= positions.get(row["log"], -1)


def _counted(row: Mapping[str, Any]) -> Counted:
    values = None if row["disclosure"] is None else values_of(bytes(row["disclosure"]))
    return Counted(row["log"], row["seq"], row["request"], row["time"], row["event"], values)
