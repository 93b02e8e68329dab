"""No field of a Messages request carries personal data to a commercial provider."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.dialects.anthropic_messages import AnthropicMessages
from tests.security.test_every_field_is_scanned import (
    CANARIES,
    CLOSED,
    IDENTIFIERS,
    NUMBERS,
    TABLE,
    TEXTS,
    forms,
    shown,
)
from tests.support.outgoing import outgoing

MESSAGES = AnthropicMessages()
Put = Callable[[Any], Any]  # from a value to the body that holds it


def leaves(node: Any, place: str, put: Put) -> Iterator[tuple[str, str, Put]]:
    """Every place of the table at which a value is given, its class, and a body with a value."""
    if isinstance(node, str):
        yield place, node, put
        return
    ((mark, below), *more) = node.items()
    if not more and mark in {*CLOSED, "listed"}:
        yield place, mark, put
    elif not more and mark in {"joined", "definition", "sealed"}:
        yield from leaves(below, place, put)
    elif not more and mark in {"union", "only"}:
        for kind, fields in below.items():
            typed = _typed(kind, put)
            if isinstance(fields, str):
                yield f"{place}<{kind}>", fields, _named("data", typed)
            else:
                yield from leaves(fields, f"{place}<{kind}>", typed)
    elif set(node) <= {"string", "each", "fields"}:
        for form, rule in node.items():
            yield from leaves(rule, place, _listed(put) if form == "each" else put)
    else:
        for name, rule in node.items():
            yield from leaves(rule, f"{place}.{name}".lstrip("."), _named(name, put))


def _typed(kind: str, put: Put) -> Put:
    return lambda value: put({"type": kind, **value})


def _named(name: str, put: Put) -> Put:
    return lambda value: put({name: value})


def _listed(put: Put) -> Put:
    return lambda value: put([value])


LEAVES = sorted(leaves(TABLE["messages"], "", lambda body: body), key=lambda leaf: leaf[:2])
KINDS = {"json_object": "json", "opaque": "text", "listed": "one_of", "sealed": "text"}


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


@pytest.mark.parametrize(
    ("place", "kind", "put"), LEAVES, ids=[f"{place}-{kind}" for place, kind, _ in LEAVES]
)
async def test_a_canary_in_any_field_does_not_leave(place: str, kind: str, put: Put) -> None:
    for canary in CANARIES:
        for value in forms(KINDS.get(kind, kind), canary):
            assert not shown(await carried(body_with(put(value)))), value
        if kind == "json_object" and canary not in {*IDENTIFIERS, NUMBERS[-1]}:
            key = canary if type(canary) is str else "z"
            for value in ({"x": canary}, {"x": [{"y": canary}]}, {key: 1}):
                assert not shown(await carried(body_with(put(value)))), value


def test_the_table_is_walked_to_its_ends() -> None:
    places = {place for place, _, _ in LEAVES}
    assert {
        "system<text>.text",
        "messages.content",
        "messages.content<tool_use>.input",
        "messages.content<tool_result>.content<document>.source<content>.content<text>.text",
        "messages.content<thinking>.signature",
        "tools<custom>.input_schema",
        "context_management.edits<clear_tool_uses_20250919>.exclude_tools",
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
