"""Child processes of ``sluis up``: they end with their parent and are restarted when they fail."""

import asyncio
import ctypes
import logging
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1
_STOP_S = 25.0
_QUICK_S = 5.0
_MAX_PAUSE_S = 10.0


@dataclass(slots=True)
class Child:
    """One process: its name, its command and its additions to the environment.

    ``isolated`` means that it gets that environment only; ``withheld`` are the variables of the
    parent that it does not get.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    isolated: bool = False
    withheld: frozenset[str] = frozenset()

    def full_environment(self) -> dict[str, str]:
        """The complete environment of the process."""
        own = dict(self.environment)
        if self.isolated:
            return own
        kept = {name: text for name, text in os.environ.items() if name not in self.withheld}
        return kept | own


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _spawn(child: Child) -> asyncio.subprocess.Process:
    """Start a command, which inherits the output streams."""
    return await asyncio.create_subprocess_exec(
        *child.command, env=child.full_environment(), preexec_fn=_end_with_parent
    )


async def run_once(child: Child) -> int:
    """Run a command to its end; returns its exit code."""
    process = await _spawn(child)
    return await process.wait()


class Children:
    """Starts, restarts and stops child processes."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def start(self, child: Child) -> None:
        """Keep a child running until ``stop``."""
        self._tasks[child.name] = asyncio.ensure_future(self._supervise(child))

    async def stop(self) -> None:
        """Terminate all, wait, and kill those that remain."""
        self._stopping = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _supervise(self, child: Child) -> None:
        pause = 0.5
        while not self._stopping:
            began = time.monotonic()
            await self._run(child)
            quick = time.monotonic() - began < _QUICK_S
            pause = min(pause * 2, _MAX_PAUSE_S) if quick else 0.5
            await asyncio.sleep(pause)

    async def _run(self, child: Child) -> None:
        """Run a child from its start to its end, which is logged."""
        try:
            process = await _spawn(child)
        except OSError as error:  # out of memory or processes, or no such program
            reason = type(error).__name__
            logger.error("process:child:not_started", extra={"part": child.name, "reason": reason})
            return
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        logger.error("process:child:ended", extra={"part": child.name, "code": code})


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
