"""Jobs that a process repeats until it stops."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from gateway.core.errors import TrailDamaged, Unavailable
from gateway.core.system.logs import fault_fields

logger = logging.getLogger(__name__)
_DRAIN_S = 10.0
Observe = Callable[[str, float, str], None]


class Jobs:
    """Repeats jobs, and lets a running job finish when the process stops.

    A job that is cancelled within a transaction can leave SQLite's write lock with a connection
    that is never closed: the next writer would then wait for it in vain.
    """

    def __init__(self, drain_s: float = _DRAIN_S, observe: Observe | None = None) -> None:
        """``drain_s``: the seconds that ``stop`` waits before it cancels.

        ``observe`` gets each run of a job with a name: its seconds, and the class of the
        error by which it failed, or "".
        """
        self._drain_s = drain_s
        self._observe = observe
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def start(self, seconds: float, work: Callable[[], Awaitable[object]], name: str = "") -> None:
        """Repeat ``work`` with so many seconds between two runs, from now on."""
        self._running.add(asyncio.ensure_future(self._repeat(seconds, work, name)))

    async def stop(self) -> None:
        """Stop all jobs; returns when none runs any more."""
        self._stopping.set()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=self._drain_s)
        for job in late:
            job.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _repeat(
        self, seconds: float, work: Callable[[], Awaitable[object]], name: str
    ) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            error = await _run_once(work)
            if self._observe and name:
                self._observe(name, time.monotonic() - began, error)
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue


async def _run_once(work: Callable[[], Awaitable[object]]) -> str:
    """The class of the error by which the job has failed, or ""."""
    try:
        await work()
    except (Unavailable, OSError) as error:
        logger.warning("process:job:retry", extra={"reason": type(error).__name__})
        return type(error).__name__
    except TrailDamaged as damage:  # an alarm: nothing is signed until the trail is repaired
        logger.critical("trail:head:refused", extra={"reason": str(damage)})
        return type(damage).__name__
    except Exception as fault:  # noqa: BLE001 - a fault must not end a job for ever
        about = {"reason": type(fault).__name__, **fault_fields(fault)}
        logger.error("process:job:fault", extra=about)
        return type(fault).__name__
    return ""
