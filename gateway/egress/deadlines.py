"""The deadlines of one attempt at a provider."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.core.errors import UpstreamFailed
from gateway.core.snapshot import Timeouts

NO_TIMEOUTS = Timeouts()


class AttemptDeadlines:
    """Counts from its making; without a setting only the limits of the connection pool count."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._idle_s = timeouts.idle
        self._first = _after(timeouts.first_token)
        self._end = _after(timeouts.total)

    @asynccontextmanager
    async def first(self) -> AsyncIterator[None]:
        """Until the beginning of the answer.

        Raises:
            UpstreamFailed: when it does not come in time.
        """
        async with _until(self._first, self._end):
            yield

    @asynccontextmanager
    async def piece(self) -> AsyncIterator[None]:
        """Until the next piece of the answer.

        Raises:
            UpstreamFailed: when it does not come in time.
        """
        async with _until(_after(self._idle_s), self._end):
            yield


def _after(seconds: float | None) -> float | None:
    return None if seconds is None else asyncio.get_running_loop().time() + seconds


@asynccontextmanager
async def _until(*moments: float | None) -> AsyncIterator[None]:
    known = [moment for moment in moments if moment is not None]
    try:
        async with asyncio.timeout_at(min(known, default=None)):
            yield
    except TimeoutError as error:
        raise UpstreamFailed("The provider took too long.", code="upstream_timeout") from error
