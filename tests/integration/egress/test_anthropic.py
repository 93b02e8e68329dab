"""Anthropic's dialect through the door: the OpenAI dialect in, real wire bytes out, and back."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.core.errors import InvalidRequest, UpstreamFailed
from gateway.dialects.anthropic_messages.outbound_check import check
from gateway.egress.sse import EventReader
from tests.integration.egress.conftest import CANARY, HELLO, SECRET, Gate
from tests.support.anthropic_api import Manner, encoded

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
TEXT = "U zei: Hallo [PERSON_k7f3qz] 😀"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weer.opvragen",
        "description": "Weer voor [PERSON_k7f3qz]",
        "strict": True,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
AS_JSON = {"type": "json_schema", "json_schema": {"name": "weer", "schema": SCHEMA}}
WITHOUT_NATIVE_SCHEMAS = "claude-3-haiku-20240307"
# Five of the tokens were read from the provider's cache.
COUNTED = {
    "prompt_tokens": 30,
    "completion_tokens": 15,
    "total_tokens": 45,
    "prompt_tokens_details": {"cached_tokens": 5},
}


def joined(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """A stream as one message, by the rules that clients hold a stream to."""
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk)
    heads = {(c["id"], c["created"], c["model"], c["object"]) for c in chunks}
    assert len(heads) == 1
    *parts, last = chunks
    assert last["choices"] == []
    assert not any("usage" in part for part in parts)
    choices = [part["choices"][0] for part in parts]
    reasons = [choice["finish_reason"] for choice in choices]
    assert [reason for reason in reasons if reason] == reasons[-1:]
    deltas = [choice["delta"] for choice in choices]
    assert [delta["role"] for delta in deltas if "role" in delta] == ["assistant"]
    calls: list[dict[str, Any]] = []
    for call in (call for delta in deltas for call in delta.get("tool_calls", [])):
        if call["index"] == len(calls):
            calls.append({"id": call["id"], **call["function"]})
        else:
            assert set(call) == {"index", "function"}
            assert set(call["function"]) == {"arguments"}
            calls[call["index"]]["arguments"] += call["function"]["arguments"]
    texts = {
        name: "".join(delta.get(name, "") for delta in deltas)
        for name in ("content", "reasoning_content")
    }
    return {**texts, "calls": calls, "finish": reasons[-1], "usage": last["usage"]}


async def test_the_bytes_that_arrive_are_the_bytes_on_record(gate: Gate) -> None:
    departure = await gate.write(
        messages=[{"role": "system", "content": "Wees kort over [PERSON_k7f3qz]."}, *HELLO],
        max_completion_tokens=9,
        max_tokens=8,
        temperature=0.5,
        top_p=0.9,
        stop="EINDE",
        seed=7,
        n=1,
    )
    with await gate.egress.send(departure) as answered:
        await answered.whole()
    (received,) = gate.api.received
    assert received.body == departure.written.body
    assert hashlib.sha256(received.body).hexdigest() == departure.written.digest
    assert json.loads(received.body) == {
        "model": "claude-haiku-4-5",
        "system": [{"type": "text", "text": "Wees kort over [PERSON_k7f3qz]."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": HELLO[0]["content"]}]}],
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop_sequences": ["EINDE"],
    }
    assert received.headers["x-api-key"] == SECRET
    assert received.headers["anthropic-version"] == "2023-06-01"
    assert received.headers["content-type"] == "application/json"
    assert not {"authorization", "anthropic-beta"} & received.headers.keys()
    assert CANARY not in str(received)


async def test_a_whole_answer(gate: Gate) -> None:
    answer = await gate.whole()
    assert ChatCompletion.model_validate(answer).choices[0].message.content == TEXT
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["model"] == "claude-haiku-4-5"
    assert answer["usage"] == COUNTED
    assert json.loads(gate.api.received[0].body)["max_tokens"] == 1024


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 61, 1 << 20])
async def test_a_stream_in_pieces_over_the_wire(gate: Gate, piece: int) -> None:
    gate.api.manner = Manner(piece=piece)
    message = joined(await gate.chunks())
    assert (message["content"], message["finish"]) == (TEXT, "stop")
    assert message["usage"] == COUNTED


async def test_a_stream_cut_in_two_at_every_byte(gate: Gate) -> None:
    departure = await gate.write(stream=True, tools=[WEATHER])
    data = encoded(list(gate.api.events(json.loads(departure.written.body))))

    async def read(at: int) -> list[dict[str, Any]]:
        reader = EventReader()

        async def events() -> AsyncIterator[bytes]:
            for piece in (data[:at], data[at:]):
                for event in reader.feed(piece):
                    yield event

        return [chunk async for chunk in departure.parser.read_stream(events())]

    whole = joined(await read(0))
    for at in range(0, len(data), 7):  # 7 has no common divisor with what an event measures
        assert joined(await read(at)) == whole
    for at in range(len(data)):
        reader = EventReader()
        assert reader.feed(data[:at]) + reader.feed(data[at:]) == EventReader().feed(data)


@pytest.mark.parametrize("stream", [False, True])
async def test_tools_there_and_back(gate: Gate, *, stream: bool) -> None:
    asked: dict[str, Any] = {"tools": [WEATHER], "tool_choice": "required"}
    if stream:
        message = joined(await gate.chunks(**asked))
        text, calls, finish = message["content"], message["calls"], message["finish"]
    else:
        choice = (await gate.whole(**asked))["choices"][0]
        text, finish = choice["message"]["content"], choice["finish_reason"]
        calls = [{"id": c["id"], **c["function"]} for c in choice["message"]["tool_calls"]]
    assert (text, finish) == (TEXT, "tool_calls")
    assert [call["id"] for call in calls] == ["toolu_01A", "toolu_01B"]
    assert {call["name"] for call in calls} == {"weer.opvragen"}
    assert [json.loads(call["arguments"]) for call in calls] == [{"city": "Gent", "days": 2}, {}]
    sent = json.loads(gate.api.received[0].body)
    assert sent["tool_choice"] == {"type": "any"}
    assert sent["tools"][0]["description"] == "Weer voor [PERSON_k7f3qz]"


async def test_a_history_with_tool_results(gate: Gate) -> None:
    function = {"name": "weer.opvragen", "arguments": '{"city": "[CITY_abc234]"}'}
    call = {"id": "toolu_01A", "type": "function", "function": function}
    history = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "toolu_01A", "content": "Zon in [CITY_abc234]"},
    ]
    answer = await gate.whole(messages=history, tools=[WEATHER], reasoning_effort="high")
    assert answer["choices"][0]["message"]["content"] == "U zei: Zon in [CITY_abc234]"
    sent = json.loads(gate.api.received[0].body)
    assert "thinking" not in sent
    _, used, result = sent["messages"]
    assert used["content"][0] == {
        "type": "tool_use",
        "id": "toolu_01A",
        "name": sent["tools"][0]["name"],
        "input": {"city": "[CITY_abc234]"},
    }
    assert result["content"][0]["tool_use_id"] == "toolu_01A"


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_are_reasoning_content(gate: Gate, *, stream: bool) -> None:
    gate.api.manner = Manner(thoughts="Even denken.")
    if stream:
        message = joined(await gate.chunks(reasoning_effort="low"))
    else:
        message = (await gate.whole(reasoning_effort="low"))["choices"][0]["message"]
    assert message["reasoning_content"] == "Even denken."
    assert message["content"] == TEXT
    sent = json.loads(gate.api.received[0].body)
    assert sent["max_tokens"] > sent["thinking"]["budget_tokens"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_schema_where_the_model_knows_schemas(gate: Gate, *, stream: bool) -> None:
    await (gate.chunks if stream else gate.whole)(response_format=AS_JSON)
    (received,) = gate.api.received
    assert json.loads(received.body)["output_format"]["schema"] == SCHEMA
    assert received.headers["anthropic-beta"] == "structured-outputs-2025-11-13"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_schema_by_way_of_a_tool(gate: Gate, *, stream: bool) -> None:
    asked = {"response_format": AS_JSON}
    if stream:
        message = joined(await gate.chunks(WITHOUT_NATIVE_SCHEMAS, **asked))
        assert (message["calls"], message["finish"]) == ([], "stop")
    else:
        choice = (await gate.whole(WITHOUT_NATIVE_SCHEMAS, **asked))["choices"][0]
        message = choice["message"]
        assert ("tool_calls" in message, choice["finish_reason"]) == (False, "stop")
    assert message["content"].endswith(json.dumps({"city": "Gent", "days": 2}))


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"temperature": 1.5}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"functions": [{"name": "geheim"}]}, "functions"),
        ({"tools": [{"type": "custom", "custom": {"name": "geheim"}}]}, "tools"),
        ({"reasoning_effort": "geheim"}, None),
        ({"messages": [{"role": "geheim", "content": "x"}]}, None),
        ({"messages": []}, None),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages"),
    ],
)
async def test_what_has_no_form_is_refused(
    gate: Gate, body: dict[str, Any], param: str | None
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await gate.write(**body)
    assert refused.value.param == param
    assert "geheim" not in refused.value.message


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/geheim.png"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/geheim.png"}},
        {"type": "file", "file": {"file_id": "file_geheim"}},
    ],
)
async def test_nobody_fetches_anything(gate: Gate, part: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await gate.write(messages=[{"role": "user", "content": [part]}])
    assert "geheim" not in refused.value.message


async def test_what_would_be_kept_or_run_is_not_sent(gate: Gate) -> None:
    departure = await gate.write(
        user="u1",
        metadata={"user_id": "u1"},
        service_tier="auto",
        web_search_options={},
        cache_control={"type": "ephemeral"},
        context_management=[{"type": "compaction"}],
        mcp_servers=[{"url": "https://example.com"}],
        extra_headers={"x": "y"},
        speed="fast",
    )
    assert set(json.loads(departure.written.body)) == {"model", "messages", "max_tokens"}
    assert set(departure.written.headers) == {"anthropic-version"}


@pytest.mark.parametrize(
    "more",
    [
        {"mcp_servers": []},
        {"container": "c"},
        {"metadata": {}},
        {"stream": True},
        {"model": "other"},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"messages": [{"role": "user", "content": [{"type": "container_upload"}]}]},
    ],
)
async def test_what_the_translator_wrote_is_checked(more: dict[str, Any]) -> None:
    good = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}
    check(good, "m", stream=False)
    with pytest.raises((UpstreamFailed, InvalidRequest)):
        check({**good, **more}, "m", stream=False)


async def test_errors_of_the_provider(gate: Gate) -> None:
    for status in (401, 429, 500, 529):
        gate.api.manner = Manner(status=status, message="geheim")
        with pytest.raises(UpstreamFailed) as failed:
            await gate.whole()
        assert "geheim" not in failed.value.message
    gate.api.manner = Manner(status=400, message="prompt is too long: 210000 > 200000")
    with pytest.raises(InvalidRequest) as refused:
        await gate.whole()
    assert refused.value.code == "context_length_exceeded"


@pytest.mark.parametrize("ending", ["error", "short", "broken"])
async def test_a_stream_that_fails_never_ends_well(gate: Gate, ending: str) -> None:
    gate.api.manner = Manner(ending=ending, message="geheim")
    chunks = []
    departure = await gate.write(stream=True)
    answered = await gate.egress.send(departure)
    with answered, pytest.raises(UpstreamFailed) as failed:  # noqa: PT012 - somewhere in the loop
        async for chunk in answered.chunks():
            chunks.append(chunk)
    assert chunks
    assert not any(chunk["choices"][0]["finish_reason"] for chunk in chunks)
    assert failed.value.code == ("upstream_error" if ending == "error" else "upstream_disconnected")
    assert "geheim" not in failed.value.message


@pytest.mark.parametrize(
    "data", [b"[]", b"{", b"{}", b'{"type": "message"}', b'{"type": "error", "error": {}}']
)
async def test_nonsense_is_not_an_answer(gate: Gate, data: bytes) -> None:
    departure = await gate.write()

    async def events() -> AsyncIterator[bytes]:
        yield data

    with pytest.raises(UpstreamFailed):
        await departure.parser.read_answer(data)
    with pytest.raises(UpstreamFailed):
        [chunk async for chunk in departure.parser.read_stream(events())]
