"""Refusals on record: an entry each, or one count for a flood of unauthenticated callers."""

from collections.abc import Callable

from gateway.core.pseudonym import pseudonym
from gateway.evidence import Entry, Trail
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.request.context import AuditRecord

REFUSAL = "request:refusal:record"
COUNTED = "request:refusal:count"


class RefusalLog:
    """Puts refusals on record. One a process."""

    def __init__(
        self, trail: Trail, *, pepper: bytes, clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds."""
        self._trail = trail
        self._pepper = pepper
        self._wall = wall
        self._tallies = RefusalCounter(self._write, clock=clock, wall=wall)

    async def record(self, record: AuditRecord) -> None:
        """Returns when the refusal is durable, or counted under the audit id of the count.

        Raises:
            Unavailable: when it is neither.
        """
        if "principal" not in record.fields:
            network = self._name(network_of(record.client[0] if record.client else None))
            if not self._tallies.single():
                record.audit_id = self._tallies.count(str(record.fields["outcome"]), network)
                return
            record.note(network=network)
        await self._trail.record(record.entry(REFUSAL, time_ms=self._now_ms()))

    async def stop(self) -> None:
        """Writes what was counted; the trail must still be open."""
        await self._tallies.stop()

    async def _write(self, tally: RefusalCount) -> None:
        await self._trail.record(Entry(COUNTED, tally.audit_id, self._now_ms(), tally.fields()))

    def _name(self, network: str) -> str:
        return pseudonym(self._pepper, "network", network) if network else ""

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
