"""The queue in front of the key-value pool: requests run, wait or are refused.

The library evicts or stops when its pool is overbooked. A request enters it only when the pool has
room for all of its tokens beside the running requests.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.core.errors import InvalidRequest, RateLimited, Refusal

_RETRY_AFTER_S = 2
_MORE = 2  # requests by which another caller has to have more


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


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request in the queue."""

    caller: str
    pages: int
    granted: asyncio.Future[None]


class AdmissionQueue:
    """Reservations in a pool of ``capacity`` pages, granted to the callers in turn.

    The requests of one caller are granted in order of arrival. A full queue refuses the last
    request of the caller that has most in it, unless that is the one who asks.
    """

    def __init__(self, *, capacity: int, max_waiting: int) -> None:
        self._free = capacity
        self._max_waiting = max_waiting
        self._waiting: OrderedDict[str, deque[_Waiting]] = OrderedDict()  # the next caller first

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def reserve(self, pages: int, caller: str = "") -> AsyncIterator[None]:
        """Hold so many pages within the block, after waiting in the queue.

        Raises:
            RateLimited: when the queue is full.
        """
        await self._acquire(pages, caller)
        try:
            yield
        finally:
            self._free += pages
            self._grant_waiting()

    def close(self, reason: Refusal) -> None:
        """Refuse every request in the queue with this reason."""
        for one in [one for own in self._waiting.values() for one in own]:
            self._refuse(one, reason)

    async def _acquire(self, pages: int, caller: str) -> None:
        if not self._waiting and pages <= self._free:
            self._free -= pages
            return
        self._make_room(caller)
        one = _Waiting(caller, pages, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(caller, deque()).append(one)
        try:
            await one.granted
        except asyncio.CancelledError:
            granted = one.granted
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self._free += pages  # granted and cancelled in the same step
            self._remove(one)
            self._grant_waiting()
            raise

    def _make_room(self, caller: str) -> None:
        """Keep the queue within its bound.

        Raises:
            RateLimited: when it is full, and no other caller has more in it.
        """
        if self.waiting < self._max_waiting:
            return
        full = RateLimited("Too many requests wait for this model.", retry_after=_RETRY_AFTER_S)
        most = max(self._waiting.values(), key=len, default=deque[_Waiting]())
        if len(most) < len(self._waiting.get(caller, ())) + _MORE:
            raise full
        self._refuse(most[-1], full)

    def _refuse(self, one: _Waiting, reason: Refusal) -> None:
        self._remove(one)
        if not one.granted.done():
            one.granted.set_exception(reason)

    def _remove(self, one: _Waiting) -> None:
        own = self._waiting.get(one.caller)
        if own is not None and one in own:
            own.remove(one)
            if not own:
                del self._waiting[one.caller]

    def _grant_waiting(self) -> None:
        while self._waiting:
            caller = next(iter(self._waiting))
            one = self._waiting[caller][0]
            if one.granted.done():  # cancelled, and not taken out yet
                self._remove(one)
                continue
            if one.pages > self._free:
                return
            self._remove(one)
            if caller in self._waiting:
                self._waiting.move_to_end(caller)
            self._free -= one.pages
            one.granted.set_result(None)
