"""The queue in front of the key-value pool: requests run, wait or are refused.

The library evicts or stops when its pool is overbooked. A request enters it only when the pool has
room for all of its tokens beside the running requests.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.core.errors import InvalidRequest, RateLimited, Refusal

_RETRY_AFTER_S = 2


def token_budget(
    *, prompt: int, requested: int | None, context: int, pool: int, default: int
) -> int:
    """The largest number of tokens of an answer.

    ``context`` and ``pool`` are in tokens.

    Raises:
        InvalidRequest: with code context_length_exceeded, when prompt and answer do not fit in the
            model's context or in the pool.
    """
    available = min(context, pool) - prompt
    budget = min(default, available) if requested is None else requested
    if budget > available or available < 1:
        raise InvalidRequest(
            f"This model takes at most {min(context, pool)} tokens; the request has {prompt} and "
            f"asks for {budget if requested is not None else 'at least 1'} more. Shorten it.",
            code="context_length_exceeded",
            param="messages",
        )
    return budget


class AdmissionQueue:
    """Reservations in a pool of ``capacity`` pages, granted in order of arrival."""

    def __init__(self, *, capacity: int, max_waiting: int) -> None:
        self._free = capacity
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._waiting)

    @asynccontextmanager
    async def reserve(self, pages: int) -> AsyncIterator[None]:
        """Hold so many pages within the block, after waiting in the queue.

        Raises:
            RateLimited: at once, when the queue is full.
        """
        await self._acquire(pages)
        try:
            yield
        finally:
            self._free += pages
            self._grant_waiting()

    def close(self, reason: Refusal) -> None:
        """Refuse every request in the queue with this reason."""
        while self._waiting:
            _, granted = self._waiting.popleft()
            if not granted.done():
                granted.set_exception(reason)

    async def _acquire(self, pages: int) -> None:
        if not self._waiting and pages <= self._free:
            self._free -= pages
            return
        if len(self._waiting) >= self._max_waiting:
            raise RateLimited("Too many requests wait for this model.", retry_after=_RETRY_AFTER_S)
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((pages, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self._free += pages  # granted and cancelled in the same step
            self._waiting = deque(item for item in self._waiting if item[1] is not granted)
            self._grant_waiting()
            raise

    def _grant_waiting(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            pages, granted = self._waiting.popleft()
            if not granted.done():
                self._free -= pages
                granted.set_result(None)
