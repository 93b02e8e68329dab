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

    async def write(self, refusal_count: RefusalCount) -> None:
        if self.failures:
            self.failures -= 1
            self.failed.set()
            raise Unavailable("full", retry_after=1)
        self.written.append(refusal_count)


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
def test_singles_and_counts_add_up_to_all_refusals(
    arrivals: list[tuple[str, str, float]], most: int, rate: int
) -> None:
    async def run() -> None:
        clock, store = Clock(), Store()
        wall = Clock()
        counter = RefusalCounter(
            store.write, clock=clock, wall=wall, singles_per_second=rate, max_open=most
        )
        came: Counter[str] = Counter()
        by_id: Counter[str] = Counter()
        for reason, network, later in arrivals:
            wall.now += later
            if counter.single():
                continue
            by_id[counter.count(reason, network)] += 1
            came[reason] += 1
        await counter.stop()
        counted: Counter[str] = Counter()
        for refusal_count in store.written:
            counted[refusal_count.reason] += refusal_count.count
        assert counted == came
        assert {
            refusal_count.audit_id: refusal_count.count for refusal_count in store.written
        } == dict(by_id)

    asyncio.run(run())


async def test_singles_are_limited_by_the_rate() -> None:
    clock = Clock()
    counter = RefusalCounter(Store().write, clock=clock, wall=clock, singles_per_second=5)
    assert sum(counter.single() for _ in range(100)) == 5
    clock.now += 2
    assert sum(counter.single() for _ in range(100)) == 5
    clock.now += 0.3
    assert sum(counter.single() for _ in range(100)) == 1


async def test_the_entries_of_a_second_are_bounded_for_any_number_of_networks() -> None:
    clock, store = Clock(), Store()
    counter = RefusalCounter(store.write, clock=clock, wall=clock, max_open=10)
    for number in range(5000):
        counter.count("invalid_api_key", f"network {number}")
    await counter.stop()
    assert len(store.written) == 11
    assert sum(refusal_count.count for refusal_count in store.written) == 5000
    assert {refusal_count.network: refusal_count.count for refusal_count in store.written}[
        MANY
    ] == 4990


async def test_a_failed_count_is_written_later() -> None:
    clock, store = Clock(), Store(failures=1)
    clock.now += 0.99
    counter = RefusalCounter(store.write, clock=clock, wall=clock)
    for _ in range(7):
        counter.count("invalid_api_key", "a")
    clock.now += 1  # the next turn of the writer finds a past second
    for _ in range(3):
        counter.count("invalid_api_key", "a")
    await store.failed.wait()
    await counter.stop()
    assert [refusal_count.count for refusal_count in store.written] == [7, 3]


async def test_callers_get_retry_after_when_counts_are_delayed() -> None:
    clock, store = Clock(), Store(failures=10**9)
    counter = RefusalCounter(store.write, clock=clock, wall=clock)
    counter.count("invalid_api_key", "a")
    clock.now += 10
    with pytest.raises(Unavailable):
        counter.count("invalid_api_key", "a")
    store.failures = 0
    await counter.stop()
    assert sum(refusal_count.count for refusal_count in store.written) == 1
    with pytest.raises(Unavailable):
        counter.count("invalid_api_key", "a")


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
