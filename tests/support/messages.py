"""Answers of the Messages dialect: through the output filter, whole and in pieces."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from gateway.core.usage import Usage
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import ResponseParser
from gateway.request.output_filter import OutputFilter

Event = dict[str, Any]
USAGE = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5}
DIALECT = AnthropicMessages()


def message(*content: Event, reason: str = "end_turn") -> Event:
    """A message of a provider."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": list(content),
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": USAGE,
    }


def events(answer: Event, cut: Callable[[str], list[str]]) -> Iterator[Event]:
    """The message as a provider streams it; ``cut`` makes the pieces of each text."""
    opening: Event = {"content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    yield {"type": "message_start", "message": {**answer, **opening}}
    for index, block in enumerate(answer["content"]):
        empty, deltas = _parts(block, cut)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "ping"}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": answer["stop_reason"], "stop_sequence": answer["stop_sequence"]}
    yield {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 5}}
    yield {"type": "message_stop"}


def governed(filter_: OutputFilter, answer: Event) -> Event:
    """What a caller gets of a whole message."""
    return DIALECT.walker(filter_).whole(copy.deepcopy(answer))


def released(
    filter_: OutputFilter, given: Iterable[Event], parser: ResponseParser = DIALECT
) -> list[Event]:
    """What a caller gets of a stream, with its last event; as the pipeline goes about it.

    Raises:
        UpstreamFailed: when the stream is no good one.
    """
    return asyncio.run(_released(filter_, given, parser))


async def _released(
    filter_: OutputFilter, given: Iterable[Event], parser: ResponseParser
) -> list[Event]:
    walker, clean = DIALECT.walker(filter_), list[Event]()
    async for event in parser.read_stream(_encoded(given)):
        clean += walker.chunk(event)
        if filter_.blocked:
            break
    clean += walker.end(Usage(1, 2, estimated=True))
    return [*clean, {"type": "message_stop"}]


async def _encoded(given: Iterable[Event]) -> AsyncIterator[bytes]:
    for event in given:
        yield json.dumps(event).encode()


def _parts(block: Event, cut: Callable[[str], list[str]]) -> tuple[Event, list[Event]]:
    match block["type"]:
        case "text":
            deltas = [{"type": "text_delta", "text": piece} for piece in cut(block["text"])]
            return {"type": "text", "text": ""}, deltas
        case "thinking":
            pieces = cut(block["thinking"])
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces]
            signature = {"type": "signature_delta", "signature": block["signature"]}
            return {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signature]
        case "tool_use":
            source = json.dumps(block["input"]) if block["input"] else ""
            deltas = [
                {"type": "input_json_delta", "partial_json": piece} for piece in ["", *cut(source)]
            ]
            return {**block, "input": {}}, deltas
        case _:
            return block, []
