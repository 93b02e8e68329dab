"""HTTP/1.1 connections of clients, over asyncio and llhttp (the parser of Node.js), for uvicorn.

uvicorn keeps the sockets, TLS, signals and an orderly stop. What it does for each request costs a
tenth of all governance, so its class for a connection is replaced by this one (docs/adr/0011).
It speaks ASGI 3 as far as HTTP goes, and sends the head of an answer with the first of its body.
"""

import asyncio
import logging
import urllib.parse
from collections import deque
from typing import Any, NoReturn, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from gateway.api.asgi import Scope
from gateway.api.request_head import (
    HEAD_TOO_LARGE,
    INVALID_HTTP,
    MAX_HEAD,
    MAX_LINES,
    TOO_MANY_HEADS,
    HttpProblem,
    problem_of,
)
from gateway.api.request_response_cycle import HIGH_WATER, RequestResponseCycle

logger = logging.getLogger(__name__)

_PIECE = 16_384  # bytes that are parsed before the bounds are checked
_MOST_HELD = 16 * 1024 * 1024  # bytes of heads that have not arrived yet, of all connections
_LINGER_S = 10.0  # how long an early answer waits for a client that still sends
_MOST_PIECES = 32
_VERSION = {"version": "3.0", "spec_version": "2.3"}


class SharedState(ServerState):
    """What all connections of a server share; ``leaving``: an answer is its connection's last."""

    leaving = False


class HttpProtocol(asyncio.Protocol):
    """One client's connection; it answers one request after another, in their order."""

    held = 0  # bytes that all connections of this process have not parsed

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """As uvicorn calls it.

        A connection that waits for its client, to ask, to go on or to read, is closed when nothing
        has moved for ``timeout_keep_alive`` seconds.
        """
        if not config.loaded:
            config.load()
        self.app = config.loaded_app
        self.loop = _loop or asyncio.get_running_loop()
        self._patience_s = config.timeout_keep_alive
        self._shared = server_state if isinstance(server_state, SharedState) else SharedState()
        self._connections = server_state.connections
        self._tasks = server_state.tasks
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._arriving: RequestResponseCycle | None = None
        self._waiting: deque[RequestResponseCycle] = deque()
        self._current: RequestResponseCycle | None = None
        self._moved = 0.0  # when some of a body last came, or the wait for the client began
        self._look: asyncio.TimerHandle | None = None
        self.writable: asyncio.Future[None] | None = None
        self._reading = True
        self._unparsed = 0  # bytes since the last end of a head, piece of a body or end of a body
        self._held = 0  # of them in the sum of all connections
        self._head_bytes = self._head_lines = 0  # of a head, then of its trailers
        self._trails = False
        self._problem = INVALID_HTTP
        self._outgoing: list[bytes] = []
        self._deaf = False
        self._linger: asyncio.TimerHandle | None = None  # closing, once the client has sent all
        self._closes = False
        self.lost = False
        self.transport: asyncio.Transport

    @property
    def closes(self) -> bool:
        """Whether the connection closes after the answer that is under way."""
        return self._closes or self._shared.leaving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast("asyncio.Transport", transport)
        self._connections.add(self)  # type: ignore[arg-type]  # names uvicorn's own classes
        self._client = _address(transport.get_extra_info("peername"))
        self._server = _address(transport.get_extra_info("sockname"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._expect_movement()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or this side, has closed the connection."""
        self.lost = True
        self._hold(0)
        self._connections.discard(self)
        for timer in (self._look, self._linger):
            if timer is not None:
                timer.cancel()
        self._waiting.clear()
        if self._current is not None:
            self._current.wake()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Bytes of requests, cut anywhere."""
        for begin in range(0, len(data), _PIECE):
            if self._deaf:
                return
            self._parse(data[begin : begin + _PIECE])

    def _parse(self, data: bytes) -> None:
        self._unparsed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._problem)
        if self._arriving is not None:  # a head has to come in one stretch of patience
            self._moved = self.loop.time()
        self._hold(0 if self._deaf else self._unparsed)
        if self._unparsed > MAX_HEAD and not self._deaf:
            self._refuse(HEAD_TOO_LARGE)
        elif self._unparsed > _PIECE and HttpProtocol.held > _MOST_HELD and not self._deaf:
            self._refuse(TOO_MANY_HEADS)

    def shutdown(self) -> None:
        """The server stops: what is under way is answered, nothing after it."""
        self._closes = True
        if self._current is None or self._linger is not None:
            self.transport.close()

    # What llhttp tells.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._url = b""
        self._headers = []
        self._head_bytes = self._head_lines = self._unparsed = 0
        self._trails = False

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line, or one trailer; a trailer is counted and dropped."""
        self._head_lines += 1
        self._count(len(name) + len(value) + 4)
        if not self._trails:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """A request can begin, before its body is here."""
        self._head_bytes = self._head_lines = self._unparsed = 0
        self._trails = True
        parser = self._parser
        if parser.should_upgrade():
            return
        if self._linger is not None:
            return
        version = parser.get_http_version()
        problem = problem_of(version, self._headers)
        if problem is not None:
            self._break_off(problem)
        path, query = _split(self._url)
        scope: Scope = {
            "type": "http",
            "asgi": _VERSION,
            "http_version": version,
            "server": self._server,
            "client": self._client,
            "scheme": self._scheme,
            "method": parser.get_method().decode("ascii"),
            "root_path": "",
            "path": path.decode("ascii") if b"%" not in path else _unquoted(path),
            "raw_path": path,
            "query_string": query,
            "headers": self._headers,
        }
        exchange = RequestResponseCycle(
            self,
            scope,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            expects_continue=(b"expect", b"100-continue") in self._headers,
        )
        self._arriving = exchange
        if self._current is None:
            self._begin(exchange)
        else:  # sent before the answer to the one before it: it waits its turn
            self._waiting.append(exchange)
            self.pause()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; what comes after the answer is dropped."""
        self._unparsed = 0
        if self._arriving is not None and not self._arriving.over:
            self._arriving.take(body)

    def on_message_complete(self) -> None:
        """The request is here as a whole."""
        self._unparsed = 0
        arrived, self._arriving = self._arriving, None
        if self._linger is not None:
            self._deaf = True
            self.transport.close()
        elif arrived is not None:
            arrived.arrived()

    # What an exchange asks for.

    def write(self, data: bytes) -> None:
        """Writes at the end of this turn of the event loop.

        Answers that become ready together then leave together, and the requests that follow them
        arrive together: of sixteen clients that keeps commits a seventh larger.
        """
        if not self._outgoing:
            self.loop.call_soon(self._flush)
        self._outgoing.append(data)
        if len(data) > HIGH_WATER or len(self._outgoing) > _MOST_PIECES:
            self._flush()  # so that a client that reads slowly is noticed

    def pause(self) -> None:
        """Reads no more until ``resume``."""
        if self._reading and not self.transport.is_closing():
            self._reading = False
            self.transport.pause_reading()

    def resume(self) -> None:
        """Reads on, unless requests wait their turn."""
        if not self._reading and not self._waiting and not self.transport.is_closing():
            self._reading = True
            self.transport.resume_reading()
            self._expect_movement()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self.writable = self.loop.create_future()
        self._expect_movement()

    def resume_writing(self) -> None:
        """The client has caught up."""
        writable, self.writable = self.writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    async def drained(self) -> None:
        """Waits until the client has caught up."""
        if self.writable is not None:
            await asyncio.shield(self.writable)

    def answered(self, *, keep_alive: bool) -> None:
        """The answer is written: the next request, or the end."""
        self._current = None
        if self.closes or not keep_alive:
            self.end()
        elif self._waiting:
            self._begin(self._waiting.popleft())
        else:
            self._expect_movement()
            if not self._reading:
                self.resume()

    def end(self) -> None:
        """Closes the connection once all is written.

        While the client still sends, that would reset the connection and could take the answer
        along (RFC 9112, section 9.6): then only this side is closed, and what comes is dropped.
        """
        self._flush()
        if not (self._deaf or self._arriving is not None) or self.transport.is_closing():
            self.transport.close()
        elif self._linger is None:
            self._linger = self.loop.call_later(_LINGER_S, self.transport.abort)
            self._waiting.clear()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self.resume()

    # The rest.

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if outgoing and not self.transport.is_closing():
            self.transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))

    def _begin(self, exchange: RequestResponseCycle) -> None:
        self._current = exchange
        exchange.start(self.app, self._tasks)

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """Nothing but HTTP/1.1 is spoken here, so the request is read as if it had not asked.

        llhttp gives no body of a request that asks for h2c, as Java's client does at first.
        """
        method = self._parser.get_method()
        if method == b"CONNECT":
            self._refuse(INVALID_HTTP)
            return
        lines = [b": ".join(header) for header in self._headers if header[0] != b"upgrade"]
        head = b"\r\n".join([b"%b %b HTTP/1.1" % (method, self._url), *lines, b"", b""])
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    def _hold(self, size: int) -> None:
        HttpProtocol.held += size - self._held
        self._held = size

    def _count(self, size: int) -> None:
        """Count bytes of a head or of trailers."""
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD or self._head_lines > MAX_LINES:
            self._break_off(HEAD_TOO_LARGE)

    def _break_off(self, problem: HttpProblem) -> NoReturn:
        """Stop the parser, which reports an error of its own."""
        self._problem = problem
        raise ValueError(problem.code)

    def _refuse(self, problem: HttpProblem) -> None:
        logger.warning("api:connection:not_http", extra={"reason": problem.code})
        self._deaf = self._closes = True
        if self._linger is not None:
            self.transport.close()
        elif self._current is None or (self._current is self._arriving and not self._current.begun):
            self.write(problem.answer)
            self.end()
            self.lost = True  # to the application, which may be waiting for more of the body
            if self._current is not None:
                self._current.wake()

    def _expect_movement(self) -> None:
        """From now on; one timer that checks again is cheaper than one for each request."""
        self._moved = self.loop.time()
        if self._look is None:
            self._look = self.loop.call_later(self._patience_s, self._close_if_stuck)

    def _close_if_stuck(self) -> None:
        self._look = None
        if not self._waits_for_client():
            return  # what makes it wait again sets the timer anew
        left = self._moved + self._patience_s - self.loop.time()
        if left > 0:
            self._look = self.loop.call_later(left, self._close_if_stuck)
        elif self.transport.get_write_buffer_size():
            self.transport.abort()  # to close, it would wait until all is read
        else:
            self.transport.close()

    def _waits_for_client(self) -> bool:
        """To ask, to go on, or to read; not while it is we who hold things up."""
        asked = self._current is not None and self._arriving is None
        return self.writable is not None or (self._reading and not asked)


def _address(name: Any) -> tuple[str, int] | None:
    """Host and port of a socket; None for one that has none."""
    return (name[0], name[1]) if isinstance(name, tuple) else None


def _split(target: bytes) -> tuple[bytes, bytes]:
    """Path and query of a request's target."""
    if target[:1] == b"/":
        path, _, query = target.partition(b"?")
        return path, query
    parsed = httptools.parse_url(target)  # in the form for proxies, with scheme and host
    return parsed.path or b"/", parsed.query or b""


def _unquoted(path: bytes) -> str:
    return urllib.parse.unquote(path.decode("ascii"))
