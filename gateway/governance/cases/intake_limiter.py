"""Rate limits of the public route for complaints, and a count of refused attempts.

Callers are unauthenticated: the source network is the only distinction. The state of a network is
dropped once its bucket is full again. The common limit bounds the number of networks; an attempt
that the limit of its network refuses does not use it up. Each control process counts for itself.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.core.errors import InvalidRequest, RateLimited
from gateway.core.pseudonym import pseudonym
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.actor import Actor
from gateway.governance.cases.messages import BUSY
from gateway.governance.journal import Journal
from gateway.limits.token_bucket import TokenBucket
from gateway.storage.database import Database

COMPLAINANT = Actor("complainant", "", frozenset(), "public")
PER_NETWORK, IN_TOTAL = 20, 200  # attempts an hour
_HOUR_S = 3600.0


class IntakeLimiter:
    """Admits attempts, and counts the refused ones."""

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
        self._all = TokenBucket(IN_TOTAL, clock(), seconds=_HOUR_S)
        self._refusals = RefusalCounter(self._record_count, clock=clock, wall=wall)

    @asynccontextmanager
    async def attempt(self, address: str | None) -> AsyncIterator[None]:
        """One attempt from an address. A refusal within the context is counted.

        Raises:
            RateLimited: with the seconds until another attempt is possible.
            Unavailable: when further refusals cannot be counted.
        """
        network = network_of(address)
        try:
            self._take(network)
            yield
        except (InvalidRequest, RateLimited) as refusal:
            name = pseudonym(self._pepper, "network", network) if network else ""
            self._refusals.count(refusal.code, name)
            raise

    async def stop(self) -> None:
        """Write the counts that are not recorded yet."""
        await self._refusals.stop()

    def _take(self, network: str) -> None:
        now = self._clock()
        known = self._networks.get(network) or TokenBucket(PER_NETWORK, now, seconds=_HOUR_S)
        wait = known.take(1, now)
        if not wait:
            wait = self._all.take(1, now)
            if wait:
                known.credit(1, now)
        if wait:
            raise RateLimited(BUSY, retry_after=wait)
        self._networks[network] = known
        if len(self._networks) > 2 * IN_TOTAL:
            used = {name: one for name, one in self._networks.items() if not one.is_full(now)}
            self._networks = used

    async def _record_count(self, refusals: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                COMPLAINANT,
                "access:complaint:count",
                request=refusals.audit_id,
                **refusals.fields(),
            )
