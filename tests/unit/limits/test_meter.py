"""A team's spending counts also when its budget is added or removed during requests."""

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Budget, Limits, Snapshot, Team
from gateway.core.usage import Price, Usage
from gateway.limits import Meter, Reservation
from gateway.limits.token_bucket import TokenBucket

pytestmark = pytest.mark.unit
A_EURO = Price(1_000_000, 0, "EUR")
PRINCIPAL = Principal(
    "k_app",
    "app",
    "app",
    "one",
    frozenset(),
    frozenset(),
    (),
    Level.RESTRICTED,
    Level.PUBLIC,
    strict=False,
    limits=Limits(),
)


def snapshot(budget: float | None) -> Snapshot:
    return Snapshot(0.0, {}, teams=[Team("one", budget=Budget(budget) if budget else None)])


def meter(budget: float | None) -> Meter:
    made = Meter(clock=lambda: 0.0, wall=lambda: 1_800_000_000.0)
    made.configure(snapshot(budget))
    return made


def reserve(meter: Meter, euros: int) -> Reservation:
    return meter.reserve(PRINCIPAL, tokens=euros, price=A_EURO)


def test_a_budget_counts_what_was_spent_before_it_was_set() -> None:
    one = meter(None)
    one.settle(reserve(one, 9), Usage(8, 0))
    one.configure(snapshot(10))
    with pytest.raises(QuotaExceeded):
        reserve(one, 3)
    reserve(one, 2)


def test_a_budget_added_during_a_request_refunds_nothing() -> None:
    one = meter(None)
    under_way = reserve(one, 9)
    one.configure(snapshot(10))
    one.settle(under_way, Usage(1, 0))
    reserve(one, 9)
    with pytest.raises(QuotaExceeded):
        reserve(one, 1)


def test_a_budget_that_was_away_for_a_moment_keeps_no_reservation() -> None:
    one = meter(10)
    under_way = reserve(one, 9)
    one.configure(snapshot(None))
    one.settle(under_way, Usage())
    one.configure(snapshot(10))
    reserve(one, 10)


def test_a_bucket_refills_over_the_time_it_is_given() -> None:
    hourly = TokenBucket(2, 0.0, seconds=3600.0)
    assert [hourly.take(1, 0.0) for _ in range(3)] == [0, 0, 1800]
    assert not hourly.is_full(1800.0)
    assert hourly.take(1, 1800.0) == 0
    assert hourly.is_full(5400.0)
    assert TokenBucket(0, 0.0, seconds=3600.0).take(1, 0.0) == 3600
