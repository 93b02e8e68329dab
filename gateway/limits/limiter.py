"""What a request asks of its limits: a reservation before a call, and its settlement after it."""

from typing import Protocol

import msgspec

from gateway.core.limits_policy import LocalLimits
from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.core.usage import Price, Usage
from gateway.limits.room import Rooms


class Reservation(msgspec.Struct):
    """What one attempt has reserved in each scope: tokens of the minute, money of the month.

    ``limits`` is what is left of them then.
    """

    tokens: int
    cost: float
    price: Price
    limits: Rooms


class Limiter(Protocol):
    """Limits and budgets: counted in this process, or in a store that replicas share."""

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot; earlier use still counts."""

    async def admit(self, principal: Principal) -> Rooms:
        """Counts one request of the caller; returns what is left.

        Raises:
            RateLimited: with the seconds until one request is possible again.
            LimitsUnavailable: when the store is away, and policy refuses then.
        """
        ...

    async def reserve(
        self,
        principal: Principal,
        *,
        tokens: int,
        price: Price,
        models: tuple[str, ...] = (),
        use_case: str = "",
    ) -> Reservation:
        """Reserves tokens and money for one attempt; ``tokens`` is an upper estimate.

        ``models`` are the name that was asked for and that of the deployment.

        Raises:
            RateLimited: when a scope has no tokens left in this minute, or too much runs in it.
            QuotaExceeded: when the budget of a scope for this month is used up; with the seconds
                until the next month begins.
            LimitsUnavailable: when the store is away, and policy refuses then.
        """
        ...

    def settle(self, reservation: Reservation, usage: Usage) -> float:
        """Replaces a reservation by the actual usage; returns its cost. Once a reservation."""
        ...

    async def settled(self, reservation: Reservation) -> None:
        """Returns when the settlement counts for the next request, or the store is away."""

    def allow(self, policy: LocalLimits | None) -> None:
        """Sets what holds while the store is away; None refuses."""

    async def look(self) -> None:
        """Looks after the store; to be called once a second."""

    @property
    def problem(self) -> str | None:
        """Why the store does not count now; None when it does, or when there is none."""
        ...

    @property
    def refuses(self) -> bool:
        """Whether requests that something bounds are refused now, for want of the store."""
        ...

    async def close(self) -> None:
        """Lets settlements end."""
