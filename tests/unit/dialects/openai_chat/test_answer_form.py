"""An answer of any form: every text of it was inspected, or it is the failure of the provider."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed
from gateway.decisions import ContentRules
from gateway.dialects.openai_chat import OpenAIChat
from tests.support.anywhere import Place, anything, changed, places
from tests.support.streams import FilteredAnswer

pytestmark = pytest.mark.unit
NO_RULES = ContentRules("rules: []")
SAID = {
    "role": "assistant",
    "content": "Dag",
    "refusal": None,
    "reasoning_content": "so",
    "annotations": [],
    "tool_calls": [
        {"index": 0, "id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "u", "type": "custom", "custom": {"name": "g", "input": "x"}},
    ],
    "function_call": {"name": "f", "arguments": "{}"},
}
WHOLE = {
    "id": "c",
    "choices": [{"index": 0, "message": SAID, "finish_reason": "stop"}],
    "model": "m",
}
CHUNK = {"id": "c", "choices": [{"index": 0, "delta": SAID, "finish_reason": None}], "model": "m"}


def data(answer: Any) -> bytes:
    return json.dumps(answer).encode()


async def events(*answers: bytes) -> AsyncIterator[bytes]:
    for answer in (*answers, b"[DONE]"):
        yield answer


async def whole(answer: bytes) -> dict[str, Any] | None:
    try:
        return FilteredAnswer(NO_RULES, None).whole(await OpenAIChat().read_answer(answer))
    except UpstreamFailed:
        return None


async def streamed(*chunks: bytes) -> list[dict[str, Any]] | None:
    inspector = FilteredAnswer(NO_RULES, None)
    clean: list[dict[str, Any]] = []
    try:
        async for chunk in OpenAIChat().read_stream(events(*chunks)):
            clean += inspector.chunk(chunk)
    except UpstreamFailed:
        return None
    return clean + list(inspector.finish())


@given(st.sampled_from(list(places(WHOLE))), anything)
def test_a_whole_answer_of_any_form(place: Place, value: Any) -> None:
    said = asyncio.run(whole(data(changed(WHOLE, place, value))))
    assert said is None or said["choices"]


@given(st.sampled_from(list(places(CHUNK))), anything)
def test_a_chunk_of_any_form(place: Place, value: Any) -> None:
    said = asyncio.run(streamed(data(CHUNK), data(changed(CHUNK, place, value))))
    assert said is None or all(chunk["choices"] for chunk in said)


@pytest.mark.parametrize("value", [["Dag"], [{"type": "text", "text": "Dag"}], {"text": "Dag"}, 7])
@pytest.mark.parametrize(
    "place",
    [
        ("content",),
        ("reasoning_content",),
        ("tool_calls", 0, "function", "arguments"),
        ("tool_calls", 1, "custom", "input"),
        ("function_call", "arguments"),
    ],
)
async def test_text_in_a_form_that_is_not_inspected_is_no_answer(place: Place, value: Any) -> None:
    assert await whole(data(changed(WHOLE, ("choices", 0, "message", *place), value))) is None
    assert await streamed(data(changed(CHUNK, ("choices", 0, "delta", *place), value))) is None


@pytest.mark.parametrize("extra", [{"error": None}, {"detail": None}, {"usage": None}, {"x": [1]}])
async def test_what_an_answer_has_besides_does_not_matter(extra: dict[str, Any]) -> None:
    assert await whole(data({**WHOLE, **extra}))
    assert await streamed(data({**CHUNK, **extra}))


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b"null", b'{"error": {}}', b'{"choices": []}'])
async def test_what_is_no_answer_is_the_providers_failure(bad: bytes) -> None:
    assert await whole(bad) is None
