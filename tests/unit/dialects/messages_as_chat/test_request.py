"""Messages requests as chat completion requests."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.text.strict_json import parse
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.messages_as_chat import chat_request
from gateway.governance.policies.bundle import check, read_bundle
from tests.support.anywhere import Place, anything, changed, places
from tests.support.field_texts import EachText

pytestmark = pytest.mark.unit
POLICY = check(read_bundle())
MESSAGES, CHAT = POLICY.fields["messages"], POLICY.fields["chat_completions"]
CACHE = {"type": "ephemeral"}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBOR"}
IMAGE = {"type": "image", "source": PNG}
SCHEMA = {"type": "object"}
FULL: dict[str, Any] = {
    "model": "claude",
    "max_tokens": 100,
    "stream": True,
    "system": [
        {"type": "text", "text": "Wees kort.", "cache_control": CACHE},
        {"type": "text", "text": "Wees juist."},
    ],
    "messages": [
        {
            "role": "user",
            "content": [{"type": "image", "source": PNG}, {"type": "text", "text": "?"}],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "Ik zoek."},
                {"type": "tool_use", "id": "a", "name": "find", "input": {"q": "é", "n": 1}},
                {"type": "tool_use", "id": "b", "name": "find", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "gevonden"},
                {
                    "type": "tool_result",
                    "tool_use_id": "b",
                    "content": [{"type": "text", "text": "zie"}, IMAGE],
                },
                {"type": "text", "text": "Ga door."},
            ],
        },
    ],
    "tools": [
        {
            "name": "find",
            "description": "Zoekt.",
            "input_schema": {"type": "object"},
            "strict": True,
        }
    ],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
    "stop_sequences": ["STOP"],
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 7,
    "thinking": {"type": "adaptive"},
    "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
}
URL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBOR"}}


def test_a_whole_request() -> None:
    function = {"name": "find", "description": "Zoekt.", "parameters": {"type": "object"}}
    form = {"name": "answer", "schema": {"type": "object"}, "strict": True}
    assert chat_request(FULL) == {
        "model": "claude",
        "max_tokens": 100,
        "stream": True,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["STOP"],
        "messages": [
            {"role": "system", "content": "Wees kort.\n\nWees juist."},
            {"role": "user", "content": [URL, {"type": "text", "text": "?"}]},
            {
                "role": "assistant",
                "content": "Ik zoek.",
                "tool_calls": [
                    _call("a", '{"q":"é","n":1}'),
                    _call("b", "{}"),
                ],
            },
            {"role": "tool", "tool_call_id": "a", "content": "gevonden"},
            {"role": "tool", "tool_call_id": "b", "content": "zie"},
            {"role": "user", "content": [URL, {"type": "text", "text": "Ga door."}]},
        ],
        "tools": [{"type": "function", "function": {**function, "strict": True}}],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "response_format": {"type": "json_schema", "json_schema": form},
    }


def _call(id_: str, arguments: str) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": "find", "arguments": arguments}}


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"type": "tool", "name": "find"}, {"type": "function", "function": {"name": "find"}}),
    ],
)
def test_choices_of_tools(choice: dict[str, Any], sent: Any) -> None:
    assert chat_request({**FULL, "tool_choice": choice})["tool_choice"] == sent
    without_tools = chat_request({**FULL, "tools": [], "tool_choice": choice})
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & without_tools.keys()


def turn(*blocks: dict[str, Any]) -> Any:
    body = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": list(blocks)}]}
    return chat_request(body)["messages"]


def test_texts_of_one_turn_are_one_string() -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert turn(*blocks) == [{"role": "user", "content": "a\n\nb"}]


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ({"type": "text", "media_type": "text/plain", "data": "Dag"}, "Document: brief\n\nDag"),
        ({"type": "content", "content": "Dag"}, "Document: brief\n\nDag"),
        (
            {"type": "content", "content": [{"type": "text", "text": "Dag"}]},
            "Document: brief\n\nDag",
        ),
        (
            {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
            {
                "type": "file",
                "file": {"filename": "brief", "file_data": "data:application/pdf;base64,JVBE"},
            },
        ),
        ({"type": "url", "url": "https://x"}, {"type": "file", "file": {"file_url": "https://x"}}),
        ({"type": "file", "file_id": "f"}, {"type": "file", "file": {"file_id": "f"}}),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_documents(source: dict[str, Any], content: Any) -> None:
    (message,) = turn({"type": "document", "title": "brief", "source": source})
    said = message["content"]
    assert (said if isinstance(said, str) else said[1]) == content


def test_search_results_are_text() -> None:
    found = {"type": "text", "text": "gevonden"}
    block = {"type": "search_result", "title": "T", "source": "S", "content": [found]}
    assert turn(block) == [{"role": "user", "content": "T\nS\ngevonden"}]


def test_a_turn_of_thinking_alone_is_left_out() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": [thinking]}]
    sent = chat_request({"model": "m", "max_tokens": 1, "messages": messages})
    assert sent["messages"] == [{"role": "user", "content": "a"}]


@given(st.sampled_from(list(places(FULL))), anything)
def test_every_clean_request_has_a_form(place: Place, value: Any) -> None:
    """What the field table lets pass is converted, and the other table knows all that comes out."""
    try:
        body, _ = MESSAGES.read(parse(json.dumps(changed(FULL, place, value)).encode()), EachText())
        AnthropicMessages().facts(body)
    except InvalidRequest:
        return
    sent = chat_request(body)
    assert orjson.dumps(sent) == orjson.dumps(chat_request(body))
    assert AnthropicMessages().write(body, "m")
    if sent["messages"]:
        json.dumps(sent)


def test_what_comes_out_passes_the_table_of_the_other_dialect() -> None:
    sent = chat_request(MESSAGES.read(FULL, EachText())[0])
    read, walk = CHAT.read(sent, EachText())
    assert walk.dropped == []
    assert {name: read[name] for name in sent if name != "messages"} == {
        name: value for name, value in sent.items() if name != "messages"
    }
