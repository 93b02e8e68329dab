"""A stand-in for a syslog receiver, not a real one: it reads RFC 5424 strictly and keeps it."""

import asyncio
import json
import re
import ssl
from dataclasses import dataclass
from typing import Any, Self

_HEAD = re.compile(
    rb"<(?P<priority>\d{1,3})>1 "
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)) "
    rb"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) "
    rb"(?P<name>[!-~]{1,32}) - (?P<text>[\x20-\x7e]*)"
)


@dataclass(frozen=True)
class Message:
    """One message; ``document`` is its text, read as JSON."""

    priority: int
    name: str
    document: dict[str, Any]


def read(message: bytes) -> Message:
    """One message; fails when it is not of RFC 5424."""
    found = _HEAD.fullmatch(message)
    assert found, message[:200]
    assert int(found["priority"]) < 192
    return Message(int(found["priority"]), found["name"].decode(), json.loads(found["text"]))


class SyslogListener(asyncio.DatagramProtocol):
    """Listens on loopback, with octet counting (RFC 6587) or datagrams."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.messages: list[Message] = []
        self._arrived = asyncio.Condition()
        self.connections = 0
        self._tls = tls
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._udp: asyncio.DatagramTransport | None = None

    async def start(self, port: int = 0) -> Self:
        self._server = await asyncio.start_server(
            self._taken, "127.0.0.1", port, ssl=self._tls, limit=1 << 20
        )
        return self

    async def start_udp(self) -> Self:
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        return self

    @property
    def port(self) -> int:
        if self._udp is not None:
            return int(self._udp.get_extra_info("sockname")[1])
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def names(self) -> list[str]:
        return [one.name for one in self.messages]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._running.add(asyncio.ensure_future(self._keep(data)))

    async def until(self, count: int) -> None:
        """Wait until so many messages have arrived; fails after ten seconds."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) >= count)

    async def _keep(self, data: bytes) -> None:
        async with self._arrived:
            self.messages.append(read(data))
            self._arrived.notify_all()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while size := await self._size(reader):
            await self._keep(await reader.readexactly(size))
        writer.close()

    async def _size(self, reader: asyncio.StreamReader) -> int:
        try:
            return int(await reader.readuntil(b" "))
        except asyncio.IncompleteReadError as end:
            return len(end.partial)  # 0 between messages; else the rest is missing, which fails

    async def stop(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
