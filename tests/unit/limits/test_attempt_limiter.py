"""Attempts of callers who are not authenticated."""

from gateway.limits.attempt_limiter import AttemptLimiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def limiter(clock: Clock) -> AttemptLimiter:
    return AttemptLimiter(per_network=2, in_total=5, seconds=60, clock=clock)


def test_a_network_has_its_own_limit_and_leaves_the_common_one_alone() -> None:
    found = limiter(Clock())
    assert [found.take("a") > 0 for _ in range(4)] == [False, False, True, True]
    assert [found.take(one) > 0 for one in "bcde"] == [False, False, False, True]


def test_an_attempt_that_succeeded_counts_no_more() -> None:
    found = limiter(Clock())
    for _ in range(20):
        assert found.take("a") == 0
        found.give_back("a")


def test_the_network_of_an_attempt_that_takes_long_may_be_forgotten_meanwhile() -> None:
    clock = Clock()
    found = limiter(clock)
    found.take("slow")
    for number in range(40):
        clock.now += 60
        found.take(f"other {number}")
    found.give_back("slow")
    assert [found.take("slow") > 0 for _ in range(3)] == [False, False, True]
