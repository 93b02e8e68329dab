"""Rules about tools, through the gateway: definitions of a request and calls of an answer."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.core.system import secrets
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
RULE = """
rules:
  - id: tools-of-the-desk
    stages: [input, output]
    scope: {keys: [app]}
    action: refuse
    reason: {en: The desk only searches., nl: De balie zoekt alleen.}
    tools:
      allow: [ALLOWED]
      arguments:
        find: {type: object, properties: {query: {type: string, maxLength: 12}}}
"""
FIELDS = {
    "chat_completions": "tool_calls.function.arguments",
    "messages": "tool_use.input",
    "responses": "function_call.arguments",
}
ENDS = {
    "chat_completions": '"finish_reason":"content_filter"',
    "messages": '"stop_reason":"refusal"',
    "responses": '"reason":"content_filter"',
}


class Calls:
    """A provider whose answers call the tool ``find``."""

    query = "weer"

    def __call__(self, arrived: Arrived) -> Reply:
        whole, stream = WIRES[arrived.path]
        (dialect,) = (name for name, path in PATHS.items() if path.endswith(arrived.path))
        made = whole(self.query, FIELDS[dialect], arrived.json())
        if arrived.json().get("stream"):
            return streamed(list(stream(made)))
        return Reply([json.dumps(made).encode()])


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def provider(calls: Calls) -> Iterator[WireProvider]:
    with WireProvider(calls) as running:
        yield running


@pytest.fixture(params=["find"])
async def gateway(
    request: pytest.FixtureRequest, provider: WireProvider, tmp_path: Path
) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    rules = RULE.replace("ALLOWED", request.param)
    snapshot = replace(snapshot, bundle={**snapshot.bundle, "content.yaml": rules})
    async with InProcessGateway(snapshot, tmp_path, made=made) as running:
        yield running


def body_of(dialect: str, *, stream: bool, tools: list[Any] | None = None) -> dict[str, Any]:
    way = "anthropic" if dialect == "messages" else "openai"
    body: dict[str, Any] = {"model": way, "stream": stream, **({"tools": tools} if tools else {})}
    if dialect == "responses":
        return {**body, "input": "Zoek het weer op."}
    limit = {"max_tokens": 99} if dialect == "messages" else {}
    return {**body, **limit, "messages": [{"role": "user", "content": "Zoek het weer op."}]}


def tool(dialect: str, name: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {}}
    made: dict[str, dict[str, Any]] = {
        "chat_completions": {"type": "function", "function": {"name": name}},
        "messages": {"name": name, "input_schema": schema},
        "responses": {"type": "function", "name": name, "parameters": schema, "strict": False},
    }
    return made[dialect]


@pytest.mark.parametrize("dialect", FIELDS)
async def test_a_tool_that_is_not_allowed_is_refused_with_rule_and_reason(
    gateway: InProcessGateway, provider: WireProvider, dialect: str
) -> None:
    tools = [tool(dialect, "find"), tool(dialect, "delete_all")]
    body = body_of(dialect, stream=False, tools=tools)
    said = {}
    for language in ("nl", "en"):
        answer = await gateway.client.post(
            PATHS[dialect], json=body, headers={"accept-language": language}
        )
        assert answer.status_code == 400, answer.text
        assert gateway.entries_of(answer)[-1].fields["refused_by"] == ["tools-of-the-desk"]
        said[language] = answer.json()["error"]["message"]
    assert "(tools-of-the-desk): De balie zoekt alleen." in said["nl"]
    assert "(tools-of-the-desk): The desk only searches." in said["en"]
    assert not provider.arrived
    body["tools"] = tools[:1]
    assert (await gateway.client.post(PATHS[dialect], json=body)).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", FIELDS)
async def test_arguments_that_do_not_fit_end_the_answer(
    gateway: InProcessGateway, calls: Calls, dialect: str, *, stream: bool
) -> None:
    body = body_of(dialect, stream=stream)
    answer = await gateway.client.post(PATHS[dialect], json=body)
    assert ENDS[dialect] not in answer.text
    assert gateway.entries_of(answer)[-1].fields["outcome"] == "ok"
    calls.query = "weer'; DROP TABLE"
    answer = await gateway.client.post(PATHS[dialect], json=body)
    assert answer.status_code == 200, answer.text
    assert ENDS[dialect] in answer.text
    close = gateway.entries_of(answer)[-1].fields
    assert (close["outcome"], close["rules"]) == ("content_filter", ["tools-of-the-desk"])


@pytest.mark.parametrize("gateway", ["other"], indirect=True)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", FIELDS)
async def test_a_call_of_another_tool_ends_the_answer_without_its_arguments(
    gateway: InProcessGateway, dialect: str, *, stream: bool
) -> None:
    answer = await gateway.client.post(PATHS[dialect], json=body_of(dialect, stream=stream))
    assert answer.status_code == 200, answer.text
    assert ENDS[dialect] in answer.text
    assert "weer" not in answer.text
    close = gateway.entries_of(answer)[-1].fields
    assert (close["outcome"], close["rules"]) == ("content_filter", ["tools-of-the-desk"])
