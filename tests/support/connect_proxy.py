"""A corporate proxy for tests: real HTTP CONNECT, with names of its own, in a thread."""

import asyncio
import base64
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from tests.support.ports import free_port


class ConnectProxy:
    """Tunnels to loopback ports by host name; it alone knows the names.

    ``manner`` is ``tunnel``, ``refuse`` (403), ``hang``, ``close`` or ``speak`` (bytes after the
    answer to CONNECT, before the handshake).
    """

    def __init__(self, names: Mapping[str, int], *, credential: str = "") -> None:
        self.names = names
        self.credential = credential
        self.manner = "tunnel"
        self.asked: list[str] = []
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._serve, "127.0.0.1", self.port)
        server = self._loop.run_until_complete(serving)
        self._started.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split()
        host, _, port = target.rpartition(":")
        self.asked.append(f"{method} {target}")
        if self.manner == "hang":
            await asyncio.sleep(3600)
        if self.manner == "close":
            return
        if self.manner == "refuse" or host not in self.names:
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return
        expected = base64.b64encode(self.credential.encode()).decode()
        if self.credential and f"Basic {expected}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        assert port.isdigit()
        there, away = await asyncio.open_connection("127.0.0.1", self.names[host])
        extra = b"hello" if self.manner == "speak" else b""
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n" + extra)
        await asyncio.gather(_copy(reader, away), _copy(there, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()
