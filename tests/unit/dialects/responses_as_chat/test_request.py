"""Responses requests as chat completion requests."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.text.strict_json import parse
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.dialects.responses_as_chat import chat_request
from gateway.governance.policies.bundle import check, read_bundle
from tests.support.anywhere import Place, anything, changed, places
from tests.support.field_texts import EachText

pytestmark = pytest.mark.unit
POLICY = check(read_bundle())
RESPONSES, CHAT = POLICY.fields["responses"], POLICY.fields["chat_completions"]
PNG = "data:image/png;base64,iVBOR"
PDF = "data:application/pdf;base64,JVBE"
SCHEMA = {"type": "object"}
FULL: dict[str, Any] = {
    "model": "gpt",
    "stream": True,
    "instructions": "Wees kort.",
    "max_output_tokens": 100,
    "temperature": 0.5,
    "top_p": 0.9,
    "parallel_tool_calls": False,
    "input": [
        {"role": "developer", "content": "Wees juist."},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "?"},
                {"type": "input_image", "image_url": PNG},
                {"type": "input_file", "filename": "brief.pdf", "file_data": PDF},
            ],
        },
        {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "c2ln"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Ik zoek.", "annotations": []}],
        },
        {"type": "function_call", "call_id": "a", "name": "find", "arguments": '{"q":"é"}'},
        {"type": "function_call", "call_id": "b", "name": "f", "namespace": "n", "arguments": ""},
        {"type": "custom_tool_call", "call_id": "c", "name": "shell", "input": "ls"},
        {"type": "function_call_output", "call_id": "a", "output": "gevonden"},
        {
            "type": "function_call_output",
            "call_id": "b",
            "output": [{"type": "input_text", "text": "zie"}],
        },
        {"type": "custom_tool_call_output", "call_id": "c", "output": "x.py"},
    ],
    "tools": [
        {"type": "function", "name": "find", "parameters": SCHEMA, "strict": True},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "f"}]},
        {"type": "custom", "name": "shell", "description": "Voert uit."},
    ],
    "tool_choice": {"type": "function", "name": "f", "namespace": "n"},
    "text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}},
}


def _call(id_: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _tool(name: str, description: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description, **more}}


def test_a_whole_request() -> None:
    sent, names = chat_request(FULL)
    shell = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    assert sent == {
        "model": "gpt",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "parallel_tool_calls": False,
        "messages": [
            {"role": "system", "content": "Wees kort."},
            {"role": "system", "content": "Wees juist."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "?"},
                    {"type": "image_url", "image_url": {"url": PNG, "detail": "auto"}},
                    {"type": "file", "file": {"filename": "brief.pdf", "file_data": PDF}},
                ],
            },
            {
                "role": "assistant",
                "content": "Ik zoek.",
                "tool_calls": [
                    _call("a", "find", '{"q":"é"}'),
                    _call("b", "n__f", "{}"),
                    _call("c", "shell", '{"input":"ls"}'),
                ],
            },
            {"role": "tool", "tool_call_id": "a", "content": "gevonden"},
            {"role": "tool", "tool_call_id": "b", "content": "zie"},
            {"role": "tool", "tool_call_id": "c", "content": "x.py"},
        ],
        "tools": [
            _tool("find", parameters=SCHEMA, strict=True),
            _tool("n__f"),
            _tool("shell", "Voert uit.", parameters=shell),
        ],
        "tool_choice": {"type": "function", "function": {"name": "n__f"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": SCHEMA},
        },
    }
    assert names.custom == {"shell"}
    assert names.spaces == {"n__f": ("n", "f")}


@pytest.mark.parametrize("choice", ["auto", "required", "none"])
def test_choices_of_tools(choice: str) -> None:
    sent, _ = chat_request({**FULL, "tool_choice": choice})
    assert sent["tool_choice"] == choice
    without_tools, _ = chat_request({**FULL, "tools": [], "tool_choice": choice})
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & without_tools.keys()


def test_a_list_of_allowed_tools_leaves_out_the_others() -> None:
    allowed = [{"type": "custom", "name": "shell"}, {"type": "function", "name": "find"}]
    choice = {"type": "allowed_tools", "mode": "required", "tools": allowed}
    sent, _ = chat_request({**FULL, "tool_choice": choice})
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["find", "shell"]
    assert sent["tool_choice"] == "required"


@given(st.sampled_from(list(places(FULL))), anything)
def test_every_clean_request_has_a_form(place: Place, value: Any) -> None:
    """What the field table lets pass is converted, the same every time."""
    dialect = OpenAIResponses()
    try:
        given_ = parse(json.dumps(changed(FULL, place, value)).encode())
        body, _ = RESPONSES.read(given_, EachText())
        dialect.facts(body)
    except InvalidRequest:
        return
    dialect.conversation(body)
    sent, _ = chat_request(body)
    assert orjson.dumps(sent) == orjson.dumps(chat_request(body)[0])
    assert dialect.write(body, "m")


def test_what_comes_out_passes_the_table_of_the_other_dialect() -> None:
    sent, _ = chat_request(RESPONSES.read(FULL, EachText())[0])
    read, walk = CHAT.read(sent, EachText())
    assert walk.dropped == []
    assert read == sent
