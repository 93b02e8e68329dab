"""Answers of Converse as chat completions, whole and in chunks.

Reasoning comes as ``reasoning_content``. Its signature is left out: chat completions have no place
for it, so it could not come back.
"""

import secrets
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.answer_form import parse_object, well_formed

_REASONS = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "malformed_tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}


class _Named(msgspec.Struct, rename="camel"):
    """Fields as Bedrock names them."""


class _ToolUse(_Named):
    tool_use_id: str = ""
    name: str = ""
    input: Any = None


class _ReasoningText(_Named):
    text: str = ""


class _Reasoning(_Named):
    reasoning_text: _ReasoningText | None = None
    text: str = ""


class _Block(_Named):
    """A content block, or what an event adds to one."""

    text: str = ""
    tool_use: _ToolUse | None = None
    reasoning_content: _Reasoning | None = None


class _Message(_Named):
    content: list[_Block] = []


class _Output(_Named):
    message: _Message


class _CacheDetail(_Named):
    input_tokens: int
    ttl: str = ""


class _Usage(_Named):
    input_tokens: int
    output_tokens: int
    total_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    cache_details: list[_CacheDetail] = []


class _Answer(_Named):
    output: _Output
    stop_reason: str
    usage: _Usage


class _BlockStart(_Named):
    start: _Block = msgspec.field(default_factory=_Block)
    content_block_index: int = 0


class _BlockDelta(_Named):
    delta: _Block = msgspec.field(default_factory=_Block)
    content_block_index: int = 0


class _Stop(_Named):
    stop_reason: str


class _Metadata(_Named):
    usage: _Usage | None = None


class _Event(_Named):
    content_block_start: _BlockStart | None = None
    content_block_delta: _BlockDelta | None = None
    message_stop: _Stop | None = None
    metadata: _Metadata | None = None


class ConverseParser:
    """Reads one answer of a model."""

    def __init__(self, model: str) -> None:
        self._head = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": model,
        }

    async def read_answer(self, data: bytes) -> Body:
        """A complete answer.

        Raises:
            UpstreamFailed: when it has another form.
        """
        answer = _converted(parse_object(data), _Answer)
        blocks = answer.output.message.content
        message: Body = {
            "role": "assistant",
            "content": "".join(block.text for block in blocks) or None,
        }
        if thought := "".join(map(_thought, blocks)):
            message["reasoning_content"] = thought
        if calls := [_call(block.tool_use) for block in blocks if block.tool_use]:
            message["tool_calls"] = calls
        reason = _REASONS.get(answer.stop_reason, "stop")
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return well_formed({
            **self._head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _counted(answer.usage),
        })

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The chunks of a streamed one.

        Raises:
            UpstreamFailed: when it reports an error, or ends before the message has stopped.
        """
        calls: dict[int, int] = {}  # the index of a call by that of its block
        begun = stopped = False
        async for data in events:
            event = _converted(parse_object(data), _Event)
            if not begun:
                begun = True
                yield self._chunk([_choice({"role": "assistant", "content": ""})])
            for delta in _deltas(event, calls):
                yield self._chunk([_choice(delta)])
            if event.message_stop:
                stopped = True
                reason = _REASONS.get(event.message_stop.stop_reason, "stop")
                yield self._chunk([_choice({}, reason)])
            if event.metadata and event.metadata.usage:
                yield self._chunk([], usage=_counted(event.metadata.usage))
        if not stopped:
            raise UpstreamFailed(
                "The provider's stream ended before it was complete.", code="upstream_disconnected"
            )

    def _chunk(self, choices: list[Body], **more: Any) -> Body:
        return {**self._head, "object": "chat.completion.chunk", "choices": choices, **more}


def _converted(answer: Body, form: Any) -> Any:
    try:
        return msgspec.convert(answer, form)
    except msgspec.ValidationError as error:
        raise UpstreamFailed(
            "The provider's answer has a form that this gateway does not know."
        ) from error


def _deltas(event: _Event, calls: dict[int, int]) -> Iterator[Body]:
    """What an event adds to the message."""
    if (start := event.content_block_start) and (tool := start.start.tool_use):
        index = calls.setdefault(start.content_block_index, len(calls))
        function = {"name": tool.name, "arguments": ""}
        call = {"id": tool.tool_use_id, "type": "function", "function": function}
        yield {"tool_calls": [{"index": index, **call}]}
    if added := event.content_block_delta:
        block = added.delta
        if block.text:
            yield {"content": block.text}
        if thought := _thought(block):
            yield {"reasoning_content": thought}
        if block.tool_use and block.tool_use.input:
            yield _piece(calls.get(added.content_block_index), block.tool_use.input)


def _piece(index: int | None, arguments: Any) -> Body:
    if index is None or not isinstance(arguments, str):
        raise UpstreamFailed("The provider's stream has a call without a beginning.")
    return {"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}


def _thought(block: _Block) -> str:
    reasoning = block.reasoning_content
    if reasoning is None:
        return ""
    return reasoning.reasoning_text.text if reasoning.reasoning_text else reasoning.text


def _call(tool: _ToolUse) -> Body:
    arguments = orjson.dumps({} if tool.input is None else tool.input).decode()
    function = {"name": tool.name, "arguments": arguments}
    return {"id": tool.tool_use_id, "type": "function", "function": function}


def _choice(delta: Body, reason: str | None = None) -> Body:
    return {"index": 0, "delta": delta, "finish_reason": reason}


def _counted(usage: _Usage) -> Body:
    """Bedrock counts cached tokens beside the input; chat completions count them in it."""
    cached, written = usage.cache_read_input_tokens, usage.cache_write_input_tokens
    read = usage.input_tokens + cached + written
    details: Body = {"cached_tokens": cached}
    if written:
        details["cache_write_tokens"] = written
    if hour := sum(one.input_tokens for one in usage.cache_details if one.ttl == "1h"):
        details["cache_creation_token_details"] = {"ephemeral_1h_input_tokens": hour}
    return {
        "prompt_tokens": read,
        "completion_tokens": usage.output_tokens,
        "total_tokens": read + usage.output_tokens,
        "prompt_tokens_details": details,
    }
