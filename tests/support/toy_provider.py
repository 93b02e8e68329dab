"""A stand-in for a provider of the toy dialect, which does not exist. It records what arrives."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Self

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.ports import free_port

THOUGHT = {"type": "thought", "summary": "thinking", "seal": "abc123"}
_COST = {"in": 3, "out": 5}


class ToyProvider:
    """Replies with the words that it got; a stream comes in pieces of ``piece`` characters."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.piece = 1
        self.cut = False
        self.port = free_port()
        app = Starlette(routes=[Route("/ask", self._ask, methods=["POST"])])
        config = uvicorn.Config(app, port=self.port, log_level="warning", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

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
