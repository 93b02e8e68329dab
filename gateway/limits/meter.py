"""Requests and tokens a minute, money a month: reserved before a call, settled after it.

Counters are per process. The month's spending is rebuilt from the trail at start.
"""

import datetime
from collections.abc import Callable

import msgspec

from gateway.core.errors import QuotaExceeded, RateLimited
from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.core.usage import Price, Usage
from gateway.limits.token_bucket import TokenBucket


def month_of(epoch: float) -> str:
    """Returns the budget period of a time, such as ``2026-11`` (UTC)."""
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m")


def month_start(epoch: float) -> int:
    """Returns the start of the budget period of a time, in epoch milliseconds."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp() * 1000)


class Reservation(msgspec.Struct):
    """What one attempt has reserved: tokens of the team's minute, money of its month."""

    team: str | None
    tokens: int
    cost: float
    price: Price
    month: str


class Meter:
    """Limits and budgets of all teams. Not thread-safe: it belongs to one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        spent: dict[str, float] | None = None,
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds, ``spent`` the month's by team."""
        self._clock = clock
        self._wall = wall
        self._requests: dict[str, TokenBucket] = {}
        self._tokens: dict[str, TokenBucket] = {}
        self._month, self._day_ends = month_of(wall()), 0.0
        month = self._month
        self._spent = {(team, month): cost for team, cost in (spent or {}).items()}
        self._budgets: dict[str, float] = {}

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot; earlier use still counts."""
        now = self._clock()
        self._budgets = {team.name: team.budget.amount for team in snapshot.teams if team.budget}
        limits = {team.name: team.limits for team in snapshot.teams}
        for buckets, field in (
            (self._requests, "requests_per_minute"),
            (self._tokens, "tokens_per_minute"),
        ):
            wanted = {name: getattr(limit, field) for name, limit in limits.items()}
            for name in set(buckets) - {name for name, size in wanted.items() if size is not None}:
                del buckets[name]
            for name, size in wanted.items():
                if size is not None:
                    buckets.setdefault(name, TokenBucket(size, now)).resize(size, now)

    def admit(self, principal: Principal) -> dict[str, str]:
        """Counts one request; returns the caller's own rate-limit headers.

        Raises:
            RateLimited: with the seconds until one request is possible again.
        """
        bucket = self._requests.get(principal.team or "")
        if bucket is None:
            return {}
        now = self._clock()
        wait = bucket.take(1, now)
        if wait > 0:
            raise RateLimited(
                f"Your team may send {bucket.size} requests a minute; try again in {wait} s.",
                retry_after=wait,
            )
        return bucket.headers("requests", now)

    def reserve(self, principal: Principal, *, tokens: int, price: Price) -> Reservation:
        """Reserves tokens and money for one attempt; ``tokens`` is an upper estimate.

        Raises:
            RateLimited: when the team's tokens of this minute are used up.
            QuotaExceeded: when the budget of this month is used up.
        """
        month = self._this_month()
        team = principal.team
        cost = price.cost(Usage(tokens, tokens))
        budget = self._budgets.get(team or "")
        if (
            budget is not None
            and cost > 0
            and self._spent.get((team or "", month), 0.0) + cost > budget
        ):
            raise QuotaExceeded("The budget of your team for this month is used up.")
        bucket = self._tokens.get(team or "")
        if bucket is not None:
            wait = bucket.take(tokens, self._clock())
            if wait > 0:
                raise RateLimited(
                    f"Your team may use {bucket.size} tokens a minute; try again in {wait} s.",
                    retry_after=wait,
                )
        self._add(team, month, cost)
        return Reservation(team, tokens, cost, price, month)

    def settle(self, reservation: Reservation, usage: Usage) -> float:
        """Replaces a reservation by the actual usage; returns its cost."""
        cost = reservation.price.cost(usage)
        bucket = self._tokens.get(reservation.team or "")
        if bucket is not None:
            bucket.credit(reservation.tokens - usage.total, self._clock())
        self._add(reservation.team, reservation.month, cost - reservation.cost)
        return cost

    def _this_month(self) -> str:
        now = self._wall()
        if now >= self._day_ends:  # formatting a date on each request would cost too much
            previous, self._month = self._month, month_of(now)
            # Reservations of last month may still be settled; older months are closed.
            self._spent = {
                key: cost for key, cost in self._spent.items() if key[1] in {previous, self._month}
            }
            self._day_ends = now - now % 86_400 + 86_400
        return self._month

    def _add(self, team: str | None, month: str, cost: float) -> None:
        """Adds spending, also without a budget: a budget set later covers the whole month."""
        key = (team or "", month)
        self._spent[key] = self._spent.get(key, 0.0) + cost
