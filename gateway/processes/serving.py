"""uvicorn, as every process of Sluis uses it."""

import asyncio
from typing import Any, Literal, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


def server(
    app: Any, host: str, port: int, *, lifespan: Literal["on", "off"] = "off"
) -> uvicorn.Server:
    """A server that drains for 20 seconds when it is told to stop."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_Protocol,
        ws="none",
        proxy_headers=False,
        lifespan=lifespan,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=20,
    )
    return uvicorn.Server(config)


class _Protocol(HttpToolsProtocol):
    """Sends the head of an answer together with what follows at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        together = _Together(cast("asyncio.Transport", transport), self.loop)
        super().connection_made(cast("asyncio.Transport", together))


class _Together:
    """A transport that writes once for all that comes in one turn of the event loop.

    uvicorn writes the head and the body of an answer apart: two system calls and two packets.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))
