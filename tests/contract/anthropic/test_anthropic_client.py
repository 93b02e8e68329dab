"""``POST /v1/messages`` as Claude Code and the anthropic SDKs use it, read by a strict reader.

The providers are doubles. The official client is not in the lock.
"""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.contract.anthropic.conftest import TOOL, answered, ask, both, text_of
from tests.support.anthropic_api import AnthropicServer, Manner, signature_of
from tests.support.installation import APP_KEY, LOW_KEY, Installation
from tests.support.messages_reader import events_of, message_of
from tests.support.openai_api import OpenAIApi
from tests.support.papers import pdf

pytestmark = pytest.mark.contract
PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333, jan.devries@kwijt.example."
RESTRICTED = [
    "Jan de Vries heeft kanker en krijgt een chemokuur.",
    "Het wachtwoord is ghp_16C7e42F292c6912E7710c838347Ae178B4a",
]
VALUES = ("111222333", "jan.devries@kwijt.example")
DEVICE = json.dumps({
    "device_id": "55aaf493b021066861c6ff3650fa4f20efed120193ae69bb4de3a1ebf452badd",
    "account_uuid": "",
    "session_id": "c1edaca1-2603-4e30-bbaa-26f519099199",
})
THOUGHTS = "Eerst kijk ik wie dit is, daarna antwoord ik."


@both
def test_values_leave_as_placeholders_and_come_back(
    client: httpx.Client, claude: AnthropicServer, sluis: Installation, stream: bool
) -> None:
    response = ask(client, PERSONAL, stream=stream)
    message = message_of(events_of(response.text)) if stream else response.json()
    assert text_of(message) == "U zei: " + PERSONAL
    assert (message["role"], message["stop_reason"]) == ("assistant", "end_turn")
    assert message["model"] == "claude-only"  # clients keep thinking of the model they ask for
    received = claude.api.received[-1]
    assert not any(value in received.body.decode() for value in VALUES)
    assert received.path == "/v1/messages"
    assert received.headers["x-api-key"].startswith("sk-upstream-canary")
    assert received.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in received.headers
    assert claude.last()["model"] == "claude-sonnet-5"
    entries = sluis.entries(response.headers["x-sluis-audit-id"])
    assert [entry["event"] for entry in entries] == [
        "request:departure:intent",
        "request:answer:close",
    ]
    assert entries[0]["surface"] == "messages"
    assert entries[0]["body_sha256"] == hashlib.sha256(received.body).hexdigest()
    assert (entries[1]["input_tokens"], entries[1]["output_tokens"]) == (30, 15)
    assert entries[1]["cost_micros"] == 45_000
    assert entries[1]["outcome"] == "ok"


@pytest.mark.parametrize("piece", [1, 7, 100])
def test_a_stream_gives_the_same_in_any_pieces(
    client: httpx.Client, claude: AnthropicServer, piece: int
) -> None:
    claude.api.manner.piece = piece
    message = answered(client, PERSONAL, stream=True, tools=[TOOL])
    assert text_of(message) == "U zei: " + PERSONAL
    assert message["content"][1]["input"] == {"city": "Gent", "days": 2}


@both
def test_parallel_tools_are_called_and_their_results_return(
    client: httpx.Client, claude: AnthropicServer, stream: bool
) -> None:
    claude.api.manner.arguments = {"query": "Zoek [PERSON_aaaaa]", "n": [1, {"a": None}]}
    first = answered(client, PERSONAL, stream=stream, tools=[TOOL])
    assert first["stop_reason"] == "tool_use"
    calls = [block for block in first["content"] if block["type"] == "tool_use"]
    assert [call["id"] for call in calls] == ["toolu_01A", "toolu_01B"]
    assert [call["input"] for call in calls] == [claude.api.manner.arguments, {}]
    assert {call["name"] for call in calls} == {"Bash"}
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": text}
        for call, text in zip(calls, ["ok", PERSONAL], strict=True)
    ]
    history = [
        {"role": "user", "content": PERSONAL},
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": results},
    ]
    second = answered(client, history, stream=stream, tools=[TOOL])
    assert text_of(second) == f"U zei: ok {PERSONAL}"
    sent = claude.last()["messages"]
    ids = [block["id"] for block in sent[1]["content"] if block["type"] == "tool_use"]
    assert ids == [block["tool_use_id"] for block in sent[2]["content"]]
    assert not any(value in json.dumps(sent) for value in VALUES)


def test_arguments_of_a_tool_are_restored(
    client: httpx.Client, claude: AnthropicServer, sluis: Installation
) -> None:
    ask(client, PERSONAL)
    placeholder = next(
        word.strip(",.")
        for word in claude.last()["messages"][0]["content"].split()
        if word.startswith("[BSN_")
    )
    claude.api.manner.arguments = {"query": placeholder}
    for stream in (False, True):
        message = answered(client, PERSONAL, stream=stream, tools=[TOOL])
        assert message["content"][1]["input"] == {"query": "111222333"}


@both
def test_thinking_returns_unchanged_to_its_issuer_alone(
    client: httpx.Client, claude: AnthropicServer, stream: bool
) -> None:
    claude.api.manner = Manner(thoughts=THOUGHTS, redacted="b3BhcXVl+/==")
    question = f"Wat vindt u hiervan? {stream}"
    first = answered(client, question, stream=stream, thinking={"type": "adaptive"})
    thinking, redacted = first["content"][:2]
    assert thinking == {
        "type": "thinking",
        "thinking": THOUGHTS,
        "signature": signature_of(THOUGHTS),
    }
    marked = [{"type": "text", "text": question, "cache_control": {"type": "ephemeral"}}]
    history = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": [{"type": "text", "text": "Ga door."}]},
    ]
    again = ask(client, history)
    assert claude.last()["messages"][1]["content"][:2] == [thinking, redacted]
    assert "x-sluis-dropped" not in again.headers
    other = ask(client, history, model="claude-second")
    assert [block["type"] for block in claude.last()["messages"][1]["content"]] == ["text"]
    assert other.headers["x-sluis-dropped"] == "messages[1].content[0],messages[1].content[1]"
    ask(client, [{"role": "user", "content": marked}, *history[1:]])
    assert "thinking" not in json.dumps(claude.last()["messages"])  # another conversation


@both
def test_a_message_is_translated_for_a_provider_of_the_other_dialect(
    client: httpx.Client, eu: OpenAIApi, stream: bool
) -> None:
    body = {"system": [{"type": "text", "text": "Wees kort."}], "stop_sequences": ["STOP"]}
    message = answered(client, PERSONAL, model="outside", stream=stream, **body)
    assert text_of(message) == "Echo: " + PERSONAL
    assert message["stop_reason"] == "end_turn"
    assert message["model"] == "outside"
    assert message["usage"]["input_tokens"] == 11
    assert message["usage"]["output_tokens"] == 7
    sent = eu.last()
    assert not any(value in eu.bodies[-1].decode() for value in VALUES)
    assert sent["messages"][0] == {"role": "system", "content": "Wees kort."}
    assert (sent["stop"], sent["max_tokens"]) == (["STOP"], 1000)
    called = answered(client, PERSONAL, model="outside", stream=stream, tools=[TOOL])
    (call,) = called["content"]
    assert (call["type"], call["name"], call["id"]) == ("tool_use", "Bash", "call_1")
    assert call["input"] == {"query": PERSONAL}
    assert called["stop_reason"] == "tool_use"


@both
@pytest.mark.parametrize("text", RESTRICTED)
def test_restricted_text_goes_inside_or_nowhere(
    client: httpx.Client, claude: AnthropicServer, text: str, stream: bool
) -> None:
    before = len(claude.api.received)
    inside = ask(client, text, model="claude", stream=stream)
    assert inside.headers["x-sluis-zone"] == "internal"
    assert inside.headers["x-sluis-rerouted"] == "clearance"
    message = message_of(events_of(inside.text)) if stream else inside.json()
    assert ("Echo: " + text).startswith(text_of(message))
    assert message["stop_reason"] == ("refusal" if "ghp_" in text else "end_turn")
    refused = ask(client, text, stream=stream)
    assert refused.status_code == 403
    assert refused.json()["error"]["type"] == "permission_error"
    assert len(claude.api.received) == before


@pytest.mark.parametrize("model", ["claude-only", "outside"])
def test_a_pdf_leaves_as_redacted_text_and_comes_back(
    client: httpx.Client, claude: AnthropicServer, eu: OpenAIApi, model: str
) -> None:
    letter = pdf("Geachte mevrouw Sanne de Vries,", "Uw BSN is 111222333, uw dossier is klaar.")
    data = base64.b64encode(letter).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    document = {"type": "document", "title": "brief", "source": source}
    message = answered(
        client, [{"type": "text", "text": "Vat samen."}, document], stream=True, model=model
    )
    sent = json.dumps((claude if model == "claude-only" else eu).last())
    assert "111222333" not in sent
    assert data[:40] not in sent
    assert "uw dossier is klaar" in sent
    assert "Uw BSN is 111222333" in text_of(message)


def test_an_image_goes_inside(client: httpx.Client, internal_provider: OpenAIApi) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "Wat is dit?"}]
    response = ask(client, content, model="claude")
    assert response.headers["x-sluis-zone"] == "internal"
    (part, text) = internal_provider.last()["messages"][0]["content"]
    assert part["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    assert text == {"type": "text", "text": "Wat is dit?"}


def test_the_beginning_of_a_conversation_keeps_its_bytes(
    client: httpx.Client, claude: AnthropicServer, eu: OpenAIApi
) -> None:
    """So that a provider's cache of it holds, placeholders included."""
    call = {"type": "tool_use", "id": "toolu_9", "name": "Bash", "input": {"query": PERSONAL}}
    history: list[dict[str, Any]] = [
        {"role": "user", "content": PERSONAL},
        {"role": "system", "content": "Er is een nieuwe taak."},
        {"role": "assistant", "content": [call]},
    ]
    result = {"type": "tool_result", "tool_use_id": "toolu_9", "content": "klaar"}
    for model, received in (("claude-only", claude), ("outside", eu)):
        sent = []
        for turns in (history[:2], [*history, {"role": "user", "content": [result]}]):
            assert ask(client, turns, model=model, tools=[TOOL]).status_code == 200
            sent.append(json.dumps(received.last()["messages"]))
        assert sent[1].startswith(sent[0].removesuffix("]"))


def test_what_claude_code_sends_arrives_without_what_may_not(
    client: httpx.Client, claude: AnthropicServer
) -> None:
    ephemeral = {"type": "ephemeral", "ttl": "1h"}
    edits = [{"type": "clear_thinking_20251015", "keep": "all"}]
    body: dict[str, Any] = {
        "system": [{"type": "text", "text": "Wees kort.", "cache_control": ephemeral}],
        "tools": [
            {**TOOL, "cache_control": ephemeral},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
            {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        ],
        "metadata": {"user_id": DEVICE},
        "thinking": {"type": "enabled", "budget_tokens": 900},
        "context_management": {"edits": [*edits, {"type": "unknown_edit"}]},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "service_tier": "auto",
        "headers": {
            "anthropic-beta": "interleaved-thinking-2025-05-14, oauth-2025-04-20",
            "x-claude-code-session-id": "s",
        },
    }
    response = ask(client, "Dag", **body)
    assert response.status_code == 200, response.text
    assert set(response.headers["x-sluis-dropped"].split(",")) == {
        "tools[1].web_search_20250305",
        "tools[2].text_editor_20250728",
        "metadata",
        "context_management.edits[1].unknown_edit",
        "service_tier",
        "anthropic_beta[1]",
    }
    received, sent = claude.api.received[-1], claude.last()
    assert received.headers["anthropic-beta"] == "interleaved-thinking-2025-05-14"
    assert sent["tools"] == [{**TOOL, "cache_control": ephemeral}]
    assert sent["system"] == body["system"]
    assert sent["thinking"] == body["thinking"]
    assert sent["context_management"] == {"edits": edits}
    assert sent["output_config"] == body["output_config"]
    assert response.headers["x-sluis-sensitivity"] in ("public", "internal")


def test_tokens_are_counted_without_a_departure(
    client: httpx.Client, claude: AnthropicServer, sluis: Installation
) -> None:
    before = len(claude.api.received)
    body = {"model": "claude", "messages": [{"role": "user", "content": "Dag " * 300}]}
    response = client.post("/v1/messages/count_tokens?beta=true", json=body)
    assert response.status_code == 200
    assert 300 <= response.json()["input_tokens"] <= 600
    (entry,) = sluis.entries(response.headers["x-sluis-audit-id"])
    assert entry["event"] == "messages:tokens:count"
    wrong = client.post("/v1/messages/count_tokens", json={**body, "model": "none"})
    assert wrong.json()["error"]["type"] == "not_found_error"
    assert len(claude.api.received) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": ["claude"], "messages": []}, 404),
        ({"model": "claude", "messages": "Dag"}, 400),
        ({"model": "claude", "messages": [1, None], "system": 5, "tools": "all"}, 200),
        ([], 400),
    ],
)
def test_bodies_of_any_form_are_counted_or_refused(
    client: httpx.Client, body: object, status: int
) -> None:
    response = client.post("/v1/messages/count_tokens", json=body)
    assert response.status_code == status, response.text


def test_models_have_anthropics_shape_for_its_clients(
    client: httpx.Client, sluis: Installation
) -> None:
    listed = client.get("/v1/models").json()
    ids = [model["id"] for model in listed["data"]]
    assert {"claude", "claude-only"} <= set(ids)
    assert (listed["has_more"], listed["first_id"], listed["last_id"]) == (False, ids[0], ids[-1])
    model = client.get("/v1/models/claude").json()
    assert model == next(one for one in listed["data"] if one["id"] == "claude")
    assert (model["type"], model["display_name"]) == ("model", "claude")
    assert model["created_at"].endswith("Z")
    low = client.get("/v1/models", headers={"x-api-key": LOW_KEY}).json()
    assert [one["id"] for one in low["data"]] == ["outside"]
    unknown = client.get("/v1/models/none")
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "error"
    bare = httpx.get(f"{sluis.url}/v1/models", headers={"authorization": f"Bearer {APP_KEY}"})
    assert bare.json()["object"] == "list"
