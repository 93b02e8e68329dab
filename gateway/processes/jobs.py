"""Jobs that a process repeats until it stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from gateway.core.errors import TrailDamaged, Unavailable
from gateway.core.system.logs import fault_fields

logger = logging.getLogger(__name__)
_DRAIN_S = 10.0


class Jobs:
    """Repeats jobs, and lets a running job finish when the process stops.

    A job that is cancelled within a transaction can leave SQLite's write lock with a connection
    that is never closed: the next writer would then wait for it in vain.
    """

    def __init__(self, drain_s: float = _DRAIN_S) -> None:
        """``drain_s``: the seconds that ``stop`` waits before it cancels."""
        self._drain_s = drain_s
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def start(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Repeat ``work`` with so many seconds between two runs, from now on."""
        self._running.add(asyncio.ensure_future(self._repeat(seconds, work)))

    async def stop(self) -> None:
        """Stop all jobs; returns when none runs any more."""
        self._stopping.set()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=self._drain_s)
        for job in late:
            job.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while not self._stopping.is_set():
            await _run_once(work)
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue


async def _run_once(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except (Unavailable, OSError) as error:
        logger.warning("process:job:retry", extra={"reason": type(error).__name__})
    except TrailDamaged as damage:  # an alarm: nothing is signed until the trail is repaired
        logger.critical("trail:head:refused", extra={"reason": str(damage)})
    except Exception as fault:  # noqa: BLE001 - a fault must not end a job for ever
        about = {"reason": type(fault).__name__, **fault_fields(fault)}
        logger.error("process:job:fault", extra=about)
