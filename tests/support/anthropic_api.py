"""A stand-in for the Anthropic Messages API, because the commercial one cannot be had here.

It is a double: no model answers. It speaks the wire format (JSON, and SSE with ``event:`` lines),
refuses what the real one refuses (missing headers, unknown fields, bad tool names, thinking that
was changed), and keeps the headers and bytes it received. It says what the last user turn says, or
calls the first tool until it has seen a result.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.loopback import LoopbackServer

FIELDS = set([
    "model",
    "messages",
    "system",
    "max_tokens",
    "stream",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "output_config",
    "output_format",
    "context_management",
    "cache_control",
])
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
USAGE = {"input_tokens": 25, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 5}
Event = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Manner:
    """How the next answers behave.

    ``ending`` of a stream: whole, error, short, unstopped (all but its last event) or broken.
    ``retry_after`` is a header of errors; ``says`` is what it says in place of the user's words.
    """

    status: int = 200
    error: str = "overloaded_error"
    message: str = "Overloaded"
    piece: int = 1 << 20
    ending: str = "whole"
    thoughts: str = ""
    redacted: str = ""
    says: str | None = None
    retry_after: str = ""
    hold: asyncio.Event | None = None
    arguments: dict[str, Any] = field(default_factory=lambda: {"city": "Gent", "days": 2})


class AnthropicApi:
    """The ASGI application. Set ``manner`` before a request; read ``received`` after it."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.manner = Manner()

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.received.append(Received(scope["path"], headers, body))
        request = json.loads(body)
        if problem := _problem(scope["path"], headers, request):
            await _reply(send, problem[0], _error(*problem[1:]))
        elif self.manner.status != 200:
            body = _error(self.manner.error, self.manner.message)
            await _reply(send, self.manner.status, body, self.manner.retry_after)
        elif request.get("stream"):
            await self._stream(send, request)
        else:
            await _reply(send, 200, json.dumps(self.answer(request)).encode())

    def answer(self, request: Event) -> Event:
        """The whole message for a request."""
        blocks = list(self._blocks(request))
        return {
            "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
            "type": "message",
            "role": "assistant",
            "model": request["model"],
            "content": blocks,
            "stop_reason": "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn",
            "stop_sequence": None,
            "usage": {**USAGE, "output_tokens": 15},
        }

    def events(self, request: Event) -> Iterator[Event]:
        """The same message as events."""
        yield from events_of(self.answer(request))

    def _blocks(self, request: Event) -> Iterator[Event]:
        if self.manner.thoughts:
            thoughts = self.manner.thoughts
            yield {"type": "thinking", "thinking": thoughts, "signature": signature_of(thoughts)}
        if self.manner.redacted:
            yield {"type": "redacted_thinking", "data": self.manner.redacted}
        last = request["messages"][-1]["content"]
        last = [{"type": "text", "text": last}] if isinstance(last, str) else last
        results = [_text_of(block["content"]) for block in last if block["type"] == "tool_result"]
        text = results or [block["text"] for block in last if block["type"] == "text"]
        said = json.dumps(self.manner.arguments) if _is_structured(request) else self.manner.says
        yield {"type": "text", "text": f"U zei: {' '.join(text)}" if said is None else said}
        if request.get("tools") and not results:
            tool = {"name": request["tools"][0]["name"], "input": self.manner.arguments}
            yield {"type": "tool_use", "id": "toolu_01A", **tool}
            if request.get("tool_choice", {}).get("type") != "tool":
                yield {"type": "tool_use", "id": "toolu_01B", **tool, "input": {}}

    async def _stream(self, send: Send, request: Event) -> None:
        events = list(self.events(request))
        if self.manner.ending == "unstopped":
            del events[-1]
        elif self.manner.ending != "whole":
            events = events[: len(events) // 2]
        if self.manner.ending == "error":
            events.append(json.loads(_error(self.manner.error, self.manner.message)))
        data = encoded(events)
        await _start(send, 200, b"text/event-stream; charset=utf-8")
        for at in range(0, len(data), self.manner.piece):
            piece = data[at : at + self.manner.piece]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if self.manner.hold:
                await self.manner.hold.wait()
        if self.manner.ending == "broken":
            return  # the server closes the connection without the last chunk
        await send({"type": "http.response.body", "body": b""})


class AnthropicServer(LoopbackServer):
    """The same on a free loopback port, in a thread of this process."""

    def __init__(self) -> None:
        self.api = AnthropicApi()
        self.serve(self.api)

    def last(self) -> dict[str, Any]:
        """The body that arrived last."""
        return dict(json.loads(self.api.received[-1].body))


def in_sevens(text: str) -> list[str]:
    return re.findall(r".{1,7}", text, re.DOTALL)


def events_of(answer: Event, cut: Callable[[str], Iterable[str]] = in_sevens) -> Iterator[Event]:
    """The events of a whole message; ``cut`` takes a text into pieces."""
    blocks, reason = answer["content"], answer["stop_reason"]
    counts = answer.get("usage") or {**USAGE, "output_tokens": 15}
    start: Event = {"content": [], "stop_reason": None, "usage": {**counts, "output_tokens": 1}}
    yield {"type": "message_start", "message": {**answer, **start}}
    for index, block in enumerate(blocks):
        empty, deltas = _pieces(block, cut)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "ping"}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": reason, "stop_sequence": None}
    yield {
        "type": "message_delta",
        "delta": delta,
        "usage": {"output_tokens": counts["output_tokens"]},
    }
    yield {"type": "message_stop"}


def _is_structured(request: Event) -> bool:
    """Whether it asks for JSON of a schema."""
    return "output_format" in request or "format" in request.get("output_config", {})


def signature_of(thoughts: str) -> str:
    """What only this provider can make of its thoughts, with the signs of base64."""
    return hashlib.sha256(thoughts.encode()).hexdigest() * 8 + "+/=="


def encoded(events: list[Event]) -> bytes:
    """Events as the API writes them."""
    return "".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
        for event in events
    ).encode()


def _pieces(block: Event, cut: Callable[[str], Iterable[str]]) -> tuple[Event, list[Event]]:
    """How a block starts, and the deltas that fill it."""
    match block["type"]:
        case "text":
            deltas = [{"type": "text_delta", "text": text} for text in cut(block["text"])]
            return {"type": "text", "text": ""}, deltas
        case "redacted_thinking":
            return block, []
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}, [
                {"type": "thinking_delta", "thinking": block["thinking"]},
                {"type": "signature_delta", "signature": block["signature"]},
            ]
        case _:
            whole = json.dumps(block["input"]) if block["input"] else ""
            texts = ["", *cut(whole)]
            deltas = [{"type": "input_json_delta", "partial_json": text} for text in texts]
            return {**block, "input": {}}, deltas


def _problem(path: str, headers: dict[str, str], request: Event) -> tuple[int, str, str] | None:
    """Status, type and message of what the real API would refuse."""
    if path != "/v1/messages":
        return 404, "not_found_error", "Not found"
    if not headers.get("x-api-key") or "authorization" in headers:
        return 401, "authentication_error", "x-api-key header is required"
    problems = {
        "anthropic-version: header is required": headers.get("anthropic-version") != "2023-06-01",
        "Extra inputs are not permitted": bool(set(request) - FIELDS),
        "max_tokens: Field required": not isinstance(request.get("max_tokens"), int),
        "messages: at least one message is required": not request.get("messages"),
        "output_format: Extra inputs are not permitted": "output_format" in request
        and "structured-outputs" not in headers.get("anthropic-beta", ""),
        "tools.0.name: String should match pattern": any(
            not TOOL_NAME.fullmatch(tool["name"]) for tool in request.get("tools", [])
        ),
        "Invalid `signature` in `thinking` block": any(
            block["signature"] != signature_of(block["thinking"])
            for message in request.get("messages") or []
            if isinstance(message["content"], list)
            for block in message["content"]
            if block["type"] == "thinking"
        ),
    }
    wrong = next((message for message, holds in problems.items() if holds), None)
    return (400, "invalid_request_error", wrong) if wrong else None


def _error(kind: str, message: str) -> bytes:
    error = {"type": kind, "message": message}
    return json.dumps({"type": "error", "error": error, "request_id": "req_011"}).encode()


def _text_of(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(part["text"] for part in content)


async def _reply(send: Send, status: int, body: bytes, retry_after: str = "") -> None:
    await _start(send, status, b"application/json", retry_after)
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, content_type: bytes, retry_after: str = "") -> None:
    headers = [(b"content-type", content_type), (b"request-id", b"req_011")]
    if retry_after:
        headers.append((b"retry-after", retry_after.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
