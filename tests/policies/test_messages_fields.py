"""The shipped field table of Messages: whatever a client sends is read, or refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.governance.policies.bundle import check, read_bundle
from tests.support.anywhere import Place, anything, changed, places
from tests.support.field_texts import EachText

MESSAGES = check(read_bundle()).fields["messages"]
CACHE = {"type": "ephemeral", "ttl": "1h"}
TEXT = {"type": "text", "text": "Dag", "cache_control": CACHE}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBOR"}
FULL: dict[str, Any] = {
    "model": "assistant",
    "max_tokens": 10,
    "stream": True,
    "anthropic_beta": ["claude-code-20250219"],
    "system": [TEXT],
    "messages": [
        {"role": "user", "content": "Dag"},
        {"role": "user", "content": [TEXT, {"type": "image", "source": PNG}]},
        {
            "role": "user",
            "content": [
                {
                    "type": "document",
                    "title": "t",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Dag"},
                    "citations": {"enabled": True},
                }
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "b3A="},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": [TEXT], "is_error": False}
            ],
        },
    ],
    "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "stop_sequences": ["x"],
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "output_config": {"format": {"type": "json_schema", "schema": {}}, "effort": "low"},
    "context_management": {
        "edits": [
            {
                "type": "clear_tool_uses_20250919",
                "trigger": {"type": "input_tokens", "value": 9},
                "exclude_tools": ["f"],
            }
        ]
    },
    "temperature": 0.2,
    "top_k": 5,
}


def read(body: Any) -> dict[str, Any]:
    return MESSAGES.read(body, EachText())[0]


def outcome(body: Any) -> str | None:
    """That it is read, or the name of the field at fault."""
    try:
        read(body)
    except InvalidRequest as refusal:
        return refusal.param
    return "read"


def test_all_of_it_passes_as_it_is() -> None:
    """Save for the ids of calls, which are our own."""
    body, walk = MESSAGES.read(FULL, EachText())
    assert walk.dropped == []
    assert {**body, "messages": None} == {**FULL, "messages": None}
    assert body["messages"][:3] == FULL["messages"][:3]
    assert body["messages"][3]["content"][:2] == FULL["messages"][3]["content"][:2]


@given(st.sampled_from(list(places(FULL))), anything)
def test_anything_anywhere_is_read_or_refused_by_name(place: Place, value: Any) -> None:
    assert outcome(changed(FULL, place, value))


@pytest.mark.parametrize(
    ("field", "value"),
    [("mcp_servers", [{"type": "url", "url": "https://x"}]), ("extra_headers", {"a": "b"})],
)
def test_what_picks_an_endpoint_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest, match=field):
        read({**FULL, field: value})


@pytest.mark.parametrize(
    "field",
    ["metadata", "service_tier", "container", "inference_geo", "speed", "betas", "user_profile_id"],
)
def test_what_is_ours_to_decide_is_left_out_by_name(field: str) -> None:
    body, walk = MESSAGES.read({**FULL, field: "x"}, EachText())
    assert field not in body
    assert walk.dropped == [field]


def test_a_cache_is_not_shared_with_others() -> None:
    block = {**TEXT, "cache_control": {**CACHE, "scope": "global"}}
    body, walk = MESSAGES.read({**FULL, "system": [block]}, EachText())
    assert body["system"] == [TEXT]
    assert walk.dropped == ["system[0].cache_control.scope"]
