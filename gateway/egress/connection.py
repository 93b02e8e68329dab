"""One HTTP/1.1 connection to a provider, and a response on it, read by llhttp."""

import asyncio
import ssl
from collections import deque
from typing import Protocol, cast

import httptools

from gateway.core.errors import UpstreamFailed

_MAX_HEAD = 65_536
_MAX_UNREAD = 1_048_576


class Pool(Protocol):
    """What a connection needs of its pool."""

    def add_waiting(self, response: "Response", loop: asyncio.AbstractEventLoop) -> None:
        """Starts the silence timeout of a reader."""
        ...

    def remove_waiting(self, response: "Response") -> None:
        """Ends the silence timeout of a reader."""
        ...

    def put_back(self, connection: "Connection") -> None:
        """Takes back a connection whose response has been read to its end."""
        ...


class Response:
    """One response; ``status`` and ``headers`` are set once they have arrived."""

    __slots__ = (
        "_connection",
        "_failure",
        "_pieces",
        "_size",
        "_wake",
        "done",
        "headers",
        "status",
    )

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._wake: asyncio.Future[None] | None = None
        self._failure: UpstreamFailed | None = None
        self.done = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    def header(self, name: str) -> str | None:
        """Returns the value of a header, or None; ``name`` is in lower case."""
        encoded = name.encode()
        for found, value in self.headers:
            if found.lower() == encoded:
                return value.decode("latin-1")
        return None

    async def wait_for_headers(self) -> None:
        """Waits for the status line and the headers."""
        while not self.status:
            await self._wait()

    async def read(self) -> bytes | None:
        """Returns the next piece of the body, None at its end.

        Raises:
            UpstreamFailed: when the connection broke or was silent for too long.
        """
        while not self._pieces:
            if self.done:
                return None
            await self._wait()
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._size <= _MAX_UNREAD:
            self._connection.resume()
        return piece

    def close(self) -> None:
        """Returns the connection to the pool when the response is complete, else aborts it."""
        self._connection.release(self)

    def add_piece(self, piece: bytes) -> None:
        """Adds a piece of the body."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _MAX_UNREAD:
            self._connection.pause()
        self.wake_reader()

    def end(self, failure: UpstreamFailed | None = None) -> None:
        """Ends the response, with an error or normally."""
        if not self.done:
            self._failure = failure
            self.done = failure is None
            self.wake_reader()

    def time_out(self) -> None:
        """Ends the response after too long a silence."""
        self.end(UpstreamFailed("The provider took too long.", code="upstream_timeout"))

    def wake_reader(self) -> None:
        """Wakes the waiting reader."""
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._wake = self._connection.loop.create_future()
        self._connection.pool.add_waiting(self, self._connection.loop)
        try:
            await self._wake
        finally:
            self._connection.pool.remove_waiting(self)
            self._wake = None


class Connection(asyncio.Protocol):
    """One connection; the parser calls ``on_…``."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pool: Pool) -> None:
        self.loop = loop
        self.idle_since = 0.0
        self.pool = pool
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reusable = False
        self._response: Response | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._paused = False

    @property
    def secured(self) -> ssl.SSLObject | None:
        """The TLS session; None without TLS."""
        return self._transport.get_extra_info("ssl_object") if self._transport else None

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, head: bytes, body: bytes) -> Response:
        response = self._response = Response(self)
        self._headers, self._head_bytes = [], 0
        if self._transport is not None:
            self._transport.writelines([head, body])
        return response

    def release(self, response: Response) -> None:
        complete = response.done and self._response is None
        if complete and self.usable and self._reusable:
            self.idle_since = self.loop.time()
            self.resume()  # unread pieces may have paused it
            self.pool.put_back(self)
        else:
            self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        response = self._response
        if response is None:  # data without a request, or after the response's end
            self.abort()
            return
        if not response.status:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._break_off()
        if self._head_bytes > _MAX_HEAD and not response.status:
            self._break_off()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        response = self._response
        if response is None:
            return
        has_length = response.header("content-length") or response.header("transfer-encoding")
        if response.status and not has_length and exc is None:
            response.end()  # this response ends with its connection
        else:
            self._break_off()

    def on_message_begin(self) -> None:
        if self._response is None:  # a second response after the first
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._response is None:
            return
        if status < 200:  # an interim response: the final one follows
            self._headers = []
            return
        self._response.headers = self._headers
        self._response.status = status
        self._response.wake_reader()

    def on_body(self, body: bytes) -> None:
        if self._response is not None:
            self._response.add_piece(body)

    def on_message_complete(self) -> None:
        response = self._response
        if response is not None and response.status:
            self._response = None
            self._reusable = self._parser.should_keep_alive()
            response.end()

    def _break_off(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            response.end(_disconnected())
        self.abort()


def _disconnected() -> UpstreamFailed:
    return UpstreamFailed("The connection to the provider broke.", code="upstream_disconnected")
