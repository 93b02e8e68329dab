"""Counted refusals: nothing is lost, what is open is bounded, a store that hangs is not outrun."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import Unavailable
from gateway.evidence.refusal_counter import MANY, RefusalCount, RefusalCounter, network_of


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Takes counts, or fails for so many times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.written: list[RefusalCount] = []
        self.failed = asyncio.Event()

    async def write(self, tally: RefusalCount) -> None:
        if self.failures:
            self.failures -= 1
            self.failed.set()
            raise Unavailable("full", retry_after=1)
        self.written.append(tally)


arrivals = st.lists(
    st.tuples(
        st.sampled_from(["invalid_api_key", "not_found"]),
        st.sampled_from(["a", "b", "c", "d", "e"]),
        st.floats(-0.5, 1.5),  # seconds since the one before it: clocks step back, too
    ),
    max_size=80,
)


@given(arrivals=arrivals, most=st.integers(1, 6), rate=st.integers(0, 5))
@settings(deadline=None)
def test_singles_and_counts_add_up_to_what_came(
    arrivals: list[tuple[str, str, float]], most: int, rate: int
) -> None:
    async def run() -> None:
        clock, store = Clock(), Store()
        wall = Clock()
        tallies = RefusalCounter(
            store.write, clock=clock, wall=wall, singles_per_second=rate, max_open=most
        )
        came: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for reason, network, later in arrivals:
            wall.now += later
            if tallies.single():
                continue
            told[tallies.count(reason, network)] += 1
            came[reason] += 1
        await tallies.stop()
        counted: Counter[str] = Counter()
        for tally in store.written:
            counted[tally.reason] += tally.count
        assert counted == came
        assert {tally.audit_id: tally.count for tally in store.written} == dict(told)

    asyncio.run(run())


async def test_singles_are_limited_by_the_rate() -> None:
    clock = Clock()
    tallies = RefusalCounter(Store().write, clock=clock, wall=clock, singles_per_second=5)
    assert sum(tallies.single() for _ in range(100)) == 5
    clock.now += 2
    assert sum(tallies.single() for _ in range(100)) == 5
    clock.now += 0.3
    assert sum(tallies.single() for _ in range(100)) == 1


async def test_however_many_networks_come_the_entries_of_a_second_are_bounded() -> None:
    clock, store = Clock(), Store()
    tallies = RefusalCounter(store.write, clock=clock, wall=clock, max_open=10)
    for number in range(5000):
        tallies.count("invalid_api_key", f"network {number}")
    await tallies.stop()
    assert len(store.written) == 11
    assert sum(tally.count for tally in store.written) == 5000
    assert {tally.network: tally.count for tally in store.written}[MANY] == 4990


async def test_a_count_that_was_not_taken_is_written_later() -> None:
    clock, store = Clock(), Store(failures=1)
    clock.now += 0.99
    tallies = RefusalCounter(store.write, clock=clock, wall=clock)
    for _ in range(7):
        tallies.count("invalid_api_key", "a")
    clock.now += 1  # the next turn of the writer finds a past second
    for _ in range(3):
        tallies.count("invalid_api_key", "a")
    await store.failed.wait()
    await tallies.stop()
    assert [tally.count for tally in store.written] == [7, 3]


async def test_when_counts_are_not_taken_for_long_callers_are_told_to_come_back() -> None:
    clock, store = Clock(), Store(failures=10**9)
    tallies = RefusalCounter(store.write, clock=clock, wall=clock)
    tallies.count("invalid_api_key", "a")
    clock.now += 10
    with pytest.raises(Unavailable):
        tallies.count("invalid_api_key", "a")
    store.failures = 0
    await tallies.stop()
    assert sum(tally.count for tally in store.written) == 1
    with pytest.raises(Unavailable):
        tallies.count("invalid_api_key", "a")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        (None, ""),
        ("a unix socket", ""),
    ],
)
def test_networks(address: str | None, network: str) -> None:
    assert network_of(address) == network
