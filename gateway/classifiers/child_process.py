"""A child process that answers messages: each is a length, then that many bytes."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, cast

from gateway.classifiers.protocol import LENGTH

_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}


class DetectorProcess(Protocol):
    """What a pool needs of a process: messages to it and from it, and its end."""

    async def send(self, data: bytes) -> None:
        """Send one message."""

    async def receive(self) -> bytes:
        """Return the next message."""
        ...

    async def end(self) -> None:
        """End it; it may have ended already."""


class ChildProcess:
    """One running process; it gets no variable of the environment and no open file."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> "ChildProcess":
        """Start a command.

        Raises:
            OSError: when it cannot be started.
        """
        return cls(
            await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        )

    async def send(self, data: bytes) -> None:
        """Send one message.

        Raises:
            OSError: the process has ended.
        """
        sink = cast("asyncio.StreamWriter", self._process.stdin)
        sink.write(LENGTH.pack(len(data)) + data)
        await sink.drain()

    async def receive(self) -> bytes:
        """Return the next message.

        Raises:
            asyncio.IncompleteReadError: the process has ended.
        """
        source = cast("asyncio.StreamReader", self._process.stdout)
        (size,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
        return await source.readexactly(size)

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
