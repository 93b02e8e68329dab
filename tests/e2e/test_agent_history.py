"""The history of an agent through a real gateway: what a provider in the EU gets of it."""

import json

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import SIGNATURE, OpenAIApi

pytestmark = pytest.mark.e2e
ARGUMENTS = (
    '{"klant": {"bsn": 111222333, "naam": "Jan de Vries"}, "n": 1.10, "big": 123456789012345678901}'
)
PARAMETERS = {
    "type": "object",
    "properties": {"bsn": {"type": "integer", "default": 111222333}},
    "required": ["bsn"],
}
BODY = {
    "model": "outside",
    "messages": [
        {"role": "user", "content": "Zoek de klant op, geboren op 03-02-1980."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "jan@hotmail.nl|1",
                    "type": "function",
                    "function": {"name": "find_customer", "arguments": ARGUMENTS},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "jan@hotmail.nl|1", "content": "record 19800203"},
        {"role": "user", "content": "open /klant/111222333/jan-de-vries"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "find_customer",
                "description": "Zoekt een klant, zoals Jan de Vries.",
                "parameters": PARAMETERS,
            },
        }
    ],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "auto",
            "tools": [{"type": "function", "function": {"name": "find_customer"}}],
        },
    },
    "seed": 111222333,
}


def test_nothing_personal_leaves_and_the_answer_is_whole(
    sluis: Installation, eu: OpenAIApi
) -> None:
    answer = httpx.post(
        f"{sluis.url}/v1/chat/completions",
        json=BODY,
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert answer.headers["x-sluis-zone"] == "eu"
    sent = eu.bodies[-1].decode()
    for value in ("111222333", "Vries", "vries", "1980", "hotmail"):
        assert value not in sent
    body = eu.last()
    call = body["messages"][1]["tool_calls"][0]
    assert call["id"] == body["messages"][2]["tool_call_id"] == "call00001"
    assert call["function"]["arguments"].endswith('"n": 1.10, "big": 123456789012345678901}')
    parameters = body["tools"][0]["function"]["parameters"]
    assert type(parameters["properties"]["bsn"]["default"]) is int
    assert body["tool_choice"] == BODY["tool_choice"]
    # The provider calls the tool with the last message, in which values were replaced.
    returned = answer.json()["choices"][0]["message"]["tool_calls"][0]
    assert returned["id"] == "call_1"
    assert "klant" in json.loads(returned["function"]["arguments"])["query"]


@pytest.mark.parametrize("stream", [False, True])
def test_the_signature_of_a_call_returns_to_its_issuer(
    sluis: Installation, eu: OpenAIApi, stream: bool
) -> None:
    asked = {"role": "user", "content": f"Zoek {stream}. example: sign;"}
    body = {"model": "outside", "tools": BODY["tools"], "stream": stream}
    answer = sluis.ask({**body, "messages": [asked]})
    assert json.dumps(SIGNATURE, separators=(",", ":")) in answer.text
    function = {"name": "find_customer", "arguments": "{}"}
    call = {"id": "call_1", "type": "function", "function": function, "extra_content": SIGNATURE}
    history = [
        asked,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "gevonden"},
    ]
    known = sluis.ask({**body, "messages": history})
    assert eu.last()["messages"][1]["tool_calls"][0]["extra_content"] == SIGNATURE
    assert "x-sluis-dropped" not in known.headers
    elsewhere = [{"role": "user", "content": "Een ander gesprek."}, *history[1:]]
    unknown = sluis.ask({**body, "messages": elsewhere})
    assert "extra_content" not in eu.last()["messages"][1]["tool_calls"][0]
    assert unknown.headers["x-sluis-dropped"] == "messages[1].tool_calls[0].extra_content"
