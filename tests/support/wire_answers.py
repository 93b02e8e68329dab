"""Answers of providers with a text in one chosen field, whole and as the bytes of a stream.

Each wire has its fields by name (``FIELDS``); texts of a stream come in small pieces.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from tests.support import anthropic_api, openai_api, responses_api
from tests.support.responses_api import Cut, in_threes
from tests.support.wire_provider import Arrived, Reply, streamed

Body = dict[str, Any]
_UNKNOWN = "field_of_tomorrow"  # of an API that has grown
_CHAT_TEXTS = ("content", "refusal", "reasoning", "reasoning_content", _UNKNOWN)


def chat(text: str, field: str, body: Body) -> Body:
    """A chat completion."""
    message: Body = {"role": "assistant", "content": None}
    call: Body = {"id": "call_1", "index": 0}
    if field in _CHAT_TEXTS:
        message[field] = text
    elif field == "function_call.arguments":
        message["function_call"] = {"name": "find", "arguments": _arguments(text)}
    elif field == "tool_calls.function.arguments":
        function = {"name": "find", "arguments": _arguments(text)}
        message["tool_calls"] = [{**call, "type": "function", "function": function}]
    else:
        assert field == "tool_calls.custom.input"
        custom = {"name": "find", "input": text}
        message["tool_calls"] = [{**call, "type": "custom", "custom": custom}]
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"]}
    return {**head, "choices": [choice], "usage": openai_api.USAGE}


def message(text: str, field: str, body: Body) -> Body:
    """A message of Anthropic's API."""
    blocks: list[Body] = [{"type": "text", "text": text if field == "text" else "Zo."}]
    if field == "thinking":
        signature = anthropic_api.signature_of(text)
        blocks.insert(0, {"type": "thinking", "thinking": text, "signature": signature})
    elif field == "tool_use.input":
        blocks.append({"type": "tool_use", "id": "t", "name": "find", "input": {"query": text}})
    elif field == _UNKNOWN:
        blocks[0][field] = text
    else:
        assert field == "text"
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    reason = "tool_use" if field == "tool_use.input" else "end_turn"
    usage = {**anthropic_api.USAGE, "output_tokens": 15}
    ended = {"stop_reason": reason, "stop_sequence": None}
    unknown = {field: text} if field == _UNKNOWN else {}
    return {**head, "content": blocks, **ended, **unknown, "usage": usage}


def response(text: str, field: str, body: Body) -> Body:
    """A response of OpenAI's Responses API."""
    call = {"id": "fc_1", "call_id": "call_1", "name": "find", "status": "completed"}
    said = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    thought: Body = {"id": "rs_1", "type": "reasoning", "summary": []}
    items: dict[str, Body] = {
        "output_text": {
            **said,
            "content": [
                {"type": "output_text", "text": text, "annotations": [], "logprobs": []},
            ],
        },
        "refusal": {**said, "content": [{"type": "refusal", "refusal": text}]},
        "reasoning.summary": {**thought, "summary": [{"type": "summary_text", "text": text}]},
        "reasoning.content": {**thought, "content": [{"type": "reasoning_text", "text": text}]},
        "function_call.arguments": {
            **call,
            "type": "function_call",
            "arguments": _arguments(text),
        },
        "custom_tool_call.input": {**call, "type": "custom_tool_call", "input": text},
        _UNKNOWN: {**said, "content": [], _UNKNOWN: text},
    }
    empty = responses_api.whole({**body, "input": "", "tools": [], "include": []}, "")
    unknown = {field: text} if field == _UNKNOWN else {}
    return {**empty, **unknown, "instructions": None, "output": [items[field]]}


def embeddings(text: str, field: str, body: Body) -> Body:
    """Embeddings: an answer without a text."""
    return openai_api.embeddings(body)


def chat_stream(whole: Body, cut: Cut = in_threes) -> Iterator[bytes]:
    """A chat completion as a stream."""
    head = {**whole, "object": "chat.completion.chunk"}
    del head["usage"]
    given = whole["choices"][0]

    def chunk(delta: Body, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _data({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for delta in _deltas(given["message"], cut):
        yield chunk(delta)
    yield chunk({}, given["finish_reason"])
    yield _data({**head, "choices": [], "usage": whole["usage"]})
    yield b"data: [DONE]\n\n"


def _deltas(said: Body, cut: Cut) -> Iterator[Body]:
    for name in _CHAT_TEXTS:
        for piece in cut(said.get(name) or ""):
            yield {name: piece}
    if single := said.get("function_call"):
        yield {"function_call": {**single, "arguments": ""}}
        for piece in cut(single["arguments"]):
            yield {"function_call": {"arguments": piece}}
    for call in said.get("tool_calls") or ():
        kind, key = ("custom", "input") if "custom" in call else ("function", "arguments")
        yield {"tool_calls": [{**call, kind: {**call[kind], key: ""}}]}
        for piece in cut(call[kind][key]):
            yield {"tool_calls": [{"index": call["index"], kind: {key: piece}}]}


def message_stream(whole: Body, cut: Cut = anthropic_api.in_sevens) -> Iterator[bytes]:
    """A message as a stream."""
    for event in anthropic_api.events_of(whole, cut):
        yield anthropic_api.encoded([event])


def response_stream(whole: Body, cut: Cut = in_threes) -> Iterator[bytes]:
    """A response as a stream."""
    for number, event in enumerate(responses_api.events(whole, "", cut)):
        named = f"event: {event['type']}\n".encode()
        yield named + _data({**event, "sequence_number": number})


def _data(event: Body) -> bytes:
    return b"data: " + orjson.dumps(event) + b"\n\n"


def _arguments(text: str) -> str:
    return json.dumps({"query": text}, ensure_ascii=False)


Whole = Callable[[str, str, Body], Body]
Stream = Callable[[Body], Iterator[bytes]]
# By the path at which a provider is asked, below its base URL.
WIRES: Mapping[str, tuple[Whole, Stream]] = {
    "/chat/completions": (chat, chat_stream),
    "/v1/messages": (message, message_stream),
    "/responses": (response, response_stream),
    "/embeddings": (embeddings, lambda _: iter(())),
}


def reply(arrived: Arrived, text: str, field: str = "content") -> Reply:
    """An answer with a text in a field, as the request asks for it: whole or as a stream."""
    body = arrived.json()
    whole, stream = WIRES[arrived.path]
    made = whole(text, field, body)
    return streamed(list(stream(made))) if body.get("stream") else Reply([orjson.dumps(made)])
