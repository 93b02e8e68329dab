"""Requests and tokens a minute, money a month: reserved before a call, settled after it.

Each request counts for its team, its key, the person behind it, and the model within the team:
every one of them must have room. Counters are per process. The month's spending is rebuilt from the
trail at start.
"""

import datetime
import math
from collections.abc import Callable, Iterable, Iterator

import msgspec

from gateway.core.principal import Principal
from gateway.core.snapshot import Allowance, Snapshot, Team
from gateway.core.usage import Price, Spending, Usage
from gateway.limits.refusals import busy, no_budget, too_many_requests, too_many_tokens
from gateway.limits.scopes import (
    KEY,
    MODEL,
    PERSON,
    TEAM,
    LimitScope,
    ScopeSet,
    UseCounter,
    narrowest,
    scope_set,
)
from gateway.limits.token_bucket import TokenBucket

_MAX_SETS = 16_384  # scopes of callers that are kept ready
_NONE: tuple[str, ...] = ()


def month_of(epoch: float) -> str:
    """Returns the budget period of a time, such as ``2026-11`` (UTC)."""
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m")


def month_start(epoch: float) -> int:
    """Returns the start of the budget period of a time, in epoch milliseconds."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp() * 1000)


def until_next_month(epoch: float) -> int:
    """Returns the seconds until the next budget period begins, at least 1."""
    beyond = month_start(epoch) / 1000 + 32 * 86_400  # some day of the next month
    return max(1, math.ceil(month_start(beyond) / 1000 - epoch))


class Reservation(msgspec.Struct):
    """What one attempt has reserved in each scope: tokens of the minute, money of the month.

    ``limits`` are rate-limit headers, where the model's are tighter than those of its admission.
    """

    counters: tuple[UseCounter, ...]
    buckets: tuple[TokenBucket, ...]
    tokens: int
    cost: float
    price: Price
    month: str
    limits: dict[str, str] | None = None


class Meter:
    """Limits and budgets of all scopes. Not thread-safe: it belongs to one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        spent: Iterable[Spending] = (),
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds, ``spent`` that of this month."""
        self._clock = clock
        self._wall = wall
        self._teams: dict[str, Team] = {}
        self._counters: dict[tuple[str, str, str], UseCounter] = {}
        self._sets: dict[tuple[str, str, tuple[str, ...]], ScopeSet] = {}
        self._month, self._day_ends = month_of(wall()), 0.0
        for one in spent:
            for counter in self._spenders(one):
                counter.spend(self._month, one.cost)

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot; earlier use still counts."""
        self._teams = {team.name: team for team in snapshot.teams}
        self._sets.clear()

    def admit(self, principal: Principal) -> dict[str, str]:
        """Counts one request; returns the caller's own rate-limit headers, of the tightest scope.

        Raises:
            RateLimited: with the seconds until one request is possible again.
        """
        now = self._clock()
        requests = self._scopes(principal, _NONE, now).requests
        if not requests:
            return {}
        _take_one(requests, now)
        return _tightest(requests, now)

    def reserve(
        self,
        principal: Principal,
        *,
        tokens: int,
        price: Price,
        models: tuple[str, ...] = _NONE,
    ) -> Reservation:
        """Reserves tokens and money for one attempt; ``tokens`` is an upper estimate.

        ``models`` are the name that was asked for and that of the deployment.

        Raises:
            RateLimited: when a scope has no tokens left in this minute, or too much runs in it.
            QuotaExceeded: when the budget of a scope for this month is used up; with the seconds
                until the next month begins.
        """
        now, month = self._clock(), self._this_month()
        cost = price.cost(Usage(tokens, tokens))
        scopes = self._scopes(principal, models, now)
        _check_budgets(scopes, cost, month, self._wall)
        _check_rates(scopes, tokens, now)
        of_models = tuple([one for one in scopes.requests if one[0].counter.scope == MODEL])
        if of_models:  # a model is known only now
            _take_one(of_models, now)
        for _, bucket in scopes.tokens:
            bucket.charge(tokens)
        for counter in scopes.counters:
            counter.spend(month, cost)
            counter.running += 1
        buckets = tuple([bucket for _, bucket in scopes.tokens])
        limits = _tightest(scopes.requests, now) if of_models else None
        return Reservation(scopes.counters, buckets, tokens, cost, price, month, limits)

    def settle(self, reservation: Reservation, usage: Usage) -> float:
        """Replaces a reservation by the actual usage; returns its cost. Once a reservation."""
        cost, month = reservation.price.cost(usage), reservation.month
        if reservation.buckets:
            now, unused = self._clock(), reservation.tokens - usage.total
            for bucket in reservation.buckets:
                bucket.credit(unused, now)
        refund = cost - reservation.cost
        for counter in reservation.counters:
            counter.spend(month, refund)
            counter.running -= 1
        return cost

    def _scopes(self, principal: Principal, models: tuple[str, ...], now: float) -> ScopeSet:
        key = (principal.id, principal.person, models)
        found = self._sets.get(key)
        if found is None or (found.principal is not principal and found.principal != principal):
            if len(self._sets) >= _MAX_SETS:
                self._sets.clear()
            scopes = [*self._of_principal(principal), *self._of_models(principal.team, models)]
            found = self._sets[key] = scope_set(principal, scopes, now)
        return found

    def _of_principal(self, principal: Principal) -> Iterator[LimitScope]:
        """The team, the key and the person of a principal."""
        team = self._teams.get(principal.team or "")
        if team is not None:
            yield LimitScope(self._counter(TEAM, team.name), team.limits, team.budget)
        if principal.person != principal.id:
            counter = self._counter(KEY, principal.id)
            yield LimitScope(counter, principal.key_limits, principal.key_budget)
        if principal.person:
            counter = self._counter(PERSON, principal.person)
            limits, budget = principal.person_limits, principal.person_budget
            own = narrowest(team.per_person if team else Allowance(), limits, budget)
            yield LimitScope(counter, own.limits, own.budget)

    def _of_models(self, team: str | None, models: tuple[str, ...]) -> Iterator[LimitScope]:
        """What a model may use within a team; by the name that was asked for and the deployment."""
        known = self._teams.get(team or "")
        if known is None:
            return
        for model in dict.fromkeys(models):
            own = known.per_model.get(model, Allowance())
            yield LimitScope(self._counter(MODEL, model, known.name), own.limits, own.budget)

    def _counter(self, scope: str, name: str, within: str = "") -> UseCounter:
        found = self._counters.get((scope, within, name))
        if found is None:
            found = self._counters[scope, within, name] = UseCounter(scope, name)
        return found

    def _spenders(self, spent: Spending) -> Iterator[UseCounter]:
        """The counters that spending counts for; a person is the subject of the entries."""
        if spent.team:
            yield self._counter(TEAM, spent.team)
            for model in dict.fromkeys((spent.model, spent.deployment)):
                if model:
                    yield self._counter(MODEL, model, spent.team)
        if spent.principal:
            yield self._counter(KEY, spent.principal)
        if spent.subject:
            yield self._counter(PERSON, spent.subject)

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
            key: counter
            for key, counter in self._counters.items()
            if not counter.is_idle(self._month, now)
        }


def _check_budgets(scopes: ScopeSet, cost: float, month: str, wall: Callable[[], float]) -> None:
    """Whether every budget has room; before the rates, because waiting hardly helps here."""
    if cost > 0:
        for scope, budget in scopes.budgets:
            if scope.counter.spent_in(month) + cost > budget:
                raise no_budget(scope, until_next_month(wall()))


def _check_rates(scopes: ScopeSet, tokens: int, now: float) -> None:
    """Whether every scope has tokens left in this minute, and room for one more answer."""
    for scope, most in scopes.concurrent:
        if scope.counter.running >= most:
            raise busy(scope)
    longest, last = 0, None
    for scope, bucket in scopes.tokens:
        wait = bucket.wait(tokens, now)
        if wait > longest:
            longest, last = wait, scope
    if last is not None:
        raise too_many_tokens(last, longest)


def _take_one(requests: tuple[tuple[LimitScope, TokenBucket], ...], now: float) -> None:
    """Takes one request from every bucket, or from none."""
    longest, last = 0, None
    for scope, bucket in requests:
        wait = bucket.wait(1, now)
        if wait > longest:
            longest, last = wait, scope
    if last is not None:
        raise too_many_requests(last, longest)
    for _, bucket in requests:
        bucket.charge(1)


def _tightest(requests: tuple[tuple[LimitScope, TokenBucket], ...], now: float) -> dict[str, str]:
    if len(requests) == 1:
        return requests[0][1].headers("requests", now)
    tightest = min((bucket for _, bucket in requests), key=lambda one: one.remaining(now))
    return tightest.headers("requests", now)
