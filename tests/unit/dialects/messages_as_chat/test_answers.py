"""Chat completions as messages: in any pieces the same as whole."""

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
from gateway.egress.messages import ChatAnswerParser
from gateway.request.output_filter import OutputFilter
from tests.support.anywhere import Place, anything, changed, places
from tests.support.messages import DIALECT, released
from tests.support.messages_reader import message_of

pytestmark = pytest.mark.unit
NO_RULES = ContentRules("rules: []")
USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 4,
    "prompt_tokens_details": {"cached_tokens": 5},
}
COUNTED = {"input_tokens": 4, "cache_read_input_tokens": 5, "output_tokens": 4}
PARSER = ChatAnswerParser(OpenAIChat())


def completion(message: dict[str, Any], reason: Any = "stop", **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "message": message, "finish_reason": reason}]
    return {"id": "c", "object": "chat.completion", "model": "m", "choices": choices, **more}


def whole(answer: Any) -> dict[str, Any]:
    read = asyncio.run(PARSER.read_answer(json.dumps(answer).encode()))
    return DIALECT.walker(OutputFilter(NO_RULES, None)).whole(read)


class _Data:
    """Events of a chat completion, which end with a word that is no JSON."""

    def __init__(self, *chunks: Any, done: bool = True) -> None:
        self._chunks = chunks
        self._done = done

    async def read_answer(self, data: bytes) -> dict[str, Any]:
        raise NotImplementedError

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
        async def data() -> AsyncIterator[bytes]:
            for chunk in self._chunks:
                yield json.dumps(chunk).encode()
            if self._done:
                yield b"[DONE]"

        async for event in PARSER.read_stream(data()):
            yield event


def streamed(*chunks: Any, done: bool = True) -> dict[str, Any]:
    events = released(OutputFilter(NO_RULES, None), [], _Data(*chunks, done=done))
    return message_of(events)


def chunk(delta: dict[str, Any] | None, reason: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return {"id": "c", "model": "m", "choices": choices, **more}


def call(index: int, arguments: str, **begun: str) -> dict[str, Any]:
    named = {"name": begun["name"]} if "name" in begun else {}
    first = {"id": begun["id"], "type": "function"} if "id" in begun else {}
    return {"index": index, **first, "function": {**named, "arguments": arguments}}


def test_a_text() -> None:
    made = whole(completion({"role": "assistant", "content": "Dag"}, usage=USAGE))
    assert made == {
        "id": "msg_c",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Dag"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": COUNTED,
    }
    pieces = [chunk({"role": "assistant", "content": ""}), chunk({"content": "Da"})]
    rest = [chunk({"content": "g"}), chunk({}, "stop"), chunk(None, usage=USAGE)]
    assert streamed(*pieces, *rest) == {**made, "usage": {**made["usage"]}}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), max_size=20))
def test_calls_in_any_pieces_and_order_give_the_same_as_the_whole(
    order: list[tuple[int, int]],
) -> None:
    sources = ['{"q":"é","n":[1,{"a":null}]}', "{}", '{"city":"Gent"}']
    calls = [
        {"id": f"t{i}", "type": "function", "function": {"name": f"f{i}", "arguments": source}}
        for i, source in enumerate(sources)
    ]
    message = {"role": "assistant", "content": "Ik zoek.", "tool_calls": calls}
    waiting = [list(source) for source in sources]
    chunks = [chunk({"content": "Ik "}), chunk({"content": "zoek."})]
    begun: list[int] = []
    for wanted, size in [*order, (0, 99), (1, 99), (2, 99)]:
        index = min(wanted, len(begun))
        piece, waiting[index] = "".join(waiting[index][:size]), waiting[index][size:]
        if index in begun:
            chunks.append(chunk({"tool_calls": [call(index, piece)]}))
        else:
            begun.append(index)
            chunks.append(
                chunk({"tool_calls": [call(index, piece, id=f"t{index}", name=f"f{index}")]})
            )
    chunks += [chunk({}, "tool_calls"), chunk(None, usage=USAGE)]
    assert streamed(*chunks) == whole(completion(message, "tool_calls", usage=USAGE))


@pytest.mark.parametrize(
    ("reason", "stop_reason"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "refusal"),
        ("something", "end_turn"),
    ],
)
def test_reasons(reason: str, stop_reason: str) -> None:
    assert whole(completion({"content": "x"}, reason))["stop_reason"] == stop_reason
    assert streamed(chunk({"content": "x"}), chunk({}, reason))["stop_reason"] == stop_reason


def test_a_server_that_says_stop_of_a_call() -> None:
    calls = [{"type": "function", "function": {"name": "f", "arguments": ""}}]
    made = whole(completion({"content": None, "tool_calls": calls}))
    assert made["stop_reason"] == "tool_use"
    assert made["content"] == [{"type": "tool_use", "id": "toolu_00000", "name": "f", "input": {}}]
    again = streamed(chunk({"tool_calls": [{"function": {"name": "f"}}]}), chunk({}, "stop"))
    assert again["content"] == made["content"]


def test_a_refusal_of_the_model() -> None:
    made = whole(completion({"content": None, "refusal": "Nee."}))
    assert (made["stop_reason"], made["content"][0]["text"]) == ("refusal", "Nee.")
    again = streamed(chunk({"refusal": "Nee."}), chunk({}, "stop"))
    assert (again["stop_reason"], again["content"]) == ("refusal", made["content"])


def test_reasoning_is_left_out() -> None:
    made = whole(completion({"content": "x", "reasoning_content": "hm"}))
    assert made["content"] == [{"type": "text", "text": "x"}]
    again = streamed(chunk({"reasoning_content": "hm"}), chunk({"content": "x"}), chunk({}, "stop"))
    assert again["content"] == made["content"]


@pytest.mark.parametrize("arguments", ["{", "[]", "7", '"x"'])
def test_arguments_that_are_no_object_are_the_providers_failure(arguments: str) -> None:
    calls = [{"id": "t", "type": "function", "function": {"name": "f", "arguments": arguments}}]
    with pytest.raises(UpstreamFailed):
        whole(completion({"content": None, "tool_calls": calls}, "tool_calls"))


def test_an_answer_that_does_not_say_why_it_ended_is_the_providers_failure() -> None:
    with pytest.raises(UpstreamFailed):
        whole(completion({"content": "x"}, None))
    with pytest.raises(UpstreamFailed):
        streamed(chunk({"content": "x"}))
    with pytest.raises(UpstreamFailed):
        streamed(chunk({"content": "x"}), chunk({}, "stop"), done=False)


FULL = completion(
    {
        "role": "assistant",
        "content": "Dag",
        "tool_calls": [
            {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ],
    },
    usage=USAGE,
)
CHUNK = chunk({"content": "Dag", "tool_calls": [call(0, "{}", id="t", name="f")]}, "stop")


@given(st.sampled_from(list(places(FULL))), anything)
def test_a_completion_of_any_form(place: Place, value: Any) -> None:
    try:
        whole(changed(FULL, place, value))
    except UpstreamFailed:
        return


@given(st.sampled_from(list(places(CHUNK))), anything)
def test_a_chunk_of_any_form(place: Place, value: Any) -> None:
    try:
        streamed(changed(CHUNK, place, value), chunk({}, "stop"))
    except (UpstreamFailed, json.JSONDecodeError):  # the caller reads the arguments of a call
        return
