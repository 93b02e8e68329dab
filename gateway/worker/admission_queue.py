"""The line in front of the key-value pool: what may run now, what waits, what is turned away.

The library evicts or stops when its pool is overbooked. Nothing is handed to it that would not
fit beside what runs already.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.core.errors import InvalidRequest, RateLimited, Refusal

_RETRY_AFTER_S = 2


def token_budget(*, prompt: int, asked: int | None, context: int, pool: int, default: int) -> int:
    """How many tokens an answer may have.

    Raises InvalidRequest with code context_length_exceeded when prompt and answer do not fit in
    the model's context or in the pool, both counted in tokens.
    """
    room = min(context, pool) - prompt
    wanted = min(default, room) if asked is None else asked
    if wanted > room or room < 1:
        raise InvalidRequest(
            f"This model takes at most {min(context, pool)} tokens; the request has {prompt} and "
            f"asks for {wanted if asked is not None else 'at least 1'} more. Shorten it.",
            code="context_length_exceeded",
            param="messages",
        )
    return wanted


class AdmissionQueue:
    """First come, first served places in a pool of ``capacity`` pages."""

    def __init__(self, *, capacity: int, max_waiting: int) -> None:
        self._capacity = capacity
        self._free = capacity
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._waiting)

    @property
    def in_use(self) -> float:
        """Share of the pool that is promised to running requests."""
        return 1 - self._free / self._capacity

    @asynccontextmanager
    async def place(self, pages: int) -> AsyncIterator[None]:
        """Hold that many pages. Raises RateLimited at once when the line is full."""
        await self._enter(pages)
        try:
            yield
        finally:
            self._free += pages
            self._admit()

    def close(self, reason: Refusal) -> None:
        """Turn away everybody in line."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(reason)

    async def _enter(self, pages: int) -> None:
        if not self._waiting and pages <= self._free:
            self._free -= pages
            return
        if len(self._waiting) >= self._max_waiting:
            raise RateLimited("Too many requests wait for this model.", retry_after=_RETRY_AFTER_S)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((pages, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._free += pages  # the place was given in the same instant
            self._waiting = deque(item for item in self._waiting if item[1] is not turn)
            self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            pages, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= pages
                turn.set_result(None)
