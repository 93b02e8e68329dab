"""Ends a request under way when it may no longer go on, whatever it waits for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.core.errors import Refusal

EVERY_S = 1.0


@asynccontextmanager
async def watched(
    recheck: Callable[[], object], *, every_s: float = EVERY_S
) -> AsyncIterator[None]:
    """Calls ``recheck`` every so many seconds while the body runs; its refusal ends the body.

    The body is cancelled where it waits: for a provider that is silent, or for a slow client.

    Raises:
        Refusal: the one that ``recheck`` raised.
    """
    watch = _Watch(recheck, every_s)
    try:
        async with asyncio.timeout(None) as limit:
            watch.start(limit)
            try:
                yield
            finally:
                watch.stop()
    except TimeoutError:
        if watch.refusal is None:
            raise
        raise watch.refusal from None


class _Watch:
    """A timer that repeats a check until it refuses; then the time limit of the body expires."""

    def __init__(self, recheck: Callable[[], object], every_s: float) -> None:
        self._recheck = recheck
        self._every_s = every_s
        self._loop = asyncio.get_running_loop()
        self._limit: asyncio.Timeout | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.refusal: Refusal | None = None

    def start(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self._timer = self._loop.call_later(self._every_s, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        try:
            self._recheck()
        except Refusal as refusal:
            self.refusal = refusal
            if self._limit is not None:
                self._limit.reschedule(self._loop.time())
        else:
            self._timer = self._loop.call_later(self._every_s, self._look)
