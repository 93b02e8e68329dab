"""Requests and tokens a minute, money a month: reserved before a call, settled after it.

Each request counts for its team, its key, the person behind it, its use case, and the model within
the team: every one of them must have room. These counters are of one process. The month's spending
is rebuilt from the trail at start.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter

from gateway.core.limits_policy import LocalLimits
from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.core.usage import Price, Spending, Usage
from gateway.limits.limiter import Reservation
from gateway.limits.months import month_of, until_next_month
from gateway.limits.refusals import busy, no_budget, too_many_requests, too_many_tokens
from gateway.limits.room import REQUESTS, TOKENS, Room, Rooms
from gateway.limits.scopes import ScopeId, Scopes, spenders
from gateway.limits.token_bucket import TokenBucket
from gateway.limits.use import ScopeSet, SizedBucket, UseCounter, scope_set

_MAX_SETS = 16_384  # scopes of callers that are kept ready
_NONE: tuple[str, ...] = ()
_LEVEL = attrgetter("level")


class HeldHere(Reservation):
    """A reservation in the counters of this process."""

    counters: tuple[UseCounter, ...]
    buckets: tuple[TokenBucket, ...]
    month: str


class Meter:
    """Limits and budgets of all scopes. Not thread-safe: it belongs to one event loop."""

    problem: str | None = None  # of a store, which it has not
    refuses = False

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        spent: Iterable[Spending] = (),
        replicas: int = 1,
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds, ``spent`` that of this month.

        Of ``replicas`` that count apart each has its share of every limit, and takes the others to
        spend what it spends.
        """
        self._clock = clock
        self._wall = wall
        self._replicas = replicas
        self._scopes = Scopes()
        self._counters: dict[ScopeId, UseCounter] = {}
        self._sets: dict[tuple[str, str, tuple[str, ...], str], ScopeSet] = {}
        self._month, self._day_ends = month_of(wall()), 0.0
        for one in spent:
            for scope in spenders(one):
                self._counters.setdefault(scope, UseCounter()).spend(self._month, one.cost)

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot; earlier use still counts."""
        self._scopes.configure(snapshot)
        self._sets.clear()

    async def admit(self, principal: Principal) -> Rooms:
        """As ``take``."""
        return self.take(principal)

    async def reserve(
        self,
        principal: Principal,
        *,
        tokens: int,
        price: Price,
        models: tuple[str, ...] = _NONE,
        use_case: str = "",
    ) -> Reservation:
        """As ``hold``."""
        return self.hold(principal, tokens=tokens, price=price, models=models, use_case=use_case)

    async def settled(self, reservation: Reservation) -> None:
        """Returns at once: a settlement here counts as soon as it is made."""

    def allow(self, policy: LocalLimits | None) -> None:
        """Nothing is ever away."""

    async def look(self) -> None:
        """Nothing is to be looked after."""

    async def close(self) -> None:
        """Nothing is open."""

    def take(self, principal: Principal) -> Rooms:
        """Counts one request; returns what is left of the caller's own limits.

        Raises:
            RateLimited: with the seconds until one request is possible again.
        """
        now = self._clock()
        requests = self._set_of(principal, _NONE, "", now).requests
        if not requests:
            return {}
        _take_one(requests, now)
        return {REQUESTS: _tightest(requests, now)}

    def hold(
        self,
        principal: Principal,
        *,
        tokens: int,
        price: Price,
        models: tuple[str, ...] = _NONE,
        use_case: str = "",
    ) -> HeldHere:
        """Reserves tokens and money for one attempt.

        Raises:
            RateLimited: when a scope has no tokens left in this minute, or too much runs in it.
            QuotaExceeded: when the budget of a scope for this month is used up.
        """
        now, month = self._clock(), self._this_month()
        cost = price.most(tokens)
        share = cost * self._replicas
        scopes = self._set_of(principal, models, use_case, now)
        _check_budgets(scopes, share, month, self._wall)
        _check_rates(scopes, tokens, now)
        rooms: Rooms = {}
        if scopes.late:
            _take_one(scopes.late, now)
            for one in scopes.requests:
                one.at(now).remaining(now)
            rooms[REQUESTS] = _tightest(scopes.requests, now)
        for one in scopes.tokens:
            one.bucket.charge(tokens)
        if scopes.tokens:
            rooms[TOKENS] = _tightest(scopes.tokens, now)
        for counter in scopes.counters:
            counter.spend(month, share)
            counter.running += 1
        buckets = tuple([one.bucket for one in scopes.tokens])
        return HeldHere(tokens, cost, price, rooms, scopes.counters, buckets, month)

    def settle(self, reservation: Reservation, usage: Usage) -> float:
        """Replaces a reservation by the actual usage; returns its cost. Once a reservation."""
        assert isinstance(reservation, HeldHere)  # noqa: S101 - a meter settles what it has held
        cost, month = reservation.price.cost(usage), reservation.month
        if reservation.buckets:
            now, unused = self._clock(), reservation.tokens - usage.total
            for bucket in reservation.buckets:
                bucket.credit(unused, now)
        refund = (cost - reservation.cost) * self._replicas
        for counter in reservation.counters:
            counter.spend(month, refund)
            counter.running -= 1
        return cost

    def _set_of(
        self, principal: Principal, models: tuple[str, ...], use_case: str, now: float
    ) -> ScopeSet:
        key = (principal.id, principal.person, models, use_case)
        found = self._sets.get(key)
        if found is None or (found.principal is not principal and found.principal != principal):
            if len(self._sets) >= _MAX_SETS:
                self._sets.clear()
            scopes = self._scopes.of(principal, models, use_case)
            found = self._sets[key] = scope_set(
                principal, scopes, self._counters, now=now, replicas=self._replicas
            )
        return found

    def _this_month(self) -> str:
        now = self._wall()
        if now >= self._day_ends:  # formatting a date on each request would cost too much
            self._month = month_of(now)
            self._day_ends = now - now % 86_400 + 86_400
            self._forget_idle(self._clock())
        return self._month

    def _forget_idle(self, now: float) -> None:
        self._sets.clear()
        self._counters = {
            scope: counter
            for scope, counter in self._counters.items()
            if not counter.is_idle(self._month, now)
        }


def _check_budgets(scopes: ScopeSet, cost: float, month: str, wall: Callable[[], float]) -> None:
    """Whether every budget has room; before the rates, because waiting hardly helps here."""
    if cost > 0:
        for scope, counter, budget in scopes.budgets:
            if counter.spent_in(month) + cost > budget:
                raise no_budget(scope, until_next_month(wall()))


def _check_rates(scopes: ScopeSet, tokens: int, now: float) -> None:
    """Whether every scope has tokens left in this minute, and room for one more answer."""
    for scope, counter, most in scopes.concurrent:
        if counter.running >= most:
            raise busy(scope)
    longest, last = 0, None
    for one in scopes.tokens:
        wait = one.at(now).wait(tokens, now)
        if wait > longest:
            longest, last = wait, one.scope
    if last is not None:
        raise too_many_tokens(last, longest)


def _take_one(requests: tuple[SizedBucket, ...], now: float) -> None:
    """Takes one request from every bucket, or from none."""
    longest, last = 0, None
    for one in requests:
        wait = one.at(now).wait(1, now)
        if wait > longest:
            longest, last = wait, one.scope
    if last is not None:
        raise too_many_requests(last, longest)
    for one in requests:
        one.bucket.charge(1)


def _tightest(buckets: tuple[SizedBucket, ...], now: float) -> Room:
    """What is left in that of buckets, all asked just now, which has the least."""
    if len(buckets) == 1:
        return buckets[0].bucket.room(now)
    return min([one.bucket for one in buckets], key=_LEVEL).room(now)
