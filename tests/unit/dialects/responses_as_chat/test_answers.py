"""Chat completions as responses: the counts, and answers of any form."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed
from gateway.decisions import ContentRules
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.dialects.responses_as_chat import ChatAsResponse, chat_request
from gateway.request.output_filter import OutputFilter
from tests.support.anywhere import Place, anything, changed, places

pytestmark = pytest.mark.unit
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 5,
    "total_tokens": 14,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
WHOLE = {
    "id": "c",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Dag", "tool_calls": [CALL]},
            "finish_reason": "tool_calls",
        }
    ],
    "usage": USAGE,
}
STREAM: list[dict[str, Any]] = [
    {"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Da"}}]},
    {"id": "c", "choices": [{"index": 0, "delta": {"content": "g"}}]},
    {"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, **CALL}]}}]},
    {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    {"id": "c", "choices": [], "usage": USAGE},
]
_, NAMES = chat_request({"model": "m", "input": "x", "tools": [{"type": "function", "name": "f"}]})
_RULES = ContentRules("version: 1\nrules: []")


def read(answer: Any) -> dict[str, Any]:
    parser = ChatAsResponse(OpenAIChat(), NAMES)
    return asyncio.run(parser.read_answer(json.dumps(answer).encode()))


def events(chunks: list[Any]) -> list[dict[str, Any]]:
    async def data() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield json.dumps(chunk).encode()
        yield b"[DONE]"

    async def all_of_them() -> list[dict[str, Any]]:
        parser = ChatAsResponse(OpenAIChat(), NAMES)
        return [event async for event in parser.read_stream(data())]

    return asyncio.run(all_of_them())


def test_whole_and_streamed_are_the_same_response() -> None:
    whole, last = read(WHOLE), events(STREAM)[-1]
    assert last == {"type": "response.completed", "response": whole}
    assert [item["type"] for item in whole["output"]] == ["message", "function_call"]
    assert whole["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 14,
    }


@given(st.sampled_from(list(places(WHOLE))), anything)
def test_an_answer_of_any_form_is_read_or_the_providers_failure(place: Place, value: Any) -> None:
    with contextlib.suppress(UpstreamFailed):
        walker = OpenAIResponses().walker(OutputFilter(_RULES, None))
        walker.whole(read(changed(WHOLE, place, value)))


@given(st.sampled_from(list(places(STREAM))), anything)
def test_a_stream_of_any_form_is_read_or_the_providers_failure(place: Place, value: Any) -> None:
    dialect = OpenAIResponses()
    walker = dialect.walker(OutputFilter(_RULES, None))
    with contextlib.suppress(UpstreamFailed):
        for event in events(changed(STREAM, place, value)):
            dialect.usage(event)
            list(walker.chunk(event))
        list(walker.end(None))
        walker.last_frame(None)
