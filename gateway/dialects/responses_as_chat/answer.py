"""A chat completion as a response, whole and in events."""

from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.dialects.base import Body, ResponseParser
from gateway.dialects.openai_chat.extras import numbers_of
from gateway.dialects.responses_as_chat.request import INPUT, ToolNames

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_CACHE_WRITES = ("cache_write_tokens", "cache_creation_token_details")


class ChatAsResponse:
    """Reads answers of a chat completion as responses."""

    def __init__(self, chat: ResponseParser, names: ToolNames) -> None:
        """``chat`` reads the provider's answer; ``names`` are the tools of the request."""
        self._chat = chat
        self._names = names

    async def read_answer(self, data: bytes) -> Body:
        """A complete chat completion."""
        answer = await self._chat.read_answer(data)
        choice = answer["choices"][0]
        message = choice.get("message") or {}
        made = _Events(self._names, answer)
        chunk = {**answer, "choices": [{**choice, "delta": _as_delta(message)}]}
        for _event in (*made.chunk(chunk), *made.closed()):
            continue  # what they say is in the response too
        return made.response()

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The chunks of a streamed one."""
        made: _Events | None = None
        async for chunk in self._chat.read_stream(events):
            if made is None:
                made = _Events(self._names, chunk)
                yield {"type": "response.created", "response": made.response()}
                yield {"type": "response.in_progress", "response": made.response()}
            for event in made.chunk(chunk):
                yield event
        made = made or _Events(self._names, {})
        for event in made.closed():
            yield event
        response = made.response()
        yield {"type": f"response.{response['status']}", "response": response}


def _as_delta(message: Body) -> Body:
    calls = [{"index": index, **call} for index, call in enumerate(message.get("tool_calls") or ())]
    return {**message, "tool_calls": calls}


@dataclass(slots=True)
class _Open:
    """An item that is being written."""

    place: int
    item: Body
    text: str = ""


class _Events:
    """Makes the events of one answer of the deltas of its first choice."""

    def __init__(self, names: ToolNames, first: Body) -> None:
        self._names = names
        self._first = first
        self._message: _Open | None = None
        self._calls: dict[Any, _Open] = {}
        self._output: list[Body] = []
        self._finished: str | None = None
        self._usage: Body | None = None

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """The events of one chunk."""
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        for choice in chunk.get("choices") or ():
            if choice.get("index"):
                continue  # a response has one answer
            delta = choice.get("delta") or {}
            if text := delta.get("content") or delta.get("refusal"):
                yield from self._said(text)
            for call in delta.get("tool_calls") or ():
                yield from self._called(call)
            self._finished = choice.get("finish_reason") or self._finished

    def closed(self) -> Iterator[Body]:
        """The ends of all items."""
        if self._message:
            yield from self._end_message(self._message)
        for call in self._calls.values():
            yield from self._end_call(call)

    def response(self) -> Body:
        """The response as it is now."""
        reason = _INCOMPLETE.get(self._finished or "")
        return {
            "id": f"resp_{self._first.get('id', '')}",
            "object": "response",
            "created_at": self._first.get("created", 0),
            "model": self._first.get("model", ""),
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": list(self._output),
            "usage": _usage(self._usage) if self._usage else None,
        }

    def _said(self, text: str) -> Iterator[Body]:
        message = self._message
        if message is None:
            item = {"type": "message", "role": "assistant", "status": "in_progress", "content": []}
            self._message = message = yield from self._begin("msg", item)
            part = {"type": "output_text", "text": "", "annotations": []}
            yield self._of(message, "content_part.added", content_index=0, part=part)
        message.text += text
        yield self._of(message, "output_text.delta", content_index=0, delta=text)

    def _called(self, given: Body) -> Iterator[Body]:
        key, function = given.get("index", given.get("id")), given.get("function") or {}
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = yield from self._begin("call", self._call(given, function))
        if piece := function.get("arguments"):
            call.text += piece
            if call.item["type"] == "function_call":
                yield self._of(call, "function_call_arguments.delta", delta=piece)

    def _call(self, given: Body, function: Body) -> Body:
        chat_name = str(function.get("name") or "")
        space, name = self._names.spaces.get(chat_name, ("", chat_name))
        custom = chat_name in self._names.custom
        return {
            "type": "custom_tool_call" if custom else "function_call",
            "status": "in_progress",
            "call_id": given.get("id") or "",
            "name": name,
            **({"namespace": space} if space else {}),
            **({"input": ""} if custom else {"arguments": ""}),
        }

    def _begin(self, prefix: str, item: Body) -> Generator[Body, None, _Open]:
        place = len(self._output)
        item["id"] = f"{prefix}_{place}_{self._first.get('id', '')}"
        self._output.append(item)
        opened = _Open(place, item)
        yield self._of(opened, "output_item.added", item=dict(item))
        return opened

    def _end_message(self, message: _Open) -> Iterator[Body]:
        part = {"type": "output_text", "text": message.text, "annotations": []}
        message.item |= {"status": "completed", "content": [part]}
        yield self._of(message, "output_text.done", content_index=0, text=message.text)
        yield self._of(message, "content_part.done", content_index=0, part=part)
        yield self._of(message, "output_item.done", item=dict(message.item))

    def _end_call(self, call: _Open) -> Iterator[Body]:
        call.item["status"] = "completed"
        if call.item["type"] == "function_call":
            call.item["arguments"] = call.text
            yield self._of(call, "function_call_arguments.done", arguments=call.text)
        else:
            call.item["input"] = text = _input_of(call.text)
            yield self._of(call, "custom_tool_call_input.delta", delta=text)
            yield self._of(call, "custom_tool_call_input.done", input=text)
        yield self._of(call, "output_item.done", item=dict(call.item))

    def _of(self, opened: _Open, kind: str, **fields: Any) -> Body:
        identity = opened.item["id"]
        return {
            "type": f"response.{kind}",
            "output_index": opened.place,
            "item_id": identity,
            **fields,
        }


def _input_of(arguments: str) -> str:
    """The one text of a custom tool."""
    try:
        given = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    return str(given.get(INPUT, "")) if isinstance(given, dict) else arguments


def _usage(usage: Body) -> Body:
    """The counts of tokens, by the names of Responses."""
    counts = numbers_of(usage)
    read = _object(counts.get("prompt_tokens_details"))
    written = _object(counts.get("completion_tokens_details"))
    return {
        "input_tokens": counts.get("prompt_tokens", 0),
        "input_tokens_details": {
            "cached_tokens": read.get("cached_tokens", 0),
            **{name: read[name] for name in _CACHE_WRITES if read.get(name)},
        },
        "output_tokens": counts.get("completion_tokens", 0),
        "output_tokens_details": {"reasoning_tokens": written.get("reasoning_tokens", 0)},
        "total_tokens": counts.get("total_tokens", 0),
    }


def _object(value: Any) -> Body:
    return value if isinstance(value, dict) else {}
