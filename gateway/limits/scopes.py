"""Scopes: whose use is counted. A team, a key, a person, and a model within a team."""

from collections.abc import Iterable

import msgspec

from gateway.core.principal import Principal
from gateway.core.snapshot import NO_LIMITS, Allowance, Budget, Limits
from gateway.limits.token_bucket import TokenBucket

TEAM, KEY, PERSON, MODEL = "team", "key", "person", "model"


class UseCounter(msgspec.Struct, eq=False):
    """What one scope has used: of this minute, at this moment, and of one month.

    ``spent`` is money in ``month``; ``running`` are reservations that are not settled.
    """

    scope: str
    name: str
    requests: TokenBucket | None = None
    tokens: TokenBucket | None = None
    running: int = 0
    month: str = ""
    spent: float = 0.0

    def spend(self, month: str, cost: float) -> None:
        """Adds spending, also without a budget: one that is set later covers the whole month.

        Of an earlier month nothing is added: that one is closed.
        """
        if month == self.month:
            self.spent += cost
        elif month > self.month:
            self.month, self.spent = month, cost

    def spent_in(self, month: str) -> float:
        """Returns the money spent in the present month."""
        return self.spent if self.month == month else 0.0

    def is_idle(self, month: str, now: float) -> bool:
        """Returns whether a new counter would hold the same."""
        full = all(bucket is None or bucket.is_full(now) for bucket in (self.requests, self.tokens))
        return full and not self.running and not self.spent_in(month)


class LimitScope(msgspec.Struct, frozen=True):
    """A counter, and what it may reach."""

    counter: UseCounter
    limits: Limits = NO_LIMITS
    budget: Budget | None = None


class ScopeSet(msgspec.Struct, frozen=True):
    """All scopes of one kind of request, taken apart by what is limited in them.

    It holds for ``principal`` until the limits change.
    """

    principal: Principal
    counters: tuple[UseCounter, ...]
    requests: tuple[tuple[LimitScope, TokenBucket], ...]
    tokens: tuple[tuple[LimitScope, TokenBucket], ...]
    concurrent: tuple[tuple[LimitScope, int], ...]
    budgets: tuple[tuple[LimitScope, float], ...]


def scope_set(principal: Principal, scopes: Iterable[LimitScope], now: float) -> ScopeSet:
    """Returns the scopes with their buckets, which get their present sizes."""
    scopes = tuple(scopes)
    requests, tokens = [], []
    for scope in scopes:
        counter, limits = scope.counter, scope.limits
        counter.requests = _sized(counter.requests, limits.requests_per_minute, now)
        counter.tokens = _sized(counter.tokens, limits.tokens_per_minute, now)
        if counter.requests is not None and limits.requests_per_minute is not None:
            requests.append((scope, counter.requests))
        if counter.tokens is not None and limits.tokens_per_minute is not None:
            tokens.append((scope, counter.tokens))
    return ScopeSet(
        principal,
        tuple(scope.counter for scope in scopes),
        tuple(requests),
        tuple(tokens),
        tuple(
            (scope, scope.limits.concurrent)
            for scope in scopes
            if scope.limits.concurrent is not None
        ),
        tuple((scope, scope.budget.amount) for scope in scopes if scope.budget is not None),
    )


def _sized(bucket: TokenBucket | None, size: int | None, now: float) -> TokenBucket | None:
    """The bucket in this size; without a limit it stays, so that earlier use counts later."""
    if size is None:
        return bucket
    if bucket is None:
        return TokenBucket(size, now)
    if bucket.size != size:
        bucket.resize(size, now)
    return bucket


def narrowest(one: Allowance, limits: Limits, budget: Budget | None) -> Allowance:
    """Returns limits and a budget that keep within both."""
    budgets = [each for each in (one.budget, budget) if each is not None]
    return Allowance(
        Limits(
            *(
                _least(getattr(one.limits, field), getattr(limits, field))
                for field in Limits.__struct_fields__
            )
        ),
        min(budgets, key=lambda each: each.amount) if budgets else None,
    )


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
