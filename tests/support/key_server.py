"""An identity provider that only publishes its keys, and counts how often it is asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class KeyServer:
    """What it publishes now, and how often its keys were read."""

    keys: dict[str, Any]
    address: str = ""
    discovery: dict[str, Any] = field(default_factory=dict)
    up: bool = True
    asked: int = 0
    bearers: set[str] = field(default_factory=set)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        for line in head.splitlines():
            name, _, value = line.partition(": ")
            if name.lower() == "authorization":
                self.bearers.add(value)
        document: Any = {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
        document |= self.discovery
        if " /jwks " in head:
            self.asked += 1
            document = self.keys
        body = json.dumps(document).encode()
        status = "200 OK" if self.up else "503 Service Unavailable"
        head = f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()


@asynccontextmanager
async def key_server(keys: dict[str, Any]) -> AsyncIterator[KeyServer]:
    """Runs one on loopback."""
    provider = KeyServer(keys)
    server = await asyncio.start_server(provider.answer, "127.0.0.1", 0)
    provider.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield provider
