"""A stand-in for a provider that works on a task: it asks an agent for commands, then it is done.

It speaks the streams of chat completions, Responses and Messages, and records each body. No model
answers here: the commands are scripted.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support import responses_api
from tests.support.loopback import LoopbackServer

Body = dict[str, Any]
Turn = tuple[str, Body] | str | None  # a call, what is said, or that all is done
DONE = "All done: the folder was listed."
# By the name of an agent's shell: the field of a command.
SHELLS = {
    "Bash": "command",
    "bash": "command",
    "exec_command": "cmd",
    "run_commands": "commands",
    "shell": "command",
}
_COMMANDS = ("ls -la", "cat README.md", "wc -l README.md", "git status")


@dataclass
class ScriptedAgent(LoopbackServer):
    """Starts on a free loopback port; asks for ``turns`` commands. ``bodies`` are what arrived."""

    turns: int
    faults: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asked = itertools.count()
        routes = [
            Route("/v1/chat/completions", self._answer(_chat), methods=["POST"]),
            Route("/v1/responses", self._answer(_response), methods=["POST"]),
            Route("/v1/messages", self._answer(_message), methods=["POST"]),
        ]
        app = Starlette(routes=routes)
        self.serve(app)

    def _answer(self, form: Any) -> Any:
        async def answer(request: Request) -> Response:
            body = orjson.loads(await request.body())
            self.bodies.append(body)
            self.paths.append(request.url.path)
            fault = self.faults.pop(0) if self.faults else ""
            if fault.isdigit():
                error = {"type": "error", "error": {"type": "api_error", "message": "scripted"}}
                return JSONResponse(error, status_code=int(fault))
            frames = form(body, self._next(body))
            if not body.get("stream"):  # what an agent asks for after a stream that broke
                return JSONResponse(_WHOLE[request.url.path](list(frames)))
            return StreamingResponse(_cut(frames, fault), media_type="text/event-stream")

        return answer

    def _next(self, body: Body) -> Turn:
        """The next command as a call of the agent's shell; None when the task is done."""
        shell = next((name for name in names_of(body) if name in SHELLS), None)
        if shell is None or (number := next(self._asked)) >= self.turns:
            return None
        command = _COMMANDS[number % len(_COMMANDS)]
        if shell == "run_commands":
            return shell, {SHELLS[shell]: [command]}
        described = {"description": "look"} if shell in {"Bash", "bash"} else {}
        return shell, {SHELLS[shell]: command, **described}


def names_of(body: Body) -> list[str]:
    """The names of the tools that an agent offers."""
    return [str(tool.get("name") or tool["function"]["name"]) for tool in _tools(body)]


def _tools(body: Body) -> Iterator[Body]:
    for tool in body.get("tools") or ():
        if "name" in tool or "function" in tool:
            yield tool


def _id_of(body: Body) -> str:
    """An id of a call that no other turn has."""
    return f"call_{len(body.get('messages') or body['input'])}"


def _of(turn: Turn) -> tuple[tuple[str, Body] | None, str]:
    return (None, turn or DONE) if turn is None or isinstance(turn, str) else (turn, DONE)


async def _cut(frames: Iterator[Body | bytes], fault: str) -> AsyncIterator[bytes]:
    """A stream; with the fault ``die`` it ends after its fifth event."""
    for number, frame in enumerate(frames):
        if fault == "die" and number == 5:
            return
        if isinstance(frame, bytes):
            yield frame
        else:
            name = f"event: {frame['type']}\n".encode() if "type" in frame else b""
            yield name + b"data: " + orjson.dumps(frame) + b"\n\n"


def _chat(body: Body, turn: Turn) -> Iterator[Body | bytes]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}

    def chunk(delta: Body, reason: str | None = None) -> Body:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    call, text = _of(turn)
    yield chunk({"role": "assistant", "content": ""})
    if call:
        begun = {"index": 0, "id": _id_of(body), "type": "function"}
        yield chunk({"tool_calls": [{**begun, "function": {"name": call[0], "arguments": ""}}]})
        for piece in _pieces(orjson.dumps(call[1]).decode()):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        for piece in _pieces(text):
            yield chunk({"content": piece})
    yield chunk({}, "tool_calls" if call else "stop")
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    yield {**head, "choices": [], "usage": usage}
    yield b"data: [DONE]\n\n"


def _response(body: Body, turn: Turn) -> Iterator[Body | bytes]:
    call, text = _of(turn)
    response = responses_api.whole({"model": body["model"], "input": ""}, f"say {text}")
    if call:
        arguments = orjson.dumps(call[1]).decode()
        item = {
            "id": "fc_1",
            "type": "function_call",
            "call_id": _id_of(body),
            "status": "completed",
        }
        response["output"] = [{**item, "name": call[0], "arguments": arguments}]
    for number, event in enumerate(responses_api.events(response, "")):
        yield {**event, "sequence_number": number}


def _message(body: Body, turn: Turn) -> Iterator[Body | bytes]:
    call, said = _of(turn)
    usage = {"input_tokens": 100, "output_tokens": 1}
    head = {
        "id": f"msg_{_id_of(body)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
    }
    message = {**head, "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield {"type": "message_start", "message": message}
    if call:
        block: Body = {"type": "tool_use", "id": _id_of(body), "name": call[0], "input": {}}
        kind, field_, text = "input_json_delta", "partial_json", orjson.dumps(call[1]).decode()
    else:
        block, kind, field_, text = {"type": "text", "text": ""}, "text_delta", "text", said
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for piece in _pieces(text):
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": kind, field_: piece}}
    yield {"type": "content_block_stop", "index": 0}
    delta = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 20}}
    yield {"type": "message_stop"}


def _whole_chat(frames: list[Any]) -> Body:
    *chunks, usage = [frame for frame in frames if isinstance(frame, dict)]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    message: Body = {"role": "assistant", "content": None}
    if any("tool_calls" in delta for delta in deltas):
        calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
        arguments = "".join(call["function"].get("arguments", "") for call in calls)
        function = {"name": calls[0]["function"]["name"], "arguments": arguments}
        message["tool_calls"] = [{"id": calls[0]["id"], "type": "function", "function": function}]
    else:
        message["content"] = "".join(delta.get("content") or "" for delta in deltas)
    choice = {**chunks[-1]["choices"][0], "message": message}
    head = {**usage, "object": "chat.completion"}
    return {**head, "choices": [{name: choice[name] for name in choice if name != "delta"}]}


def _whole_message(frames: list[Any]) -> Body:
    start, begun, *deltas, _, ended, _ = frames
    text = "".join(
        next(iter(set(one["delta"].items()) - {("type", one["delta"]["type"])}))[1]
        for one in deltas
    )
    block = begun["content_block"]
    block = {**block, "input": orjson.loads(text)} if "input" in block else {**block, "text": text}
    return {**start["message"], "content": [block], **ended["delta"]}


_WHOLE: dict[str, Callable[[list[Any]], Body]] = {
    "/v1/chat/completions": _whole_chat,
    "/v1/messages": _whole_message,
    "/v1/responses": lambda frames: frames[-1]["response"],
}


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), 7):
        yield text[at : at + 7]
