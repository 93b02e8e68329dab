"""No field carries personal data to a commercial provider: generated from the field table."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from gateway.core.errors import InvalidRequest
from tests.support.anywhere import Place
from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.outgoing import outgoing

TABLE = yaml.safe_load(Path("policies/egress.yaml").read_text(encoding="utf-8"))
CHAT = TABLE["chat_completions"]
TEXTS = [
    "111222333",
    "jan.devries@hotmail.nl",
    "NL91ABNA0417164300",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "Jan de Vries",
]
IDENTIFIERS = ["bsn_111222333", "Jan_de_Vries", "Jan-de-Vries/dossier", "find.111222333"]
NUMBERS = [111222333, 111222333.0, 0.111222333]
CANARIES: list[Any] = [*TEXTS, *IDENTIFIERS, *NUMBERS]
TEXT_CLASSES = {"text", "json", "schema", "any_json", "dropped", "tokens"}
SECRET_PARTS = ("111222333", "1112223", "devries", "0417164300", "16c7e42f")
# What a mapping with this one key says about a single value.
CLOSED = {"one_of", "pinned", "known", "range", "whole"}
PASSED = {"joined", "definition", "sealed", "internal", "fields", "string"}


def leaves(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every place of the table at which a value is given, and its class."""
    if isinstance(node, str):
        yield place, node
        return
    for name, below in node.items():
        if name in CLOSED and len(node) == 1:
            yield place, name
        elif name == "each":
            yield from leaves(below, (*place, 0))
        elif name in PASSED and (len(node) == 1 or set(node) <= {"string", "each", "fields"}):
            yield from leaves(below, place)
        else:
            yield from leaves(below, (*place, name))


LEAVES = sorted(set(leaves(CHAT)), key=str)


def forms(kind: str, canary: Any) -> Iterator[Any]:
    """The values with which a class can carry a canary."""
    if kind in TEXT_CLASSES and (canary in IDENTIFIERS or canary == NUMBERS[-1]):
        return
    yield canary
    if kind == "json":
        yield json.dumps({"x": canary})
        if type(canary) is str:
            yield json.dumps([{canary: 1}])
        yield json.dumps({"x": json.dumps({"y": [canary]})})
    if kind in {"schema", "any_json"}:
        yield {"default": canary}
        yield {"properties": {"x": {"enum": [canary], "description": f"zie {canary}"}}}
        yield {"properties": {"x": {"minimum": canary, "const": canary}}}
    if kind in ("text", "dropped"):
        yield {"x": canary}
        yield [canary]


def body_with(place: Place, value: Any) -> dict[str, Any]:
    """The smallest request with a value at a place."""
    for step in reversed(place):
        value = [value] if step == 0 else {step: value}
    body = {"model": "m", "messages": [], **value}
    body["messages"] = [*body["messages"], {"role": "user", "content": "Dag"}]
    return body


async def carried(body: dict[str, Any]) -> str:
    """What a commercial provider gets of a request, in lower case; "" where it gets nothing."""
    try:
        result = await outgoing(body)
    except InvalidRequest:
        return ""
    return result.sent.lower() if result.leaves else ""


def shown(sent: str) -> list[str]:
    plain = "".join(filter(str.isalnum, sent))
    return [part for part in SECRET_PARTS if part in plain]


@pytest.mark.parametrize(
    ("place", "kind"), LEAVES, ids=[".".join(map(str, place)) for place, _ in LEAVES]
)
async def test_a_canary_in_any_field_does_not_leave(place: Place, kind: str) -> None:
    for canary in CANARIES:
        for value in forms(kind, canary):
            assert not shown(await carried(body_with(place, value))), value


@pytest.mark.e2e
def test_no_canary_reaches_a_provider_through_the_gateway(
    sluis: Installation, eu: OpenAIApi, global_provider: OpenAIApi
) -> None:
    before = len(eu.bodies), len(global_provider.bodies)
    headers = {"authorization": f"Bearer {APP_KEY}"}
    statuses: dict[int, int] = {}
    with httpx.Client(base_url=sluis.url, headers=headers, timeout=60) as client:
        for place, kind in LEAVES:
            for canary in (TEXTS[0], TEXTS[1], NUMBERS[0]):
                for value in forms(kind, canary):
                    body = {**body_with(place, value), "model": "outside"}
                    if isinstance(body.get("tools"), list):
                        body["tools"].insert(0, GOOD_TOOL)  # the provider calls the first one
                    status = client.post("/v1/chat/completions", json=body).status_code
                    statuses[status] = statuses.get(status, 0) + 1
    sent = [*eu.bodies[before[0] :], *global_provider.bodies[before[1] :]]
    assert len(sent) > 100
    assert set(statuses) == {200, 400, 403}
    for written in sent:
        assert not shown(written.decode().lower()), written


def test_the_table_is_walked_to_its_ends() -> None:
    places = {".".join(map(str, place)) for place, _ in LEAVES}
    assert {
        "messages.0.tool_calls.0.function.arguments",
        "messages.0.content",
        "messages.0.content.0.text",
        "tools.0.function.parameters",
        "tool_choice.allowed_tools.tools.0.function.name",
        "response_format.json_schema.schema",
        "seed",
    } <= places
    assert len(LEAVES) > 90


@pytest.mark.parametrize("name", ["Jan_de_Vries_dossier", "x"])
@pytest.mark.parametrize("canary", [*TEXTS, *NUMBERS], ids=str)
async def test_a_canary_in_an_unlisted_field_does_not_leave(name: str, canary: Any) -> None:
    places: list[Place] = [(name,), ("messages", 0, name), ("tools", 0, "function", name)]
    for place in places:
        for value in (canary, {"x": canary}, [canary]):
            assert not shown(await carried(body_with(place, value)))


@pytest.mark.parametrize(
    "field",
    [
        {"stop": 7},
        {"stop": [7]},
        {"stop": [{"a": "b"}]},
        {"seed": 1.5},
        {"seed": "7"},
        {"temperature": 7},
        {"top_p": 111222333},
        {"top_logprobs": 111222333},
        {"max_tokens": 111222333},
        {"reasoning_effort": "Jan"},
        {"verbosity": "Jan"},
        {"function_call": "Jan"},
        {"tool_choice": {"type": "Jan"}},
        {"prediction": {"type": "Jan", "content": "x"}},
        {"messages": [{"role": "user", "content": 7}]},
        {"messages": [{"role": "user", "content": {"a": "b"}}]},
        {"messages": [{"role": "assistant", "refusal": {"a": "b"}}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"index": 111222333}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"custom": {"input": 7}}]}]},
        {"tools": [{"type": "function", "function": {"name": "f", "description": 7}}]},
    ],
    ids=str,
)
async def test_a_value_of_another_kind_is_refused_by_name(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await outgoing({"model": "m", "messages": [{"role": "user", "content": "x"}], **field})
    assert str(refused.value.param).startswith(next(iter(field)))


async def test_a_schema_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"items": deep}
    tool = {"type": "function", "function": {"name": "f", "parameters": deep}}
    with pytest.raises(InvalidRequest) as refused:
        await outgoing({"messages": [{"role": "user", "content": "x"}], "tools": [tool]})
    assert refused.value.code == "request_too_complex"


GOOD_TOOL = {"type": "function", "function": {"name": "search"}}
CALL = {"type": "function", "function": {"name": "f", "arguments": "{}"}}


async def test_ids_of_calls_are_our_own_and_keep_their_order_as_a_history_grows() -> None:
    first = [
        {"role": "assistant", "tool_calls": [{"id": "toolu|01 Jan", **CALL}, {"id": "", **CALL}]},
        {"role": "tool", "tool_call_id": "toolu|01 Jan", "content": "a"},
        {"role": "tool", "tool_call_id": "", "content": "b"},
    ]
    more = [
        *first,
        {"role": "assistant", "tool_calls": [{"id": "jan@x.nl", **CALL}]},
        {"role": "tool", "tool_call_id": "jan@x.nl", "content": "c"},
    ]
    short, long = [(await outgoing({"model": "m", "messages": m})).body for m in (first, more)]
    assert long["messages"][: len(first)] == short["messages"]
    ids = [call["id"] for message in long["messages"] for call in message.get("tool_calls", [])]
    assert ids == ["call00001", "call00002", "call00003"]
    answers = [m["tool_call_id"] for m in long["messages"] if m["role"] == "tool"]
    assert answers == ids


async def test_allowed_tools_pass_whole() -> None:
    choice = {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "find_customer"}}],
        },
    }
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tool_choice": choice}
    assert (await outgoing(body)).body["tool_choice"] == choice


async def test_a_seed_keeps_its_meaning_but_not_its_digits() -> None:
    async def seed(value: int) -> int:
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "seed": value}
        return int((await outgoing(body)).body["seed"])

    assert await seed(42) == 42
    assert await seed(111222333) == await seed(111222333) < 65_536
    assert await seed(111222333) != await seed(111222334)


async def test_what_is_left_out_of_a_tool_does_not_keep_the_rest_from_redaction() -> None:
    function = {"name": "f", "cache": {"a": 1}, "j@x.nl": "b", "description": "Van Jan de Vries."}
    tool = {"type": "function", "function": function}
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [tool]}
    result = await outgoing(body)
    assert result.body["tools"][0]["function"].keys() == {"name", "description"}
    assert not shown(result.sent.lower())


async def test_a_tool_is_scanned_as_one_document() -> None:
    parameters = {"type": "object", "properties": {"q": {"type": "string", "description": "Zoek."}}}
    function = {"name": "find", "description": "Zoekt.", "parameters": parameters}
    tools = [{"type": "function", "function": function}]
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": tools}
    result = await outgoing(body)
    assert len(result.request.texts) == 3  # the message, the name, and all else
    assert result.body["tools"] == tools
