"""The client of the translator: other dialects, written by litellm in a child process.

The child only translates. The gateway checks what it wrote, and egress sends those bytes; the
child gets no credential and has no network.
"""

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson

from gateway.core.errors import InvalidRequest, UpstreamFailed
from gateway.dialects.base import Body

logger = logging.getLogger(__name__)
READY = b"ready\n"
MAX_MESSAGE = 64 * 1024 * 1024
_START_S = 30.0
_CALL_S = 5.0
# LITELLM_MODE: in its default mode litellm loads the nearest .env file, credentials and all.
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_RUST": "false",
}


class ChildGone(Exception):
    """The child ended, or closed this connection, before it had answered."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child, and the private directory of its socket."""

    process: asyncio.subprocess.Process
    directory: Path

    @property
    def socket(self) -> Path:
        return self.directory / "socket"

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One connection to the child; a stream keeps its state at the other end of it."""

    child: _Child
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, message: Body) -> Body:
        """One question and its answer.

        Raises:
            ChildGone: when there is no answer.
            InvalidRequest: when the request has no form in the provider's dialect.
            UpstreamFailed: when it, or the provider's answer, cannot be translated.
        """
        data = orjson.dumps(message)
        if len(data) > MAX_MESSAGE:
            raise UpstreamFailed("This is too large to be translated for the provider.")
        try:
            self.writer.write(framed(data))
            await self.writer.drain()
            answer: Body = orjson.loads(await receive(self.reader))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ChildGone from error
        if "refused" in answer:
            raise InvalidRequest(answer["refused"], param=answer["param"])
        if "failed" in answer:
            raise UpstreamFailed("This could not be translated from or to the provider's dialect.")
        return answer

    def close(self) -> None:
        self.writer.close()


class Translator:
    """Keeps one child process: started on first use, again when it died, ended by ``close``."""

    def __init__(self, executable: Sequence[str] | None = None) -> None:
        """``executable`` is the command to run; the path of the socket is added to it."""
        self._command = executable or [sys.executable, "-m", "gateway.egress.translator.child"]
        self._lock = asyncio.Lock()
        self._child: _Child | None = None
        self._closed = False

    async def ask(self, message: Body) -> Body:
        """One question on a connection of its own, put again when the child died under it.

        Raises:
            InvalidRequest: when the request has no form in the provider's dialect.
            UpstreamFailed: when it cannot be translated, or not in time.
        """
        for _ in range(2):
            line = await self.line()
            try:
                return await self.ask_on(line, message)
            except ChildGone:
                continue
            finally:
                line.close()
        raise UpstreamFailed("The translator ended twice over this request.")

    async def ask_on(self, line: ChildLine, message: Body) -> Body:
        """One question on an open connection, within the deadline.

        Raises:
            InvalidRequest: when the request has no form in the provider's dialect.
            UpstreamFailed: when it cannot be translated, or not in time.
        """
        try:
            async with asyncio.timeout(_CALL_S):
                return await line.ask(message)
        except TimeoutError as error:
            # It answers one question after the other: stuck on this one, it is stuck for all.
            logger.error("translator:call:timeout")
            await line.child.end()
            raise UpstreamFailed(
                "The translator took too long.", code="upstream_timeout"
            ) from error

    async def line(self) -> ChildLine:
        """A new connection to the child.

        Raises:
            UpstreamFailed: when the child does not start.
        """
        for _ in range(2):
            child = await self._running()
            try:
                return ChildLine(child, *await asyncio.open_unix_connection(child.socket))
            except OSError:
                await child.end()
        raise UpstreamFailed("The translator cannot be reached.")

    async def close(self) -> None:
        """Ends the child; nothing can be translated afterwards."""
        async with self._lock:
            self._closed = True
            if self._child is not None:
                await self._child.end()

    async def _running(self) -> _Child:
        async with self._lock:
            if self._closed:
                raise UpstreamFailed("The gateway is stopping.")
            if self._child is not None and self._child.process.returncode is not None:
                logger.warning("translator:child:ended")
                await self._child.end()
                self._child = None
            if self._child is None:
                self._child = await _start(self._command)
            return self._child


async def _start(command: Sequence[str]) -> _Child:
    directory = Path(tempfile.mkdtemp(prefix="sluis-translator-"))
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            str(directory / "socket"),
            # It ends when this pipe closes, so it does not outlive a gateway that was killed.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=directory,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except BaseException as error:
        shutil.rmtree(directory)
        if isinstance(error, OSError):
            raise UpstreamFailed("The translator cannot be started.") from error
        raise
    child = _Child(process, directory)
    try:
        await _until_ready(process)
    except BaseException:
        await child.end()
        raise
    return child


async def _until_ready(process: asyncio.subprocess.Process) -> None:
    stdout = cast("asyncio.StreamReader", process.stdout)
    try:
        async with asyncio.timeout(_START_S):
            while (line := await stdout.readline()) != READY:
                if not line:
                    raise UpstreamFailed("The translator did not start.")
    except TimeoutError as error:
        raise UpstreamFailed("The translator did not start in time.") from error


def framed(data: bytes) -> bytes:
    """One message on the wire between gateway and child."""
    return len(data).to_bytes(4, "big") + data


async def receive(reader: asyncio.StreamReader) -> bytes:
    """The next message of the other side.

    Raises:
        ConnectionError: when it is larger than any message may be.
        IncompleteReadError: when the other side has closed.
    """
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > MAX_MESSAGE:
        raise ConnectionError("a message is too large")
    return await reader.readexactly(size)
