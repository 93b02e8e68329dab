"""Which passages the detector processes read next: fair by owner, then by request.

The next unit is one of the owner that was served the fewest characters, and of its requests the one
that was served the fewest. What an owner was served fades. A request with much left to read stands
back behind a short one, by a fixed number of characters: so a short text does not wait for a long
one, and an owner with many short texts cannot hold up a long one of somebody else for ever. This
is start-time fair queueing (Goyal, Vin and Cheng, 1996) with two weights.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

_HALF_S = 10.0  # after so many seconds what an owner was served counts half
_SHORT = 4096  # characters of a request that stands back for no other
_HANDICAP = 32_768.0  # characters by which a longer one stands back
_OWNERS = 1024  # the number of owners above which those that faded are dropped


@dataclass(slots=True)
class WorkUnit(Generic[T]):
    """Items of one request that a process works on in one message."""

    items: list[T]
    characters: int
    tries: int = 0


class Lane(NamedTuple):
    """The units that a process takes: of more than ``above`` characters and at most ``most``."""

    above: float
    most: float

    def takes(self, unit: WorkUnit[Any]) -> bool:
        """Whether a unit is of this lane."""
        return self.above < unit.characters <= self.most


ANY = Lane(-1, inf)


@dataclass(eq=False, slots=True)
class QueuedRequest(Generic[T]):
    """What of one request waits to be read; ``since`` is monotonic seconds.

    ``results`` are by the keys of items. ``finished`` is set when all units were read, or, as
    ``failed`` says, given up.
    """

    owner: str
    units: deque[WorkUnit[T]]
    since: float
    results: dict[bytes, bytes]
    served: int = 0
    failed: bool = False
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    handicap: float = field(init=False)
    _unfinished: int = field(init=False)

    def __post_init__(self) -> None:
        self.handicap = 0.0 if _left(self) <= _SHORT else _HANDICAP
        self._unfinished = len(self.units)

    def finish_unit(self, *, failed: bool = False) -> None:
        """Note that one unit was read or given up."""
        self.failed |= failed
        self._unfinished -= 1
        if not self._unfinished:
            self.finished.set()


class Schedule(Generic[T]):
    """The requests that wait, and what their owners were served. Times are of ``clock``."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._requests: list[QueuedRequest[T]] = []
        self._served: dict[str, tuple[float, float]] = {}  # characters, and when that was
        self.waiting = 0

    @property
    def oldest_s(self) -> float:
        """The time that the oldest unit has waited."""
        since = [request.since for request in self._requests if request.units]
        return self._clock() - min(since) if since else 0.0

    def waiting_of(self, owner: str) -> int:
        """The characters that wait for one owner."""
        return sum(_left(one) for one in self._requests if one.owner == owner)

    def has_room(self, owner: str, characters: int, room: int) -> bool:
        """Whether so many characters more may wait within ``room``.

        Each owner has an equal share of it at least, so that one owner cannot keep others out. A
        request that finds nothing waiting has room whatever its size.
        """
        if self.waiting + characters <= room or not self.waiting:
            return True
        owners = {one.owner for one in self._requests if one.units} | {owner}
        return self.waiting_of(owner) + characters <= room // len(owners)

    def add(self, request: QueuedRequest[T]) -> None:
        """Let a request wait."""
        self._requests.append(request)
        self.waiting += _left(request)

    def remove(self, request: QueuedRequest[T]) -> None:
        """Drop what of a request still waits."""
        if request in self._requests:
            self._requests.remove(request)
            self.waiting -= _left(request)
            request.units.clear()

    def may_take(self, lane: Lane = ANY) -> bool:
        """Whether a unit of this lane waits."""
        return any(one.units and lane.takes(one.units[0]) for one in self._requests)

    def take(self, lane: Lane = ANY) -> tuple[QueuedRequest[T], WorkUnit[T]] | None:
        """Return the next unit of a lane, and its request; None without one."""
        waiting = [one for one in self._requests if one.units and lane.takes(one.units[0])]
        if not waiting:
            return None
        used = {owner: self._used(owner) for owner in {one.owner for one in waiting}}
        chosen = min(waiting, key=lambda one: (used[one.owner] + one.handicap, one.served))
        unit = chosen.units.popleft()
        self.waiting -= unit.characters
        chosen.served += unit.characters
        self._serve(chosen.owner, used[chosen.owner] + unit.characters)
        return chosen, unit

    def put_back(self, request: QueuedRequest[T], unit: WorkUnit[T]) -> None:
        """Let a unit wait again, before the others of its request."""
        if request in self._requests:
            request.units.appendleft(unit)
            self.waiting += unit.characters

    def _used(self, owner: str) -> float:
        used, at = self._served.get(owner, (0.0, 0.0))
        return used * 0.5 ** ((self._clock() - at) / _HALF_S) if used else 0.0

    def _serve(self, owner: str, used: float) -> None:
        self._served[owner] = (used, self._clock())
        if len(self._served) > _OWNERS:
            faded = [one for one in self._served if self._used(one) < 1]
            for one in faded or [min(self._served, key=self._used)]:
                del self._served[one]


def _left(request: QueuedRequest[Any]) -> int:
    return sum(unit.characters for unit in request.units)


def in_units(
    items: Iterable[T], size: Callable[[T], int], *, most: int, count: int
) -> deque[WorkUnit[T]]:
    """Return items as units of at most so many characters and items, in order."""
    units: deque[WorkUnit[T]] = deque()
    for one in items:
        last, characters = units[-1] if units else None, size(one)
        full = last is None or len(last.items) >= count
        if last is None or full or last.characters + characters > most:
            units.append(WorkUnit([one], characters))
        else:
            last.items.append(one)
            last.characters += characters
    return units
