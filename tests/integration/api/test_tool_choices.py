"""What a tool offers to choose from reaches the model, in each dialect alike."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.classifiers.protocol import Entity
from gateway.core.system import secrets
from tests.support.classifier import FunctionClassifier
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Reply, WireProvider

pytestmark = pytest.mark.integration
TOWNS = ["Amsterdam", "Utrecht", "Groningen"]
MANAGER = "Wietske Oudenhoven"
SCHEMA = {
    "type": "object",
    "properties": {"town": {"enum": TOWNS}, "manager": {"enum": [MANAGER]}},
}
MODELS = {"chat_completions": "openai-eu", "messages": "anthropic-eu", "responses": "openai-eu"}


def _found(text: str) -> list[Entity]:
    types = {MANAGER: "PERSON", **dict.fromkeys(TOWNS, "CITY")}
    return [
        Entity(place.start(), place.end(), types[value], 0.99)
        for value in types
        for place in re.finditer(value, text)
    ]


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(lambda _: Reply([b"{}"])) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    reader = FunctionClassifier(_found)
    async with InProcessGateway(snapshot, tmp_path, made=made, classifier=reader) as running:
        yield running


def body_of(dialect: str, text: str) -> dict[str, Any]:
    said = {"role": "user", "content": text}
    own: dict[str, dict[str, Any]] = {
        "chat_completions": {
            "messages": [said],
            "tools": [{"type": "function", "function": {"name": "find", "parameters": SCHEMA}}],
        },
        "messages": {
            "max_tokens": 9,
            "messages": [said],
            "tools": [{"name": "find", "input_schema": SCHEMA}],
        },
        "responses": {
            "input": [said],
            "tools": [{"type": "function", "name": "find", "parameters": SCHEMA}],
        },
    }
    return {"model": MODELS[dialect], **own[dialect]}


def schema_in(body: dict[str, Any]) -> dict[str, Any]:
    tool = body["tools"][0]
    made = tool.get("function", tool)
    schema = made.get("parameters") or made["input_schema"]
    properties: dict[str, Any] = schema["properties"]
    return properties


@pytest.mark.parametrize("dialect", MODELS)
async def test_towns_stay_and_persons_do_not(
    gateway: InProcessGateway, provider: WireProvider, dialect: str
) -> None:
    await gateway.client.post(PATHS[dialect], json=body_of(dialect, "Wat kan ik vragen?"))
    sent = schema_in(provider.arrived[-1].json())
    assert sent["town"]["enum"] == TOWNS
    assert MANAGER not in str(sent)


@pytest.mark.parametrize("dialect", MODELS)
async def test_a_town_that_the_text_names_is_the_same_in_both(
    gateway: InProcessGateway, provider: WireProvider, dialect: str
) -> None:
    await gateway.client.post(PATHS[dialect], json=body_of(dialect, f"{MANAGER} uit Utrecht."))
    sent = provider.arrived[-1].json()
    first, second, third = schema_in(sent)["town"]["enum"]
    assert (first, third) == (TOWNS[0], TOWNS[2])
    assert second.startswith("[CITY_")
    said = {name: value for name, value in sent.items() if name != "tools"}
    assert second in str(said)
    assert schema_in(sent)["manager"]["enum"][0] in str(said)
