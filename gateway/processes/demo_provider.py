"""A stand-in for a commercial provider, for demonstrations; every answer says that it is one.

It implements the OpenAI chat dialect, streaming too. ``GET /received`` shows the bodies that it
received, so that a person can see what leaves the organisation.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

_MAX_RECEIVED = 50
_PAUSE_S = 0.02
_PLACEHOLDER = re.compile(r"\[[A-Z_]{2,24}_[a-z0-9]{4,16}\]")
_DUTCH = frozenset([
    "de",
    "het",
    "een",
    "en",
    "van",
    "ik",
    "je",
    "u",
    "is",
    "niet",
    "dat",
    "voor",
    "met",
    "mijn",
    "op",
    "graag",
    "kunt",
    "heeft",
])


def create_app() -> FastAPI:
    """Build the stand-in provider."""
    app = FastAPI(title="Demonstration provider (no real model)", docs_url=None, redoc_url=None)
    received: deque[dict[str, Any]] = deque(maxlen=_MAX_RECEIVED)

    @app.get("/")
    async def about() -> dict[str, str]:
        return {
            "what": "A demonstration of a commercial provider in zone eu. "
            "No real model answers here.",
            "received": "/received shows the bodies that arrived, newest last.",
        }

    @app.get("/received")
    async def show() -> dict[str, Any]:
        return {"received": list(received)}

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = orjson.loads(await request.body())
        received.append({"at": time.time(), "body": body})
        text = _answer(body)
        head = {
            "id": f"chatcmpl-demo-{len(received)}",
            "created": int(time.time()),
            "model": "demo",
        }
        usage = _usage(body, text)
        if body.get("stream"):
            return StreamingResponse(_stream(head, text, usage), media_type="text/event-stream")
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return JSONResponse(whole)

    return app


def _answer(body: dict[str, Any]) -> str:
    """An answer with the placeholders of the last message, which shows how they are restored."""
    last = next(
        (m for m in reversed(body.get("messages", [])) if m.get("role") == "user"), {"content": ""}
    )
    text = last["content"] if isinstance(last["content"], str) else str(last["content"])
    names = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    dutch = len(_DUTCH.intersection(text.lower().split())) >= 2
    return _in_dutch(names) if dutch else _in_english(names)


def _in_dutch(names: list[str]) -> str:
    people = [name for name in names if name.startswith("[PERSON_")]
    rest = [name for name in names if name not in people]
    greeting = f"Geachte {people[0]}," if people else "Goedendag,"
    details = f" Wij hebben uw gegevens ontvangen: {', '.join(rest)}." if rest else ""
    return (
        f"{greeting} dank voor uw bericht.{details} Wij komen hier binnen twee werkdagen op terug. "
        "(Dit antwoord komt van de demonstratieprovider; er is geen echt model gebruikt.)"
    )


def _in_english(names: list[str]) -> str:
    people = [name for name in names if name.startswith("[PERSON_")]
    rest = [name for name in names if name not in people]
    greeting = f"Dear {people[0]}," if people else "Hello,"
    details = f" We received these details: {', '.join(rest)}." if rest else ""
    return (
        f"{greeting} thank you for your message.{details} We will come back to you within two "
        "working days. (This answer comes from the demonstration provider; no real model was used.)"
    )


def _usage(body: dict[str, Any], text: str) -> dict[str, int]:
    sent = len(orjson.dumps(body.get("messages", []))) // 4
    completion = max(1, len(text) // 4)
    return {
        "prompt_tokens": sent,
        "completion_tokens": completion,
        "total_tokens": sent + completion,
    }


async def _stream(head: dict[str, Any], text: str, usage: dict[str, int]) -> AsyncIterator[bytes]:
    chunk = {**head, "object": "chat.completion.chunk"}

    def frame(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return b"data: " + orjson.dumps({**chunk, "choices": [choice]}) + b"\n\n"

    yield frame({"role": "assistant", "content": ""})
    for piece in re.findall(r".{1,7}", text, re.DOTALL):  # splits placeholders on purpose
        yield frame({"content": piece})
        await asyncio.sleep(_PAUSE_S)
    yield frame({}, "stop")
    yield b"data: " + orjson.dumps({**chunk, "choices": [], "usage": usage}) + b"\n\n"
    yield b"data: [DONE]\n\n"
