"""A blip changes nothing; what lasts does."""

import pytest

from gateway.core.system.steady import Steady

pytestmark = pytest.mark.unit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_blip_is_no_fault(clock: Clock) -> None:
    steady = Steady(clock=clock)
    for _ in range(10):
        steady.observe(works=False)
        clock.now += 2.9
        assert steady.up
        steady.observe(works=True)
        clock.now += 0.1
        assert steady.up


def test_it_is_down_after_some_seconds_of_failure_and_up_after_one_of_success(clock: Clock) -> None:
    steady = Steady(clock=clock)
    steady.observe(works=False)
    clock.now += 3
    assert not steady.up
    steady.observe(works=False)
    clock.now += 60
    steady.observe(works=True)
    assert not steady.up
    clock.now += 0.5
    steady.observe(works=False)  # one success within an outage
    steady.observe(works=True)
    clock.now += 0.9
    assert not steady.up
    clock.now += 0.1
    assert steady.up


def test_a_failure_counts_from_when_it_was_attempted(clock: Clock) -> None:
    steady = Steady(clock=clock)
    clock.now += 2
    steady.observe(works=False, since=clock.now - 1.5)
    clock.now += 1.5
    assert not steady.up
