"""The order in which units are read, with a clock of the test."""

import random
from collections import deque

from gateway.classifiers.schedule import Lane, QueuedRequest, Schedule, WorkUnit, in_units


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def request(owner: str, units: int, size: int = 1000, since: float = 0.0) -> QueuedRequest[str]:
    return QueuedRequest(owner, deque(WorkUnit([owner], size) for _ in range(units)), since, {})


def order(schedule: Schedule[str], count: int) -> str:
    taken = (schedule.take() for _ in range(count))
    return "".join(one[0].owner for one in taken if one is not None)


def test_owners_take_turns_whatever_the_number_of_their_requests() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    for owner, count in (("a", 3), ("b", 1)):
        for _ in range(count):
            schedule.add(request(owner, 10))
    assert sorted(order(schedule, 20)) == ["a"] * 10 + ["b"] * 10
    assert order(schedule, 20) == "a" * 20


def test_the_requests_of_one_owner_take_turns() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    first, second = request("a", 10), request("a", 10)
    schedule.add(first)
    schedule.add(second)
    order(schedule, 10)
    assert first.served == second.served == 5000


def test_a_short_request_of_a_busy_owner_goes_before_a_long_one_of_another() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    schedule.add(request("b", 100))
    for _ in range(20):  # short requests of one owner, one after another
        schedule.add(request("a", 1))
        assert order(schedule, 1) == "a"


def test_short_requests_without_end_do_not_hold_up_a_long_one_for_ever() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    schedule.add(request("b", 100))
    taken = ""
    for _ in range(100):
        schedule.add(request("a", 1))
        taken += order(schedule, 1)
    assert taken.count("b") > 25


def test_what_an_owner_was_served_fades() -> None:
    clock = Clock()
    schedule: Schedule[str] = Schedule(clock)
    schedule.add(request("a", 40))
    order(schedule, 40)
    clock.now += 200
    schedule.add(request("a", 10))
    schedule.add(request("b", 10))
    assert sorted(order(schedule, 10)) == ["a"] * 5 + ["b"] * 5


def test_each_owner_has_a_share_of_the_room() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    assert schedule.has_room("a", 50_000, 10_000)  # nothing else waits
    schedule.add(request("a", 9))
    assert schedule.has_room("a", 1000, 10_000)
    assert not schedule.has_room("a", 2000, 10_000)
    assert schedule.has_room("b", 5000, 10_000)
    schedule.add(request("b", 5))
    assert not schedule.has_room("b", 1000, 10_000)
    assert schedule.has_room("c", 3000, 10_000)


def test_a_lane_takes_units_of_its_sizes_only() -> None:
    schedule: Schedule[str] = Schedule(Clock())
    schedule.add(request("a", 1, size=5000))
    small, large = Lane(-1, 1000), Lane(1000, 9000)
    assert not schedule.may_take(small)
    assert schedule.take(small) is None
    schedule.add(request("b", 1, size=1000))
    assert [one[0].owner for lane in (large, small) if (one := schedule.take(lane))] == ["a", "b"]


def test_what_waits_is_counted_through_all_that_happens() -> None:
    rng, clock = random.Random(7), Clock()
    schedule: Schedule[str] = Schedule(clock)
    held: list[QueuedRequest[str]] = []
    for _ in range(2000):
        clock.now += 1
        match rng.randrange(4):
            case 0:
                held.append(request(rng.choice("abc"), rng.randint(1, 5), since=clock.now))
                schedule.add(held[-1])
            case 1 if held:
                schedule.remove(held.pop(rng.randrange(len(held))))
            case 2 if (taken := schedule.take()) is not None:
                schedule.put_back(*taken)
            case _:
                schedule.take()
        waits = [one for one in held if one.units]
        assert schedule.waiting == sum(unit.characters for one in held for unit in one.units)
        assert schedule.oldest_s == max((clock.now - one.since for one in waits), default=0.0)


def test_owners_that_come_and_go_are_forgotten() -> None:
    clock = Clock()
    schedule: Schedule[str] = Schedule(clock)
    for number in range(5000):
        clock.now += 1
        schedule.add(request(f"owner {number}", 1))
        schedule.take()
    assert len(schedule._served) < 1100


def test_items_are_packed_up_to_a_size_and_a_number() -> None:
    units = in_units([900, 900, 900, 5000, *[1] * 10], int, most=2000, count=4)
    assert [unit.items for unit in units] == [
        [900, 900], [900], [5000], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1],
    ]  # fmt: skip
