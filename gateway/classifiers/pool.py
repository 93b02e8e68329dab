"""Detector processes: the classifier tier, never on the event loop.

A bounded queue feeds them. A text that is not scanned by its deadline, or for which the queue has
no room, is ``TextNotScanned``: the caller decides by policy what that means; it never counts as
clean.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import msgspec

from gateway.classifiers.protocol import LENGTH, Entity

logger = logging.getLogger(__name__)
_QUEUE_SIZE = 256
_START_S = 30.0
_RESTART_PAUSE_S = 1.0
_LONGEST_S = 60.0
_TRIES = 2
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
COMMAND = (sys.executable, "-m", "gateway.classifiers.worker_process")
_decoder = msgspec.msgpack.Decoder(list[Entity])


class TextNotScanned(Exception):
    """The classifier tier did not scan this text in time."""


class _Task(msgspec.Struct):
    text: str
    result: "asyncio.Future[list[Entity]]"
    tries: int = 0


class DetectorPool:
    """Keeps ``count`` processes running; each scans one text at a time."""

    def __init__(
        self, count: int, *, command: Sequence[str] = COMMAND, longest_s: float = _LONGEST_S
    ) -> None:
        """A process without an answer to a text for ``longest_s`` seconds is replaced."""
        self._longest_s = longest_s
        self._count = count
        self._command = command
        self._tasks: asyncio.Queue[_Task] = asyncio.Queue(_QUEUE_SIZE)
        self._keepers: list[asyncio.Task[None]] = []
        self._started = asyncio.Event()
        self.version = ""

    async def start(self) -> None:
        """Start the processes; each then loads its model (``ready`` waits for that).

        Raises:
            OSError: when one cannot be started.
        """
        processes = await asyncio.gather(*(self._spawn() for _ in range(self._count)))
        self._keepers = [asyncio.create_task(self._keep(process)) for process in processes]
        await asyncio.sleep(0)  # a task that is cancelled before it begins would end no process

    async def ready(self) -> None:
        """Wait until a process has loaded its model; from then on ``version`` is set."""
        await self._started.wait()

    async def find(self, text: str, *, deadline_s: float) -> list[Entity]:
        """Return the entities that the classifier tier finds in a text.

        Raises:
            TextNotScanned: when there is no room, no process, or not enough time.
        """
        result: asyncio.Future[list[Entity]] = asyncio.get_running_loop().create_future()
        try:
            self._tasks.put_nowait(_Task(text, result))
            async with asyncio.timeout(deadline_s):
                return await result
        except (asyncio.QueueFull, TimeoutError) as error:
            logger.warning("detector:text:unread", extra={"reason": type(error).__name__})
            raise TextNotScanned from error
        finally:
            result.cancel()  # the caller has given up: the text need not be scanned

    async def close(self) -> None:
        """End all processes."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_ENVIRONMENT,
            start_new_session=True,
        )

    async def _keep(self, process: asyncio.subprocess.Process | None) -> None:
        """Serve with one process, and with a new one after each failure; the first runs already."""
        while True:
            try:
                process = process or await self._spawn()
                await self._serve(process)
            except (
                OSError,
                TimeoutError,
                asyncio.IncompleteReadError,
                msgspec.DecodeError,
            ) as error:
                logger.error("detector:process:ended", extra={"reason": type(error).__name__})
            finally:
                if process is not None:
                    await _end(process)
            process = None
            await asyncio.sleep(_RESTART_PAUSE_S)

    async def _serve(self, process: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(_START_S):
            self.version = msgspec.msgpack.decode(await _receive(process), type=str)
        self._started.set()
        while True:
            task = await self._tasks.get()
            if task.result.done():
                continue
            try:
                async with asyncio.timeout(self._longest_s):
                    entities = _decoder.decode(await _request(process, task.text))
            except BaseException:
                self._retry(task)
                raise
            if not task.result.done():
                task.result.set_result(entities)

    def _retry(self, task: _Task) -> None:
        """Retry a text once: the process died on it, or before it."""
        task.tries += 1
        if task.tries < _TRIES and not self._tasks.full():
            self._tasks.put_nowait(task)
        elif not task.result.done():
            task.result.set_exception(TextNotScanned())


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _request(process: asyncio.subprocess.Process, text: str) -> bytes:
    sink = cast("asyncio.StreamWriter", process.stdin)
    data = text.encode("utf-8", "surrogatepass")
    sink.write(LENGTH.pack(len(data)) + data)
    await sink.drain()
    return await _receive(process)


async def _receive(process: asyncio.subprocess.Process) -> bytes:
    source = cast("asyncio.StreamReader", process.stdout)
    (size,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
    return await source.readexactly(size)
