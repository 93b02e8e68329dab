"""A scripted provider: it records what arrives, and answers with exactly the bytes of a script.

Its base URLs are ``url(NAME)``; the name says for which provider of a test a body was meant.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.loopback import LoopbackServer


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request: the provider's name, the path below its base URL, and the bytes."""

    name: str
    path: str
    body: bytes

    def json(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on the wire. ``ending``: whole; cut (the connection breaks); silent (it stays
    open without a byte until the gateway leaves).
    """

    pieces: Sequence[bytes] = ()
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: str = "whole"


def streamed(pieces: Sequence[bytes], ending: str = "whole") -> Reply:
    """A stream of server-sent events."""
    return Reply(pieces, content_type="text/event-stream", ending=ending)


class WireProvider(LoopbackServer):
    """On a free loopback port, in a thread of this process; ``script`` makes each reply."""

    def __init__(self, script: Callable[[Arrived], Reply]) -> None:
        self.script = script
        self.arrived: list[Arrived] = []
        self.serve(self._answer, interface="asgi3")

    def base(self, name: str) -> str:
        return f"{self.url}/{name}"

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        _, name, path = scope["path"].split("/", 2)
        arrived = Arrived(name, "/" + path, body)
        self.arrived.append(arrived)
        reply = self.script(arrived)
        headers = {"content-type": reply.content_type, **reply.headers}
        wire = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": wire})
        for piece in reply.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        if reply.ending == "silent":
            await receive()  # until the gateway closes the connection
        if reply.ending == "whole":
            await send({"type": "http.response.body", "body": b""})
