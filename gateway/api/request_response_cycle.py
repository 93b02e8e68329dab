"""One request on a client's connection and its answer, as ASGI's ``receive`` and ``send``."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Protocol

from gateway.api.asgi import Message, Scope
from gateway.core.system.logs import fault_fields

logger = logging.getLogger(__name__)

HIGH_WATER = 65_536
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode() for status in HTTPStatus
}
_WITHOUT_BODY = (204, 304)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Transport(Protocol):
    """What an exchange needs of its connection.

    ``lost``: the client has left. ``writable`` is None unless the client reads more slowly than it
    is written to.
    """

    loop: asyncio.AbstractEventLoop
    lost: bool
    writable: "asyncio.Future[None] | None"

    @property
    def closes(self) -> bool:
        """Whether the connection closes after the answer that is under way."""

    def write(self, data: bytes) -> None:
        """Writes at the end of this turn of the event loop."""

    def pause(self) -> None:
        """Reads no more until ``resume``."""

    def resume(self) -> None:
        """Reads on."""

    async def drained(self) -> None:
        """Waits until the client has caught up."""

    def answered(self, *, keep_alive: bool) -> None:
        """The answer is written as a whole."""

    def end(self) -> None:
        """Closes the connection once all is written."""


class RequestResponseCycle:
    """One request and its answer, as ASGI's ``receive`` and ``send``."""

    __slots__ = (
        "_body",
        "_chunked",
        "_connection",
        "_expects_continue",
        "_head",
        "_keep_alive",
        "_left",
        "_news",
        "_scope",
        "_size",
        "_task",
        "_wake",
        "_whole",
        "begun",
        "over",
    )

    def __init__(
        self, connection: "Transport", scope: Scope, *, keep_alive: bool, expects_continue: bool
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._keep_alive = keep_alive
        self._expects_continue = expects_continue
        self._body: list[bytes] = []
        self._size = 0
        self._news = self._whole = False
        self._wake: asyncio.Future[None] | None = None
        self._head = b""
        self._chunked = False
        self._left = 0  # bytes that content-length promised and that are still to come
        self.begun = self.over = False

    def start(self, app: Any, tasks: set[asyncio.Task[None]]) -> None:
        self._task = self._connection.loop.create_task(self._run(app, tasks))
        tasks.add(self._task)

    async def _run(self, app: Any, tasks: set[asyncio.Task[None]]) -> None:
        try:
            await app(self._scope, self.receive, self.send)
        except Exception as fault:  # noqa: BLE001 - the edge of the process; its text may quote
            logger.error("api:connection:fault", extra=fault_fields(fault))
        finally:
            tasks.discard(self._task)
            if not self.over:  # an answer that broke off must not look like a whole one
                self.over = True
                self._connection.end()

    def take(self, piece: bytes) -> None:
        self._body.append(piece)
        self._size += len(piece)
        if self._size > HIGH_WATER:
            self._connection.pause()
        self._news = True
        self.wake()

    def arrived(self) -> None:
        self._whole = self._news = True
        self.wake()

    def wake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def receive(self) -> Message:
        connection = self._connection
        if self._expects_continue and not self.begun:
            self._expects_continue = False
            connection.write(_CONTINUE)
        while not (self._news or self.over or connection.lost):
            connection.resume()
            self._wake = connection.loop.create_future()
            await self._wake
        if self.over or connection.lost:
            return {"type": "http.disconnect"}
        pieces, self._body, self._size, self._news = self._body, [], 0, False
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return {"type": "http.request", "body": body, "more_body": not self._whole}

    async def send(self, message: Message) -> None:
        connection = self._connection
        if connection.lost:
            return
        if not self.begun:
            self.begun = True
            self._head = self._begin(message["status"], message["headers"])
            return
        more = message.get("more_body", False)
        connection.write(self._framed(message.get("body", b""), more=more))
        if not more:
            self.over = True
            self.wake()
            connection.answered(keep_alive=self._keep_alive)
        elif connection.writable is not None:
            await connection.drained()

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The head; it closes the connection where a client may hold back what it announced."""
        length = dict(headers).get(b"content-length")
        lines = [_STATUS_LINES[status], *[b": ".join(header) for header in headers]]
        if self._connection.closes or self._expects_continue:
            self._keep_alive = False
        if not self._keep_alive:
            lines.append(b"connection: close")
        bodiless = self._scope["method"] == "HEAD" or status in _WITHOUT_BODY
        self._chunked = length is None and not bodiless
        if self._chunked:
            lines.append(b"transfer-encoding: chunked")
        self._left = 0 if bodiless else int(length or 0)
        lines += (b"", b"")
        head = b"\r\n".join(lines)
        if not head.count(b"\n") == head.count(b"\r") == len(lines) - 1 or b"\0" in head:
            raise ValueError("a header of the answer holds a line break")
        return head

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        head, self._head = self._head, b""
        if self._chunked:
            end = b"" if more else b"0\r\n\r\n"
            return b"%b%x\r\n%b\r\n%b" % (head, len(body), body, end) if body else head + end
        if self._scope["method"] == "HEAD":
            return head
        self._left -= len(body)
        if self._left < 0 or (self._left and not more):
            raise ValueError("the answer is not as long as its content-length")
        return head + body
