"""Refusals of unauthenticated callers: single entries up to a rate, aggregated entries above it.

Anyone can send bad credentials at any rate. Up to a limit each refusal gets its own entry, durable
before the response. Above the limit refusals are counted by reason, source network and second. The
counts become entries one at a time, so that at most one of them is in a commit that callers wait
for. The number of open counts is bounded: networks beyond it are counted together. A killed process
loses the counts of the open second, and earlier ones that the store has not taken yet. When those
are older than ``_MAX_DELAY_S`` no more are counted, and callers get a retry-after response.
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
SINGLES_PER_SECOND = 20
MANY = "many"  # the network of refusals that are counted together
_MAX_OPEN = 256
_MAX_DELAY_S = 3.0


@dataclass(slots=True)
class RefusalCount:
    """The number of refusals for one reason from one network in one second (epoch seconds).

    All counted callers get its ``audit_id``; ``opened`` is monotonic seconds.
    """

    audit_id: str
    reason: str
    network: str
    second: int
    opened: float
    count: int = 0

    def fields(self) -> dict[str, Value]:
        """Returns the fields of its entry; times are epoch milliseconds, ``until`` is exclusive."""
        return {
            "outcome": self.reason,
            "network": self.network,
            "count": self.count,
            "since": self.second * 1000,
            "until": self.second * 1000 + 1000,
        }


def network_of(address: str | None) -> str:
    """Returns the /24 (IPv4) or /64 (IPv6) of a client's address; empty without an address."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    bits = 24 if mapped.version == 4 else 64
    return str(ipaddress.ip_network((mapped, bits), strict=False))


class RefusalCounter:
    """The counts of one process. Not thread-safe: it belongs to one event loop."""

    def __init__(
        self,
        write: Callable[[RefusalCount], Awaitable[None]],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        singles_per_second: int = SINGLES_PER_SECOND,
        max_open: int = _MAX_OPEN,
    ) -> None:
        """``write`` returns when a count is durable, and raises ``Unavailable`` when it is not.

        ``clock`` is monotonic seconds, ``wall`` epoch seconds. ``singles_per_second`` refusals are
        not aggregated; this is also the burst size.
        """
        self._write = write
        self._clock = clock
        self._wall = wall
        self._rate = singles_per_second
        self._tokens = float(singles_per_second)
        self._refilled = clock()
        self._max_open = max_open
        self._open: dict[tuple[str, str, int], RefusalCount] = {}
        self._closed: deque[RefusalCount] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def single(self) -> bool:
        """Returns whether the next refusal gets its own entry."""
        now = self._clock()
        self._tokens = min(self._rate, self._tokens + (now - self._refilled) * self._rate)
        self._refilled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def count(self, reason: str, network: str) -> str:
        """Counts one refusal; returns the audit id of the aggregated entry.

        Raises:
            Unavailable: when earlier counts are not durable yet, or the process is stopping.
        """
        self._refuse_if_delayed()
        second = int(self._wall())
        if len(self._open) + len(self._closed) >= self._max_open:
            network = network if (reason, network, second) in self._open else MANY
        refusal_count = self._open.get((reason, network, second))
        if refusal_count is None:
            refusal_count = RefusalCount(
                os.urandom(16).hex(), reason, network, second, self._clock()
            )
            self._open[reason, network, second] = refusal_count
        refusal_count.count += 1
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write_until_stop())
        return refusal_count.audit_id

    async def stop(self) -> None:
        """Writes all counts."""
        self._stopping.set()
        if self._writer is not None:
            await self._writer
        if lost := sum(refusal_count.count for refusal_count in self._closed):
            logger.error("trail:tally:lost", extra={"count": lost})

    def _refuse_if_delayed(self) -> None:
        oldest = self._closed[0] if self._closed else next(iter(self._open.values()), None)
        delayed = oldest is not None and self._clock() - oldest.opened > _MAX_DELAY_S
        if delayed or self._stopping.is_set():
            raise Unavailable("Refusals cannot be recorded now. Try again shortly.", retry_after=2)

    async def _write_until_stop(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(1.0 - self._wall() % 1.0):
                    await self._stopping.wait()
            except TimeoutError:
                await self._write_closed(before=int(self._wall()))
        await self._write_closed(before=None)

    async def _write_closed(self, *, before: int | None) -> None:
        """Writes the counts of past seconds, or all; closed counts no longer change."""
        for key in [key for key in self._open if before is None or key[2] != before]:
            self._closed.append(self._open.pop(key))
        while self._closed:
            try:
                await self._write(self._closed[0])
            except Unavailable:
                return  # tried again in a second
            self._closed.popleft()
