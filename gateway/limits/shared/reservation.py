"""A reservation in the store, and the settlements that are on their way there."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gateway.limits.limiter import Reservation
from gateway.limits.meter import HeldHere, Meter
from gateway.limits.shared.callers import CallerScopes


class HeldThere(Reservation):
    """A reservation of the store.

    ``epoch`` is that of the counters which hold it, "" for none; ``month`` the month that it counts
    for, as the store says. ``here`` is the one in a meter of this process where the store was away.
    """

    id: str
    caller: CallerScopes
    epoch: str = ""
    month: str = ""
    here: tuple[Meter, HeldHere] | None = None
    settling: asyncio.Task[None] | None = None

    def again(self) -> dict[str, Any]:
        """What the store needs to know to hold it once more."""
        return {
            "id": self.id,
            "epoch": self.epoch,
            "month": self.month,
            "cost": self.cost,
            "tokens": self.tokens,
            "limited": self.caller.limited,
        }


class Background:
    """Tasks that run in the background."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Starts a coroutine function; the task is kept until it ends."""
        task = asyncio.ensure_future(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self, seconds: float) -> None:
        """Lets the work end for so long, then cancels it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
