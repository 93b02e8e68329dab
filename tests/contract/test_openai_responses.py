"""Responses with the official openai client, to a provider that has them and over chat."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.responses_api import SEALED
from tests.support.responses_reader import events_of

pytestmark = pytest.mark.contract
PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333."
TOOL = {
    "type": "function",
    "name": "search",
    "description": "Searches.",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}}},
    "strict": False,
}
CUSTOM = {"type": "custom", "name": "shell", "description": "Runs."}
SPACE = {"type": "namespace", "name": "files", "description": "Files.", "tools": [TOOL]}
# An alias over a provider with Responses, and the internal one, whose kind has chat only.
MODELS = ["outside", "house-chat"]


@pytest.fixture
def client(sluis: Installation) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{sluis.url}/v1", api_key=APP_KEY, max_retries=0) as made:
        yield made


def post(sluis: Installation, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(
        f"{sluis.url}/v1/responses",
        json=body,
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=30,
    )


@pytest.mark.parametrize("model", MODELS)
def test_whole_answers(client: openai.OpenAI, model: str) -> None:
    answer = client.responses.create(model=model, input=PERSONAL)
    assert answer.output_text == "Echo: " + PERSONAL
    assert answer.status == "completed"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 18


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("in_output", [False, True])
def test_the_text_of_a_file_takes_its_place(
    sluis: Installation, eu: OpenAIApi, model: str, *, in_output: bool
) -> None:
    data = "data:text/plain;base64," + base64.b64encode(PERSONAL.encode()).decode()
    parts = [{"type": "input_file", "filename": "brief.txt", "file_data": data}]
    item: dict[str, Any] = {"role": "user", "content": parts}
    if in_output:
        item = {"type": "function_call_output", "call_id": "call_1", "output": parts}
    answer = post(sluis, {"model": model, "input": [item]})
    assert answer.status_code == 200, answer.text
    assert f"Document: brief.txt\n\n{PERSONAL}" in answer.json()["output"][0]["content"][0]["text"]
    assert "file_data" in answer.headers["x-sluis-dropped"]
    if model == "outside":
        assert b"Jan de Vries" not in eu.bodies[-1]
        assert data.encode() not in eu.bodies[-1]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("choice", "dropped"),
    [
        ({"type": "web_search_preview"}, "tool_choice.web_search_preview"),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}, TOOL]},
            "tool_choice.tools[0].mcp",
        ),
    ],
)
def test_the_choice_of_a_hosted_tool_is_left_out_and_named(
    sluis: Installation, model: str, choice: dict[str, Any], dropped: str
) -> None:
    body = {"model": model, "input": "Zoek.", "tools": [TOOL], "tool_choice": choice}
    answer = post(sluis, body)
    assert answer.status_code == 200, answer.text
    assert dropped in answer.headers["x-sluis-dropped"]


@pytest.mark.parametrize("model", MODELS)
def test_streams_restore_across_events(client: openai.OpenAI, model: str) -> None:
    with client.responses.stream(model=model, input=PERSONAL) as stream:
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(pieces) == final.output_text == "Echo: " + PERSONAL


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("tool", [TOOL, CUSTOM, SPACE], ids=["function", "custom", "namespace"])
def test_tool_calls_restore_their_arguments(
    sluis: Installation, model: str, tool: dict[str, Any], *, stream: bool
) -> None:
    body = {
        "model": model,
        "input": [{"role": "user", "content": PERSONAL}],
        "tools": [tool],
        "stream": stream,
    }
    answer = post(sluis, body)
    assert answer.status_code == 200, answer.text
    response = events_of(answer.text)[-1]["response"] if stream else answer.json()
    (call,) = response["output"]
    if tool is CUSTOM:
        assert (call["type"], call["name"]) == ("custom_tool_call", "shell")
        assert PERSONAL in call["input"]
    else:
        assert (call["type"], call["name"]) == ("function_call", "search")
        assert json.loads(call["arguments"]) == {"query": PERSONAL}
        assert call.get("namespace") == ("files" if tool is SPACE else None)


@pytest.mark.parametrize("wish", [{}, {"store": None}, {"store": True}, {"store": False}])
def test_the_provider_is_told_to_store_nothing(
    sluis: Installation, eu: OpenAIApi, wish: dict[str, Any]
) -> None:
    assert post(sluis, {"model": "outside", "input": "Hallo.", **wish}).status_code == 200
    assert eu.last()["store"] is False


def test_personal_data_does_not_leave_in_any_field(sluis: Installation, eu: OpenAIApi) -> None:
    body = {
        "model": "outside",
        "instructions": f"Help. {PERSONAL}",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "function_call", "call_id": "c|1", "name": "search", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c|1", "output": PERSONAL},
            {"role": "user", "content": PERSONAL},
        ],
        "tools": [TOOL | {"description": PERSONAL}, {"type": "web_search"}],
        "client_metadata": {"workspace": "/home/jan"},
        "store": True,
    }
    answer = post(sluis, body)
    assert answer.status_code == 200, answer.text
    left = eu.bodies[-1].decode()
    assert "Vries" not in left
    assert "111222333" not in left
    assert "workspace" not in left
    sent = eu.last()
    assert sent["store"] is False
    assert [tool["type"] for tool in sent["tools"]] == ["function"]
    dropped = answer.headers["x-sluis-dropped"]
    assert "tools[1].web_search" in dropped
    assert "client_metadata" in dropped


def test_encrypted_reasoning_returns_to_its_issuer_alone(
    sluis: Installation, eu: OpenAIApi
) -> None:
    asked = {"role": "user", "content": PERSONAL}
    body = {
        "model": "outside",
        "input": [asked],
        "include": ["reasoning.encrypted_content"],
    }
    first = post(sluis, body).json()
    reasoning, message = first["output"]
    assert reasoning["encrypted_content"] == SEALED
    assert reasoning["summary"][0]["text"] == "About: " + PERSONAL
    turn = {"role": "user", "content": "And now?"}
    foreign = {**reasoning, "encrypted_content": "gAAAAABof-somebody-else"}
    again = post(sluis, {**body, "input": [asked, reasoning, foreign, message, turn]})
    assert again.status_code == 200, again.text
    sent = [item for item in eu.last()["input"] if item.get("type") == "reasoning"]
    assert [item["encrypted_content"] for item in sent] == [SEALED]
    assert "Vries" not in eu.bodies[-1].decode()
    assert "input[2]" in again.headers["x-sluis-dropped"]


@pytest.mark.parametrize("wish", ["cut", "no end", "failed"])
def test_a_failure_in_mid_stream_is_a_failed_response(sluis: Installation, wish: str) -> None:
    answer = post(sluis, {"model": "outside", "input": f"example: {wish};", "stream": True})
    last = events_of(answer.text)[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"]["code"] in {"upstream_disconnected", "upstream_error"}
    assert "secret" not in answer.text


def test_what_is_cut_by_length_is_incomplete(client: openai.OpenAI) -> None:
    answer = client.responses.create(model="outside", input="example: length;")
    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"api_base": "http://evil.example"}, "api_base"),
        ({"input": []}, "input"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].item_reference"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"tools": [{"type": "function"}], "tool_choice": "any"}, "tool_choice"),
    ],
)
def test_what_may_not_be_is_refused_in_the_shape_of_openai(
    sluis: Installation, eu: OpenAIApi, fields: dict[str, Any], param: str
) -> None:
    before = len(eu.bodies)
    answer = post(sluis, {"model": "outside", "input": "Hello", **fields})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"].startswith(param.split("[", maxsplit=1)[0])
    assert ("refers to" in error["message"]) is ("store: false" in error["message"])
    assert len(eu.bodies) == before


def test_the_intent_and_the_close_are_on_record(sluis: Installation) -> None:
    answer = post(sluis, {"model": "outside", "input": PERSONAL, "stream": True})
    intent, close = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["surface"], intent["level"]) == ("responses", "confidential")
    assert close["outcome"] == "ok"
    assert (close["input_tokens"], close["output_tokens"]) == (11, 7)
