"""What scopes have used, counted in this process."""

from collections.abc import Iterable

import msgspec

from gateway.core.principal import Principal
from gateway.core.snapshot import Limits
from gateway.limits.scopes import LimitScope, ScopeId
from gateway.limits.token_bucket import TokenBucket


class UseCounter(msgspec.Struct, eq=False):
    """What one scope has used: of this minute, at this moment, and of one month.

    ``spent`` is money in ``month``; ``running`` are reservations that are not settled.
    """

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


class SizedBucket(msgspec.Struct, frozen=True):
    """A bucket of a scope and the size that it has in these requests.

    Without a limit a bucket stays, so that earlier use counts later.
    """

    scope: LimitScope
    bucket: TokenBucket
    size: int

    def at(self, now: float) -> TokenBucket:
        """Returns the bucket in this size; earlier use still counts."""
        if self.bucket.size != self.size:
            self.bucket.resize(self.size, now)
        return self.bucket


class ScopeSet(msgspec.Struct, frozen=True):
    """All scopes of one kind of request, taken apart by what is limited in them.

    It holds for ``principal`` until the limits change. ``late`` are the request buckets of scopes
    that are known only at departure.
    """

    principal: Principal
    counters: tuple[UseCounter, ...]
    requests: tuple[SizedBucket, ...]
    late: tuple[SizedBucket, ...]
    tokens: tuple[SizedBucket, ...]
    concurrent: tuple[tuple[LimitScope, UseCounter, int], ...]
    budgets: tuple[tuple[LimitScope, UseCounter, float], ...]


def scope_set(
    principal: Principal,
    scopes: Iterable[LimitScope],
    counters: dict[ScopeId, UseCounter],
    *,
    now: float,
    replicas: int,
) -> ScopeSet:
    """Returns the scopes with their counters; each limit is divided by the number of replicas."""
    used, requests, tokens, concurrent, budgets = [], [], [], [], []
    for scope in scopes:
        counter = counters.setdefault(scope.id, UseCounter())
        limits = scope.limits if replicas == 1 else _divided(scope.limits, replicas)
        used.append(counter)
        if (size := limits.requests_per_minute) is not None:
            counter.requests = counter.requests or TokenBucket(size, now)
            requests.append(SizedBucket(scope, counter.requests, size))
        if (size := limits.tokens_per_minute) is not None:
            counter.tokens = counter.tokens or TokenBucket(size, now)
            tokens.append(SizedBucket(scope, counter.tokens, size))
        if limits.concurrent is not None:
            concurrent.append((scope, counter, limits.concurrent))
        if scope.budget is not None:
            budgets.append((scope, counter, scope.budget.amount))
    return ScopeSet(
        principal,
        tuple(used),
        tuple(requests),
        tuple([one for one in requests if one.scope.is_late]),
        tuple(tokens),
        tuple(concurrent),
        tuple(budgets),
    )


def _divided(limits: Limits, replicas: int) -> Limits:
    """The share of one replica; of what is allowed at all each has some."""
    return Limits(
        *(
            size if not size else max(1, size // replicas)
            for size in msgspec.structs.astuple(limits)
        )
    )
