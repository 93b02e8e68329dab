"""A team's spending counts also when its budget is added or removed during requests."""

from datetime import datetime

import pytest

from gateway.core.errors import QuotaExceeded
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Budget, Limits, Snapshot, Team
from gateway.core.usage import Price, Usage
from gateway.limits import Meter, Reservation
from gateway.limits.months import until_next_month
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
    return meter.hold(PRINCIPAL, tokens=euros, price=A_EURO)


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


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        ("2026-11-30T23:59:59+00:00", 1),
        ("2026-11-30T23:00:00.500+00:00", 3600),
        ("2026-12-31T22:00:00+00:00", 7200),
        ("2028-02-28T12:00:00+00:00", 129_600),  # a leap year
        ("2026-10-01T00:00:00+00:00", 31 * 86_400),
    ],
)
def test_a_budget_begins_again_with_the_next_month(now: str, wait: int) -> None:
    epoch = datetime.fromisoformat(now).timestamp()
    assert until_next_month(epoch) == wait
    made = Meter(clock=lambda: 0.0, wall=lambda: epoch)
    made.configure(snapshot(1))
    with pytest.raises(QuotaExceeded) as refused:
        reserve(made, 2)
    assert refused.value.retry_after == min(wait, 86_400)
