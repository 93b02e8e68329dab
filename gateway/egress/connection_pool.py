"""Kept HTTP/1.1 connections to one upstream, over asyncio and llhttp (the parser of Node.js).

A client library of its own costs more than all governance of a request together (docs/adr/0006).
Addresses were resolved and judged (``address``), and are what is connected to: nothing here
resolves, follows a redirect, uses a proxy, or sends a request a second time.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from typing import cast

import httptools

from gateway.core.errors import UpstreamFailed
from gateway.egress.address import HostResolver, ResolvedHost

CONNECT_S = 5.0
SILENCE_S = 300.0
_KEPT_S = 60.0
_MAX_KEPT = 256
_MAX_HEAD = 65_536
_MAX_UNREAD = 1_048_576


def tls_context(ca: str | None) -> ssl.SSLContext:
    """What TLS to an upstream is checked against: the system's roots, and ``ca`` (a PEM file).

    Raises:
        OSError: when the file cannot be read.
    """
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):  # a Python that was built for another system
        import certifi

        context.load_verify_locations(certifi.where())
    if ca:
        context.load_verify_locations(ca)
    return context


class Upstream:
    """Connections to one place. A connection carries one request at a time."""

    def __init__(
        self,
        authority: str,
        where: HostResolver,
        *,
        tls: ssl.SSLContext | None,
        connect_s: float = CONNECT_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """``connect_s`` and ``silence_s`` (between two pieces of an answer) are in seconds.

        ``authority`` is the host header.
        """
        self._authority = authority
        self._where = where
        self._tls = tls
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._idle: list[_Connection] = []
        self._waiting: dict[Response, float] = {}  # since when, the longest first
        self._look: asyncio.TimerHandle | None = None

    async def post(self, target: str, headers: Mapping[str, str], body: bytes) -> "Response":
        """Sends a body to a path and waits for status and headers of the answer.

        Raises:
            UpstreamFailed: unreachable, silent, or not HTTP.
        """
        head = self._head(target, headers, len(body))
        connection = self._kept() or await self._connect()
        response = connection.exchange(head, body)
        try:
            await response.begun()
        except BaseException:
            response.close()
            raise
        return response

    async def close(self) -> None:
        """Closes the connections that nobody uses."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def waits(self, response: "Response", loop: asyncio.AbstractEventLoop) -> None:
        """A reader waits from now on; one timer for all is cheaper than one for each."""
        self._waiting[response] = loop.time()
        if self._look is None:
            self._look = loop.call_later(self._silence_s, self._end_silent, loop)

    def waits_no_more(self, response: "Response") -> None:
        """The reader's wait is over."""
        self._waiting.pop(response, None)

    def _end_silent(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look = None
        now = loop.time()
        for response, since in list(self._waiting.items()):
            left = since + self._silence_s - now
            if left > 0:
                self._look = loop.call_later(left, self._end_silent, loop)
                return
            response.time_out()

    def keep(self, connection: "_Connection") -> None:
        """Takes back a connection whose answer was read to its end."""
        if len(self._idle) < _MAX_KEPT:
            self._idle.append(connection)
        else:
            connection.abort()

    def _kept(self) -> "_Connection | None":
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.loop.time() - connection.idle_since < _KEPT_S:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> "_Connection":
        """To the first of its addresses that answers; each has its share of the time."""
        place = await self._where.place()
        patience_s = self._connect_s / len(place.addresses)
        fault: Exception | None = None
        for address in place.addresses:
            try:
                async with asyncio.timeout(patience_s):
                    return await self._connect_to(address, place)
            except (OSError, TimeoutError) as error:  # errors of TLS are OSErrors
                fault = error
        self._where.invalidate()
        raise UpstreamFailed("The provider cannot be reached.") from fault

    async def _connect_to(self, address: str, place: ResolvedHost) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(loop, self),
            address,
            place.port,
            ssl=self._tls,
            server_hostname=place.host if self._tls else None,
        )
        return connection

    def _head(self, target: str, headers: Mapping[str, str], length: int) -> bytes:
        lines = [f"POST {target} HTTP/1.1", f"host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"content-length: {length}", "", ""]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:  # a line break in a path or a credential
            raise UpstreamFailed("This provider's settings cannot be sent as headers.")
        return head.encode("latin-1")


class Response:
    """One answer: ``status`` and ``headers`` once it has begun."""

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

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._wake: asyncio.Future[None] | None = None
        self._failure: UpstreamFailed | None = None
        self.done = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    def header(self, name: str) -> str | None:
        """The value of a header, or None; ``name`` in lower case."""
        wanted = name.encode()
        for found, value in self.headers:
            if found.lower() == wanted:
                return value.decode("latin-1")
        return None

    async def begun(self) -> None:
        """Waits for the status line and the headers."""
        while not self.status:
            await self._wait()

    async def read(self) -> bytes | None:
        """The next piece of the body, None at its end.

        Raises:
            UpstreamFailed: when the connection broke or stayed silent for too long.
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
        """Gives the connection back when the answer is complete, else cuts it."""
        self._connection.release(self)

    def take(self, piece: bytes) -> None:
        """A piece of the body has come."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _MAX_UNREAD:
            self._connection.pause()
        self.wake()

    def end(self, failure: UpstreamFailed | None = None) -> None:
        """Nothing more will come."""
        if not self.done:
            self._failure = failure
            self.done = failure is None
            self.wake()

    def time_out(self) -> None:
        """Nothing has come for too long."""
        self.end(UpstreamFailed("The provider took too long.", code="upstream_timeout"))

    def wake(self) -> None:
        """Lets the reader look again."""
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._wake = self._connection.loop.create_future()
        self._connection.pool.waits(self, self._connection.loop)
        try:
            await self._wake
        finally:
            self._connection.pool.waits_no_more(self)
            self._wake = None


class _Connection(asyncio.Protocol):
    """One connection; the parser calls ``on_…``."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pool: Upstream) -> None:
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
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def exchange(self, head: bytes, body: bytes) -> Response:
        response = self._response = Response(self)
        self._headers, self._head_bytes = [], 0
        if self._transport is not None:
            self._transport.writelines([head, body])
        return response

    def release(self, response: Response) -> None:
        whole = response.done and self._response is None
        if whole and self.usable and self._reusable:
            self.idle_since = self.loop.time()
            self.resume()  # what was not read may have paused it
            self.pool.keep(self)
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
        if response is None:  # nothing was asked, or it goes on behind the answer's end
            self.abort()
            return
        if not response.status:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail()
        if self._head_bytes > _MAX_HEAD and not response.status:
            self._fail()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        response = self._response
        if response is None:
            return
        framed = response.header("content-length") or response.header("transfer-encoding")
        if response.status and not framed and exc is None:
            response.end()  # this answer ends where the connection does
        else:
            self._fail()

    def on_message_begin(self) -> None:
        if self._response is None:  # a second answer behind the first
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._response is None:
            return
        if status < 200:  # an interim answer: the real one follows
            self._headers = []
            return
        self._response.headers = self._headers
        self._response.status = status
        self._response.wake()

    def on_body(self, body: bytes) -> None:
        if self._response is not None:
            self._response.take(body)

    def on_message_complete(self) -> None:
        response = self._response
        if response is not None and response.status:
            self._response = None
            self._reusable = self._parser.should_keep_alive()
            response.end()

    def _fail(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            response.end(_broken())
        self.abort()


def _broken() -> UpstreamFailed:
    return UpstreamFailed("The connection to the provider broke.", code="upstream_disconnected")
