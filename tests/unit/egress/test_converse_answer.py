"""Answers of Converse: whatever a provider sends is read, or is the provider's failure."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed
from gateway.egress.bedrock.converse_answer import ConverseParser
from tests.support.anywhere import Place, anything, changed, places

pytestmark = pytest.mark.unit
USE = {"toolUseId": "t", "name": "f", "input": {"a": 1}}
USAGE = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
WHOLE = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"text": "Dag"},
                {"reasoningContent": {"reasoningText": {"text": "hm"}}},
                {"toolUse": USE},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": USAGE,
}
STREAM: list[dict[str, Any]] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Dag"}}},
    {
        "contentBlockDelta": {
            "contentBlockIndex": 1,
            "delta": {"reasoningContent": {"text": "hm"}},
        }
    },
    {
        "contentBlockStart": {
            "contentBlockIndex": 2,
            "start": {"toolUse": {"toolUseId": "t", "name": "f"}},
        }
    },
    {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"a":1}'}}}},
    {"contentBlockStop": {"contentBlockIndex": 2}},
    {"messageStop": {"stopReason": "tool_use"}},
    {"metadata": {"usage": USAGE}},
]


def chunks(events: list[Any]) -> list[dict[str, Any]]:
    async def data() -> AsyncIterator[bytes]:
        for event in events:
            yield json.dumps(event).encode()

    async def all_of_them() -> list[dict[str, Any]]:
        return [chunk async for chunk in ConverseParser("m").read_stream(data())]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("a new one", "stop"),
    ],
)
def test_reasons(reason: str, said: str) -> None:
    data = json.dumps({**WHOLE, "stopReason": reason}).encode()
    answer = asyncio.run(ConverseParser("m").read_answer(data))
    assert answer["choices"][0]["finish_reason"] == said
    (stop,) = [chunk for chunk in chunks(_stopping(reason)) if _reason(chunk)]
    assert _reason(stop) == said


def _stopping(reason: str) -> list[dict[str, Any]]:
    return [*STREAM[:-2], {"messageStop": {"stopReason": reason}}, STREAM[-1]]


def _reason(chunk: dict[str, Any]) -> Any:
    return chunk["choices"][0]["finish_reason"] if chunk["choices"] else None


@given(st.sampled_from(list(places(WHOLE))), anything)
def test_an_answer_of_any_form(place: Place, value: Any) -> None:
    with contextlib.suppress(UpstreamFailed):
        data = json.dumps(changed(WHOLE, place, value)).encode()
        asyncio.run(ConverseParser("m").read_answer(data))


@given(st.sampled_from(list(places(STREAM))), anything)
def test_a_stream_of_any_form(place: Place, value: Any) -> None:
    with contextlib.suppress(UpstreamFailed):
        chunks(changed(STREAM, place, value))


def test_a_stream_that_ends_early_is_a_failure() -> None:
    for length in range(len(STREAM) - 2):
        with pytest.raises(UpstreamFailed):
            chunks(STREAM[:length])
