"""The public door of the desk: so many attempts an hour, and a count of those that were refused.

Nobody is known here, so that only the source network tells one from another. What is remembered of a
network goes when it could try as often as ever; how many there are is bounded by the limit of all
together, which a refused attempt does not use up. Both count in each control process by itself.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.core.errors import InvalidRequest, RateLimited
from gateway.core.pseudonym import pseudonym
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.access_control.actor import Actor
from gateway.governance.cases.messages import BUSY
from gateway.governance.journal import Journal
from gateway.limits.token_bucket import TokenBucket
from gateway.storage.database import Database

COMPLAINANT = Actor("complainant", "", frozenset(), "public")
OF_A_NETWORK, OF_ALL = 20, 200  # attempts an hour
_HOUR_S = 3600.0


class IntakeLimiter:
    """Lets attempts in, and counts those that came to nothing."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        pepper: bytes,
        wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds, ``clock`` monotonic seconds."""
        self._database = database
        self._journal = journal
        self._pepper = pepper
        self._clock = clock
        self._networks: dict[str, TokenBucket] = {}
        self._all = TokenBucket(OF_ALL, clock(), seconds=_HOUR_S)
        self._tallies = RefusalCounter(self._count, clock=clock, wall=wall)

    @asynccontextmanager
    async def attempt(self, address: str | None) -> AsyncIterator[None]:
        """One attempt from an address; when it is refused inside, that is counted.

        Raises:
            RateLimited: with the seconds until another attempt is possible.
            Unavailable: when refusals cannot be counted any more.
        """
        network = network_of(address)
        try:
            self._take(network)
            yield
        except (InvalidRequest, RateLimited) as refusal:
            name = pseudonym(self._pepper, "network", network) if network else ""
            self._tallies.count(refusal.code, name)
            raise

    async def stop(self) -> None:
        """Writes what was counted."""
        await self._tallies.stop()

    def _take(self, network: str) -> None:
        now = self._clock()
        known = self._networks.get(network) or TokenBucket(OF_A_NETWORK, now, seconds=_HOUR_S)
        wait = known.take(1, now)
        if not wait:
            wait = self._all.take(1, now)
            if wait:
                known.credit(1, now)
        if wait:
            raise RateLimited(BUSY, retry_after=wait)
        self._networks[network] = known
        if len(self._networks) > 2 * OF_ALL:
            left = {name: one for name, one in self._networks.items() if not one.is_full(now)}
            self._networks = left

    async def _count(self, tally: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                COMPLAINANT,
                "access:complaint:count",
                request=tally.audit_id,
                **tally.fields(),
            )
