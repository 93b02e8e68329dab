"""Facts, conversations, bytes for providers, and errors of the Messages dialect."""

import asyncio
import json
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest, QuotaExceeded, Refusal, UpstreamFailed
from gateway.core.http_errors import STATUS
from gateway.core.level import Zone
from gateway.core.objects.declare import Choice, fields_of
from gateway.core.snapshot import GUARDRAIL_KINDS, Provider
from gateway.decisions import ContentRules
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.anthropic_messages.documents import DocumentBlock
from gateway.egress import wire_formats
from gateway.egress.messages import AnthropicWire
from gateway.egress.translator.client import Translator
from gateway.request.output_filter import OutputFilter

pytestmark = pytest.mark.unit
MESSAGES = AnthropicMessages()
PROVIDER = Provider("claude", "anthropic", "https://x", Zone.EU)
BODY: dict[str, Any] = {
    "model": "assistant",
    "max_tokens": 7,
    "messages": [{"role": "user", "content": "Dag"}],
}


def test_facts() -> None:
    facts = MESSAGES.facts({**BODY, "stream": True})
    assert (facts.model, facts.streams, facts.most_output) == ("assistant", True, 7)
    assert facts.wants_usage


@pytest.mark.parametrize("field", ["model", "max_tokens", "messages"])
def test_a_field_that_is_required(field: str) -> None:
    with pytest.raises(InvalidRequest, match=field) as refused:
        MESSAGES.facts({name: value for name, value in BODY.items() if name != field})
    assert refused.value.param == field


def test_a_conversation_is_the_same_wherever_its_cache_markers_are() -> None:
    block = {"type": "text", "text": "Dag"}
    marked = {**block, "cache_control": {"type": "ephemeral"}}
    named = [
        MESSAGES.conversation({"messages": [{"role": "user", "content": [one]}, *BODY["messages"]]})
        for one in (block, marked)
    ]
    assert named[0] == named[1]
    assert named[0] != MESSAGES.conversation(BODY)
    assert MESSAGES.conversation({"messages": [{"role": "assistant", "content": "x"}]}) is None


def test_size_counts_all_that_a_provider_bills() -> None:
    size = MESSAGES.input_size(BODY)
    more = {**BODY, "system": "x" * 100, "tools": [{"name": "y" * 100}], "metadata": "z" * 500}
    assert size + 200 < MESSAGES.input_size(more) < size + 300


def test_what_was_emptied_is_not_written() -> None:
    emptied = {"role": "assistant", "content": []}
    body = {
        **BODY,
        "messages": [*BODY["messages"], emptied],
        "tools": [],
        "tool_choice": {"type": "any"},
        "anthropic_beta": ["a"],
    }
    assert json.loads(MESSAGES.write(body, "claude")) == {**BODY, "model": "claude"}


def test_headers_for_anthropic() -> None:
    body = {**BODY, "anthropic_beta": ["a", "b"]}
    request, _ = asyncio.run(AnthropicWire().write(body, "claude", PROVIDER))
    assert request.path == "/v1/messages"
    assert request.headers == {"anthropic-version": "2023-06-01", "anthropic-beta": "a,b"}
    bare, _ = asyncio.run(AnthropicWire().write(BODY, "claude", PROVIDER))
    assert bare.headers == {"anthropic-version": "2023-06-01"}


def test_every_kind_of_provider_has_a_format() -> None:
    translated = {kind for dialect, kind in wire_formats(Translator()) if dialect == "messages"}
    (kind,) = (one for one in fields_of(Provider) if one.name == "kind")
    (choice,) = (one for one in kind.declared if isinstance(one, Choice))
    assert translated | MESSAGES.native_kinds == set(choice.values) - GUARDRAIL_KINDS


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_error_has_a_type_that_fits_its_status(code: str) -> None:
    body = MESSAGES.error_body(Refusal("Waarom.", code=code, param="x"))
    kind = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        405: "invalid_request_error",
        409: "invalid_request_error",
        410: "invalid_request_error",
        413: "request_too_large",
        422: "invalid_request_error",
        429: "rate_limit_error",
        500: "api_error",
        502: "api_error",
        503: "overloaded_error",
        504: "timeout_error",
    }[STATUS[code]]
    assert (body["type"], body["error"]["type"], body["error"]["code"]) == ("error", kind, code)
    too_long = code == "context_length_exceeded"
    assert body["error"]["message"] == ("prompt is too long: Waarom." if too_long else "Waarom.")


def test_a_stream_ends_once() -> None:
    ends = MESSAGES.walker(OutputFilter(ContentRules("rules: []"), None)).last_frame
    assert ends(None) == b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    refusal = UpstreamFailed("Afgebroken.")
    refusal.request_id = "r1"
    ended = ends(refusal).decode()
    assert ended.startswith("event: error\ndata: ")
    assert json.loads(ended.split("data: ")[1])["request_id"] == "r1"
    assert MESSAGES.error_body(QuotaExceeded("Op."))["request_id"] is None


def test_a_file_is_replaced_where_it_is() -> None:
    marker = {"type": "ephemeral"}
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}
    block = {"type": "document", "title": "brief", "source": source, "cache_control": marker}
    result: dict[str, Any] = {
        "type": "tool_result",
        "content": [{"type": "text", "text": "zie"}, block],
    }
    body = {"messages": [{"role": "user", "content": [result]}]}
    file = DocumentBlock(body, ("messages", 0, "content", 0, "content", 1, "source"))
    assert file.data == "data:application/pdf;base64,JVBE"
    assert file.replace("Dag") == "Document: brief\n\nDag"
    assert result["content"][1] == {
        "type": "text",
        "text": "Document: brief\n\nDag",
        "cache_control": marker,
    }
    del block["title"], block["cache_control"], source["data"]
    result["content"][1] = block
    bare = DocumentBlock(body, ("messages", 0, "content", 0, "content", 1, "source"))
    assert bare.data == ""
    assert bare.replace("Dag") == "Dag"
