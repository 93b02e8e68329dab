"""A stand-in for a commercial OpenAI-dialect API, which cannot be had in tests.

It speaks the real wire format, records the exact bytes that arrive, and misbehaves when a message
asks it to ("example: ..."), in the ways that providers do.
"""

import asyncio
import base64
import hashlib
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support import responses_api
from tests.support.certificates import Certificate
from tests.support.loopback import LoopbackServer


@dataclass
class OpenAIApi(LoopbackServer):
    """Starts on a free loopback port; ``bodies`` are the bytes that arrived.

    ``peers`` are the ports that they came from: of one connection the same. ``listed`` are the
    models that it says it serves, None without such a list; ``answers_as`` is the name of the model
    in its answers, None for the one that was asked for.
    """

    bodies: list[bytes] = field(default_factory=list)
    peers: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gone: int = 0
    once: set[str] = field(default_factory=set)
    tls: Certificate | None = None
    listed: list[str] | None = None
    answers_as: str | None = None

    def __post_init__(self) -> None:
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/responses", self._responses, methods=["POST"]),
                Route("/v1/embeddings", self._embed, methods=["POST"]),
                Route("/v1/models", self._models, methods=["GET"]),
            ]
        )
        shown = {"ssl_certfile": self.tls.path, "ssl_keyfile": self.tls.key} if self.tls else {}
        self.serve(app, **shown)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def digests(self) -> list[str]:
        """SHA-256 of every body that arrived."""
        return [hashlib.sha256(body).hexdigest() for body in self.bodies]

    def last(self) -> dict[str, Any]:
        return dict(orjson.loads(self.bodies[-1]))

    async def _responses(self, request: Request) -> Response:
        body = await self._recorded(request)
        wish = self._due(_wished(responses_api.said_last(body)))
        if wish.startswith("status "):
            return _refused(wish)
        if body.get("stream"):
            made = responses_api.frames(body, wish)
            return StreamingResponse(made, media_type="text/event-stream")
        return JSONResponse(responses_api.whole(body, wish))

    def _due(self, wish: str) -> str:
        """A wish; of ``once A then B`` A holds for the first request, and B for later ones."""
        if not wish.startswith("once "):
            return wish
        known = wish in self.once
        self.once.add(wish)
        first, _, later = wish[5:].partition(" nr ")[0].strip().partition(" then ")
        return later if known else first

    async def _recorded(self, request: Request) -> dict[str, Any]:
        raw = await request.body()
        self.bodies.append(raw)
        self.peers.append(request.client.port if request.client else 0)
        self.headers.append(dict(request.headers))
        return dict(orjson.loads(raw))

    async def _models(self, _: Request) -> Response:
        if self.listed is None:
            return JSONResponse({"error": "no such route"}, status_code=404)
        data = [{"id": name, "object": "model"} for name in self.listed]
        return JSONResponse({"object": "list", "data": data})

    async def _embed(self, request: Request) -> Response:
        return JSONResponse(embeddings(await self._recorded(request)))

    async def _chat(self, request: Request) -> Response:
        body = await self._recorded(request)
        wish = self._due(_wish(body))
        if wish.startswith("status "):
            return _refused(wish)
        if wish == "late":
            await asyncio.sleep(60)
        if wish == "html":
            return Response("<html>busy</html>", media_type="text/html")
        if wish == "error in 200":
            return JSONResponse({"error": {"message": "overloaded"}})
        if wish == "empty stream":
            return Response(b"", media_type="text/event-stream")
        if wish == "no choices":
            return JSONResponse({"choices": None})
        named = {**body, "model": self.answers_as or body["model"]}
        if body.get("stream"):
            return StreamingResponse(self._stream(named, wish), media_type="text/event-stream")
        return JSONResponse(_whole(named, wish))

    async def _stream(self, body: dict[str, Any], wish: str) -> AsyncIterator[bytes]:
        whole = False
        try:
            async for frame in _frames(body, wish):
                yield frame
            whole = True
        finally:
            self.gone += not whole


def _refused(wish: str) -> Response:
    error = {"error": {"message": "secret detail sk-upstream", "type": "x", "code": None}}
    return JSONResponse(error, status_code=int(wish[7:10]), headers={"retry-after": "7"})


def vector(given: Any) -> list[float]:
    """The embedding of one input: four numbers that float32 holds exactly."""
    return [byte / 256 for byte in hashlib.sha256(orjson.dumps(given)).digest()[:4]]


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """An answer as OpenAI gives it, with a field that only providers need."""
    given = body["input"]
    inputs = [given] if isinstance(given, str) or isinstance(given[0], int) else given
    data: list[dict[str, Any]] = []
    for index, one in enumerate(inputs):
        numbers: Any = vector(one)
        if body.get("encoding_format") == "base64":
            numbers = base64.b64encode(struct.pack("<4f", *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    usage = {"prompt_tokens": 5 * len(inputs), "total_tokens": 5 * len(inputs)}
    return {
        "object": "list",
        "data": data,
        "model": body["model"],
        "usage": usage,
        "timings": {"file": "/models/secret.gguf"},
    }


def _wish(body: dict[str, Any]) -> str:
    return _wished(str(body["messages"][-1].get("content")))


def _wished(text: str) -> str:
    return text.partition("example: ")[2].partition(";")[0].strip()


def _said(body: dict[str, Any], wish: str) -> str:
    if wish.startswith("say "):
        return wish[4:]
    return "Echo: " + str(body["messages"][-1].get("content"))


def _calls(body: dict[str, Any]) -> bool:
    """Whether it asks for a tool: until it has a result."""
    return bool(body.get("tools")) and body["messages"][-1].get("role") != "tool"


def _tool_calls(body: dict[str, Any]) -> list[dict[str, Any]]:
    name = body["tools"][0]["function"]["name"]
    arguments = orjson.dumps({"query": body["messages"][-1]["content"]}).decode()
    function = {"name": name, "arguments": arguments}
    call: dict[str, Any] = {"id": "call_1", "type": "function", "function": function}
    return [call | {"extra_content": SIGNATURE} if _wish(body) == "sign" else call]


SIGNATURE = {"google": {"thought_signature": "QUJDREVGR0g="}}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def _whole(body: dict[str, Any], wish: str) -> dict[str, Any]:
    choices = []
    for index in range(body.get("n") or 1):
        message: dict[str, Any] = {"role": "assistant", "content": _said(body, wish)}
        reason = "stop"
        if _calls(body):
            message = {"role": "assistant", "content": None, "tool_calls": _tool_calls(body)}
            reason = "tool_calls"
        choices.append({"index": index, "message": message, "finish_reason": reason})
    return {
        "id": "chatcmpl-x",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": choices,
        "usage": _usage(wish),
    }


def _usage(wish: str) -> dict[str, int]:
    if wish.startswith("usage "):
        return dict.fromkeys(USAGE, int(wish[6:]))
    return USAGE


async def _frames(body: dict[str, Any], wish: str) -> AsyncIterator[bytes]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

    def frame(delta: dict[str, Any], reason: str | None = None, index: int = 0) -> bytes:
        choice = {"index": index, "delta": delta, "finish_reason": reason}
        return b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"

    count = range(body.get("n") or 1)
    for index in count:
        yield frame({"role": "assistant", "content": ""}, index=index)
    if _calls(body):
        call = _tool_calls(body)[0]
        function = {"name": call["function"]["name"], "arguments": ""}
        yield frame({"tool_calls": [{"index": 1, **call, "function": function}]})
        for character in call["function"]["arguments"]:
            fragment = {"index": 1, "function": {"arguments": character}}
            yield frame({"tool_calls": [fragment]})
        yield frame({}, "tool_calls")
    else:
        text = _said(body, wish)
        for position, character in enumerate(text):
            if wish == "cut" and position == 8:
                return
            if wish == "error event" and position == 8:
                yield b'data: {"error": {"message": "overloaded"}}\n\n'
                return
            if wish == "stall" and position == 8:
                await asyncio.sleep(60)
            if wish == "slow":
                await asyncio.sleep(0.05)
            for index in count:
                yield frame({"content": character}, index=index)
        for index in count:
            yield frame({}, "stop", index)
    yield b"data: " + orjson.dumps({**head, "choices": [], "usage": USAGE}) + b"\n\n"
    yield b"data: [DONE]\n\n"
