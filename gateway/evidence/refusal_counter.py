"""Refusals of callers whom nobody knows: single entries up to a rate, counted ones above it.

Anybody can send bad credentials, as fast as the network lets them. Up to a rate each gets an entry of
its own, durable before its answer. Above it they are counted by reason, source network and second;
the counts become entries one at a time, so that at most one of them stands in a commit on which
somebody waits. What is open at once is bounded: when too many networks come in a second, the rest are
counted together. A killed process loses the counts of the open second, and what the store had not
taken yet of the seconds before it; when that is more than ``_BEHIND_S`` nothing is counted any more
and callers are told to come back.
"""

import asyncio
import ipaddress
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.core.errors import Unavailable
from gateway.evidence.entry import Value

logger = logging.getLogger(__name__)
SINGLE_A_SECOND = 20
MANY = "many"  # the network of those that are counted together
_MOST_OPEN = 256
_BEHIND_S = 3.0


@dataclass(slots=True)
class RefusalCount:
    """How often one reason came from one network in one second (epoch seconds).

    ``audit_id`` is told to all whom it counts; ``opened`` is monotonic seconds.
    """

    audit_id: str
    reason: str
    network: str
    second: int
    opened: float
    count: int = 0

    def fields(self) -> dict[str, Value]:
        """What its entry says; moments are epoch milliseconds, ``until`` is exclusive."""
        return {
            "outcome": self.reason,
            "network": self.network,
            "count": self.count,
            "since": self.second * 1000,
            "until": self.second * 1000 + 1000,
        }


def network_of(address: str | None) -> str:
    """The /24 (IPv4) or /64 (IPv6) of a client's address; empty when there is none."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    bits = 24 if mapped.version == 4 else 64
    return str(ipaddress.ip_network((mapped, bits), strict=False))


class RefusalCounter:
    """The counts of one process. Not thread-safe; belongs to one event loop."""

    def __init__(
        self,
        write: Callable[[RefusalCount], Awaitable[None]],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        single_a_second: int = SINGLE_A_SECOND,
        most_open: int = _MOST_OPEN,
    ) -> None:
        """``write`` returns when a count is durable and raises ``Unavailable`` when it is not.

        ``clock`` is monotonic seconds, ``wall`` epoch seconds; ``single_a_second`` refusals are not
        counted, and as many may come at once.
        """
        self._write = write
        self._clock = clock
        self._wall = wall
        self._rate = single_a_second
        self._singles = float(single_a_second)
        self._refilled = clock()
        self._most_open = most_open
        self._open: dict[tuple[str, str, int], RefusalCount] = {}
        self._due: deque[RefusalCount] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def single(self) -> bool:
        """Whether the next refusal gets an entry of its own."""
        now = self._clock()
        self._singles = min(self._rate, self._singles + (now - self._refilled) * self._rate)
        self._refilled = now
        if self._singles < 1:
            return False
        self._singles -= 1
        return True

    def count(self, reason: str, network: str) -> str:
        """Counts one refusal; gives the audit id of the entry that will count it.

        Raises:
            Unavailable: when earlier counts are not durable yet, or the process stops.
        """
        self._refuse_if_behind()
        second = int(self._wall())
        if len(self._open) + len(self._due) >= self._most_open:
            network = network if (reason, network, second) in self._open else MANY
        tally = self._open.get((reason, network, second))
        if tally is None:
            tally = RefusalCount(os.urandom(16).hex(), reason, network, second, self._clock())
            self._open[reason, network, second] = tally
        tally.count += 1
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write_until_stop())
        return tally.audit_id

    async def stop(self) -> None:
        """Writes all counts."""
        self._stopping.set()
        if self._writer is not None:
            await self._writer
        if left := sum(tally.count for tally in self._due):
            logger.error("trail:tally:lost %s refusals are counted nowhere", left)

    def _refuse_if_behind(self) -> None:
        oldest = self._due[0] if self._due else next(iter(self._open.values()), None)
        behind = oldest is not None and self._clock() - oldest.opened > _BEHIND_S
        if behind or self._stopping.is_set():
            raise Unavailable("Refusals cannot be recorded now. Try again shortly.", retry_after=2)

    async def _write_until_stop(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(1.0 - self._wall() % 1.0):
                    await self._stopping.wait()
            except TimeoutError:
                await self._write_due(before=int(self._wall()))
        await self._write_due(before=None)

    async def _write_due(self, *, before: int | None) -> None:
        """Those of past seconds, or all. What is due does not change any more."""
        for key in [key for key in self._open if before is None or key[2] != before]:
            self._due.append(self._open.pop(key))
        while self._due:
            try:
                await self._write(self._due[0])
            except Unavailable:
                return  # tried again in a second
            self._due.popleft()
