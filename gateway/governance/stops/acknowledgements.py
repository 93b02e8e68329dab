"""Which gateways there are, and since when each applies a stop: both from their own entries.

A gateway's log begins with ``trail:log:open``. It is live until it is closed in order, is settled
as that of a dead process, or is continued by another one. A gateway records each snapshot before it
applies it (``gateway:snapshot:swap``): that entry is the acknowledgement. A process that was killed
counts as silent until its log is settled, because it may go on elsewhere with a spool of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import values_of
from gateway.evidence.rows import SETTLE
from gateway.governance.audit.request_group import Ask
from gateway.governance.stops.schemas import GatewayState

SILENT_AFTER_S = 5.0
_SKEW_MS = 3_600_000  # between the clocks of machines
_UNPUBLISHED = 2**62
_OPEN, _SWAP = "trail:log:open", "gateway:snapshot:swap"
_RARE = (
    f"event <> '{INTENT}' AND {{of}}event <> '{CLOSE}'"  # so that the index of rare events will do
)
_UNCLOSED = f"""
SELECT o.log, o.time, o.disclosure FROM audit_detail o
WHERE o.event = '{_OPEN}' AND o.{_RARE.format(of="o.")} AND o.log LIKE 'gateway/%'
  AND NOT EXISTS (SELECT 1 FROM audit_detail c WHERE c.log = o.log
    AND c.event = 'trail:log:close' AND c.{_RARE.format(of="c.")})
  AND NOT EXISTS (SELECT 1 FROM audit_detail s WHERE s.request = o.log AND s.event = '{SETTLE}')
ORDER BY o.time
"""
_LATER = (
    f"SELECT disclosure FROM audit_detail WHERE event = '{_OPEN}' AND {_RARE.format(of='')} "
    "AND time >= :since"
)
_SWAPS = (
    "SELECT log, time, disclosure FROM audit_detail "
    f"WHERE event = '{_SWAP}' AND {_RARE.format(of='')} AND time >= :since ORDER BY time, seq"
)


@dataclass(frozen=True, slots=True)
class LiveGateway:
    """A gateway that runs by its entries; ``logs`` are its present log and those before it."""

    name: str
    logs: tuple[str, ...]
    since: int


@dataclass(frozen=True, slots=True)
class Gateways:
    """The live gateways, and the snapshots that they recorded: log, time, digest."""

    live: Sequence[LiveGateway]
    swaps: Sequence[tuple[str, int, str]]

    def states(
        self, snapshot: int | None, numbers: Mapping[str, int], *, since_ms: int, now_ms: int
    ) -> list[GatewayState]:
        """The state of each for a stop of ``since_ms`` that is in force from that snapshot on.

        ``snapshot`` is None before it is published. ``numbers`` are the numbers of snapshots by
        digest. Times are epoch milliseconds.
        """
        followed: dict[str, int] = {}  # the first entry of each log with the stop
        for log, time, digest in self.swaps:
            if numbers.get(digest, 0) >= (snapshot or _UNPUBLISHED):
                followed.setdefault(log, time)
        states = []
        for one in self.live:
            acknowledged = min((followed[log] for log in one.logs if log in followed), default=None)
            late = now_ms - max(since_ms, one.since) > SILENT_AFTER_S * 1000
            missing = "silent" if late else "waiting"
            states.append(
                GatewayState(
                    gateway=one.name,
                    log=one.logs[0],
                    state=missing if acknowledged is None else "acknowledged",
                    acknowledged=acknowledged,
                    since=one.since,
                )
            )
        return states


async def gateways(ask: Ask, since_ms: int) -> Gateways:
    """The live gateways, with what they recorded since a moment."""
    unclosed = await ask(_UNCLOSED, {})
    if not unclosed:
        return Gateways((), ())
    later = await ask(_LATER, {"since": min(row["time"] for row in unclosed) - _SKEW_MS})
    after: dict[str, str] = {}  # the log that each log continues
    for row in later:
        fields = values_of(bytes(row["disclosure"]))
        if fields.get("after"):
            after[str(fields["log"])] = str(fields["after"])
    continued = set(after.values())
    live = [_gateway(row, after) for row in unclosed if row["log"] not in continued]
    swaps = [
        (row["log"], row["time"], str(values_of(bytes(row["disclosure"])).get("snapshot")))
        for row in await ask(_SWAPS, {"since": since_ms - _SKEW_MS})
    ]
    return Gateways(live, swaps)


def _gateway(row: Mapping[str, Any], after: Mapping[str, str]) -> LiveGateway:
    logs = [str(row["log"])]
    while (before := after.get(logs[-1])) is not None and before not in logs:
        logs.append(before)
    name = values_of(bytes(row["disclosure"])).get("gateway")
    return LiveGateway(str(name or logs[0]), tuple(logs), int(row["time"]))
