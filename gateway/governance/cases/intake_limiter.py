"""Rate limits of the public route for complaints, and a count of refused attempts.

Callers are unauthenticated: the source network is the only distinction. Each control process counts
for itself.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.core.errors import InvalidRequest, RateLimited
from gateway.core.pseudonym import pseudonym
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.actor import Actor
from gateway.governance.cases.messages import BUSY
from gateway.governance.journal import Journal
from gateway.limits.attempt_limiter import AttemptLimiter
from gateway.storage.database import Database

COMPLAINANT = Actor("complainant", "", frozenset(), "public")
PER_NETWORK, IN_TOTAL = 20, 200  # attempts an hour
PER_RECEIPT = 10  # complaints an hour about one answer
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
        self._attempts = AttemptLimiter(
            per_network=PER_NETWORK, in_total=IN_TOTAL, seconds=_HOUR_S, clock=clock
        )
        self._receipts = AttemptLimiter(
            per_network=PER_RECEIPT, in_total=IN_TOTAL, seconds=_HOUR_S, clock=clock
        )
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
            if wait := self._attempts.take(network):
                raise RateLimited(BUSY, retry_after=wait)
            yield
        except (InvalidRequest, RateLimited) as refusal:
            name = pseudonym(self._pepper, "network", network) if network else ""
            self._refusals.count(refusal.code, name)
            raise

    def take_receipt(self, request: str) -> None:
        """Count one complaint about a request.

        Raises:
            RateLimited: with the seconds until another one is possible.
        """
        if wait := self._receipts.take(request):
            raise RateLimited(BUSY, retry_after=wait)

    async def stop(self) -> None:
        """Write the counts that are not recorded yet."""
        await self._refusals.stop()

    async def _record_count(self, refusals: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                COMPLAINANT,
                "access:complaint:count",
                request=refusals.audit_id,
                **refusals.fields(),
            )
