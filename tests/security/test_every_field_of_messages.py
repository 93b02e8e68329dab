"""No field of a Messages request carries personal data to a commercial provider."""

from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.dialects.anthropic_messages import AnthropicMessages
from tests.security.test_every_field_is_scanned import (
    CANARIES,
    IDENTIFIERS,
    NUMBERS,
    TEXTS,
    forms,
    shown,
)
from tests.support.field_table import Field, Put, fields_of
from tests.support.outgoing import outgoing

MESSAGES = AnthropicMessages()
LEAVES = sorted(fields_of("messages"), key=lambda leaf: (leaf.place, leaf.kind))
KINDS = {
    "json_object": "json",
    "sealed opaque": "text",
    "sealed text": "text",
    "listed": "one_of",
}


def body_with(fields: dict[str, Any]) -> dict[str, Any]:
    said = {"role": "user", "content": "Dag"}
    given = fields.get("messages")
    turns = given if isinstance(given, list) else []
    return {"model": "m", "max_tokens": 9, **fields, "messages": [*turns, said]}


async def carried(body: dict[str, Any]) -> str:
    """What a commercial provider gets of a request, in lower case; "" where it gets nothing."""
    try:
        result = await outgoing(body, MESSAGES)
    except InvalidRequest:
        return ""
    return result.sent.lower() if result.leaves else ""


@pytest.mark.parametrize("leaf", LEAVES, ids=[f"{leaf.place}-{leaf.kind}" for leaf in LEAVES])
async def test_a_canary_in_any_field_does_not_leave(leaf: Field) -> None:
    kind, put = leaf.kind, leaf.body
    for canary in CANARIES:
        for value in forms(KINDS.get(kind, kind), canary):
            assert not shown(await carried(body_with(put(value)))), value
        if kind == "json_object" and canary not in {*IDENTIFIERS, NUMBERS[-1]}:
            key = canary if type(canary) is str else "z"
            for value in ({"x": canary}, {"x": [{"y": canary}]}, {key: 1}):
                assert not shown(await carried(body_with(put(value)))), value


def test_the_table_is_walked_to_its_ends() -> None:
    places = {leaf.place for leaf in LEAVES}
    assert {
        "system<text>.text",
        "messages.content",
        "messages.content<tool_use>.input",
        "messages.content<tool_result>.content<document>.source<content>.content<text>.text",
        "messages.content<thinking>.signature",
        "tools<custom>.input_schema",
        "context_management.edits<clear_tool_uses_20250919>.exclude_tools[]",
    } <= places
    assert len(LEAVES) > 110


@pytest.mark.parametrize("canary", [*TEXTS, *NUMBERS], ids=str)
async def test_a_canary_in_an_unlisted_field_does_not_leave(canary: Any) -> None:
    holders: list[Put] = [
        lambda value: {"x": value},
        lambda value: {"messages": [{"role": "user", "x": value, "content": "a"}]},
        lambda value: {"messages": [{"content": [{"type": "text", "text": "a", "x": value}]}]},
        lambda value: {"messages": [{"content": [{"type": "x", "x": value}]}]},
        lambda value: {"tools": [{"name": "f", "x": value}]},
        lambda value: {"tools": [{"type": "x", "name": "f", "x": value}]},
    ]
    for put in holders:
        for value in (canary, {"x": canary}, [canary]):
            assert not shown(await carried(body_with(put(value))))


async def test_a_hosted_tool_and_its_traces_are_left_out_by_name() -> None:
    result = await outgoing(
        body_with({
            "tools": [{"type": "web_search_20250305", "name": "web_search"}, {"name": "f"}],
            "messages": [
                {"role": "user", "content": "Dag"},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
                        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                        {"type": "text", "text": "Zo."},
                        {"type": "redacted_thinking", "data": "b3A="},
                    ],
                },
            ],
        }),
        MESSAGES,
    )
    assert result.request.dropped == [
        "tools[0].web_search_20250305",
        "messages[1].content[0].server_tool_use",
    ]
    assert [place.path for place in result.request.sealed] == [
        ("messages", 1, "content", 0),
        ("messages", 1, "content", 2),
    ]
    assert result.body["messages"][1]["content"] == [{"type": "text", "text": "Zo."}]
    assert result.body["tools"] == [{"name": "f"}]


async def test_the_input_of_a_tool_is_redacted_inside() -> None:
    given = {"wie": "jan.devries@hotmail.nl", "n": 7, "f": 1.5, "geneste": {"a": [None, True]}}
    block = {"type": "tool_use", "id": "toolu_01 Jan", "name": "find", "input": given}
    result = await outgoing(
        body_with({"messages": [{"role": "assistant", "content": [block]}]}), MESSAGES
    )
    sent = result.body["messages"][0]["content"][0]
    assert sent["input"].pop("wie").startswith("[EMAIL")
    assert sent["input"] == {"n": 7, "f": 1.5, "geneste": {"a": [None, True]}}
    assert sent["id"] == "call00001"
