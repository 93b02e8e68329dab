"""Publication for many changes at a time."""

import asyncio
from collections.abc import Awaitable, Callable


class CoalescedPublication:
    """Publishes once for all changes that were made while an earlier publication ran."""

    def __init__(self, publish: Callable[[], Awaitable[object]]) -> None:
        self._publish = publish
        self._lock = asyncio.Lock()
        self._asked = 0
        self._published = 0

    async def __call__(self) -> None:
        """Returns once a publication that began after this call is done."""
        self._asked += 1
        mine = self._asked
        async with self._lock:
            if self._published < mine:
                covered = self._asked
                await self._publish()
                self._published = covered
