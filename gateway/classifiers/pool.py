"""Detector processes: the classifier tier, never on the event loop.

A bounded queue feeds them. A text that is not read by its deadline, or for which there is no room,
is ``TextNotScanned``: whoever asked decides by policy what that means; it is never taken for clean.
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
_WAITING = 256
_START_S = 30.0
_PAUSE_S = 1.0
_LONGEST_S = 60.0
_TRIES = 2
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
COMMAND = (sys.executable, "-m", "gateway.classifiers.worker_process")
_decoder = msgspec.msgpack.Decoder(list[Entity])


class TextNotScanned(Exception):
    """The classifier tier did not read this text (in time)."""


class _Task(msgspec.Struct):
    text: str
    done: "asyncio.Future[list[Entity]]"
    tries: int = 0


class DetectorPool:
    """Keeps ``count`` processes running; each reads one text at a time."""

    def __init__(
        self, count: int, *, command: Sequence[str] = COMMAND, longest_s: float = _LONGEST_S
    ) -> None:
        """A process that is silent over one text for ``longest_s`` seconds is replaced."""
        self._longest_s = longest_s
        self._count = count
        self._command = command
        self._tasks: asyncio.Queue[_Task] = asyncio.Queue(_WAITING)
        self._keepers: list[asyncio.Task[None]] = []
        self._started = asyncio.Event()
        self.version = ""

    async def start(self) -> None:
        """Returns when the processes run, which load their model then (``ready`` waits for that).

        Raises:
            OSError: when one cannot be started.
        """
        processes = await asyncio.gather(*(self._spawn() for _ in range(self._count)))
        self._keepers = [asyncio.create_task(self._keep(process)) for process in processes]
        await asyncio.sleep(0)  # a task that is cancelled before it begins would end no process

    async def ready(self) -> None:
        """Returns when a process has loaded its model: from then on there is a ``version``."""
        await self._started.wait()

    async def find(self, text: str, *, deadline_s: float) -> list[Entity]:
        """What the classifier tier sees in a text.

        Raises:
            Unread: when there is no room, no process, or not enough time.
        """
        done: asyncio.Future[list[Entity]] = asyncio.get_running_loop().create_future()
        try:
            self._tasks.put_nowait(_Task(text, done))
            async with asyncio.timeout(deadline_s):
                return await done
        except (asyncio.QueueFull, TimeoutError) as error:
            logger.warning("detector:text:unread", extra={"reason": type(error).__name__})
            raise TextNotScanned from error
        finally:
            done.cancel()  # nobody waits any more: the text is not worth reading now

    async def close(self) -> None:
        """Ends all processes."""
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
        """One process, again and again; the first of them runs already."""
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
            await asyncio.sleep(_PAUSE_S)

    async def _serve(self, process: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(_START_S):
            self.version = msgspec.msgpack.decode(await _receive(process), type=str)
        self._started.set()
        while True:
            task = await self._tasks.get()
            if task.done.done():
                continue
            try:
                async with asyncio.timeout(self._longest_s):
                    answer = _decoder.decode(await _ask(process, task.text))
            except BaseException:
                self._again(task)
                raise
            if not task.done.done():
                task.done.set_result(answer)

    def _again(self, task: _Task) -> None:
        """The process died over this text, or before it: another may try once."""
        task.tries += 1
        if task.tries < _TRIES and not self._tasks.full():
            self._tasks.put_nowait(task)
        elif not task.done.done():
            task.done.set_exception(TextNotScanned())


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _ask(process: asyncio.subprocess.Process, text: str) -> bytes:
    sink = cast("asyncio.StreamWriter", process.stdin)
    data = text.encode("utf-8", "surrogatepass")
    sink.write(LENGTH.pack(len(data)) + data)
    await sink.drain()
    return await _receive(process)


async def _receive(process: asyncio.subprocess.Process) -> bytes:
    source = cast("asyncio.StreamReader", process.stdout)
    (size,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
    return await source.readexactly(size)
