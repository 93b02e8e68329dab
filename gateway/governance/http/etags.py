"""Entity tags of what the control plane answers (RFC 9110, section 8.8.3).

A client that has an answer asks whether it is still the same, and gets 304 without a body if it is.
"""

import asyncio
import hashlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ADMIN = "/admin/v1/"
_JSON = b"application/json"
_LARGE = 64 * 1024  # bytes; more are hashed in a thread
_DIGITS = 32


class EntityTags:
    """ASGI middleware around reads of JSON; other answers pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        reads = scope["type"] == "http" and scope["method"] == "GET"
        if not reads or not scope["path"].startswith(_ADMIN):
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"if-none-match", b"")
        tagged = _TaggedSend(send, {one.strip() for one in given.split(b",")})
        await self._app(scope, receive, tagged)


class _TaggedSend:
    """Holds an answer in JSON back until it is whole."""

    def __init__(self, send: Send, known: set[bytes]) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if message["status"] == 200 and kind.startswith(_JSON):
                self._start = message
            else:
                await self._send(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start, bytes(self._body))

    async def _finish(self, start: Message, body: bytes) -> None:
        tag = await asyncio.to_thread(_tag, body) if len(body) > _LARGE else _tag(body)
        named = [(b"etag", tag), (b"cache-control", b"private, no-cache")]
        same = tag in self._known or b"*" in self._known
        headers = [
            one
            for one in start["headers"]
            if one[0].lower() != b"cache-control"
            and not (same and one[0].lower() in {b"content-length", b"content-type"})
        ]
        status = 304 if same else start["status"]
        await self._send({**start, "status": status, "headers": [*headers, *named]})
        await self._send({"type": "http.response.body", "body": b"" if same else body})


def _tag(body: bytes) -> bytes:
    return b'"' + hashlib.sha256(body).hexdigest()[:_DIGITS].encode() + b'"'
