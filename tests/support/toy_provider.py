"""A stand-in for a provider of the toy dialect, which does not exist. It records what arrives."""

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.loopback import LoopbackServer

THOUGHT = {"type": "thought", "summary": "thinking", "seal": "abc123"}
_COST = {"in": 3, "out": 5}


class ToyProvider(LoopbackServer):
    """Replies with the words that it got; a stream comes in pieces of ``piece`` characters."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.piece = 1
        self.cut = False
        app = Starlette(routes=[Route("/ask", self._ask, methods=["POST"])])
        self.serve(app)

    async def _ask(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        body = orjson.loads(self.bodies[-1])
        reply = " ".join(block["words"] for block in body["ask"] if block["type"] == "words")
        if body.get("live"):
            return StreamingResponse(self._stream(reply), media_type="text/event-stream")
        return JSONResponse({"reply": reply, "thought": THOUGHT, "cost": _COST})

    async def _stream(self, reply: str) -> AsyncIterator[bytes]:
        yield _event({"thought": THOUGHT})
        for at in range(0, len(reply), self.piece):
            yield _event({"piece": reply[at : at + self.piece]})
            await asyncio.sleep(0)
        if not self.cut:
            yield _event({"over": True, "cost": _COST})


def _event(value: object) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"
