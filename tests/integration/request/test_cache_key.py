"""A client's ``prompt_cache_key``: OpenAI gets a keyed hash of it, and no one gets the text."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.core.snapshot import Provider
from gateway.core.system import secrets
from gateway.privacy import Scope
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.integration
OWN = "sessie van Sanne Dijkgraaf"
SAID = {"chat_completions": "messages", "responses": "input"}


def answer(arrived: Arrived) -> Reply:
    body = arrived.json()
    message = {"role": "assistant", "content": "Dag"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    item = {**message, "type": "message", "content": [{"type": "output_text", "text": "Dag"}]}
    made: dict[str, Any] = {"id": "x", "created": 1, "created_at": 1, "model": body["model"]}
    made |= {"object": "chat.completion", "choices": [choice]}
    made |= {"output": [item], "status": "completed"}
    return Reply([orjson.dumps(made)])


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(answer) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    async with InProcessGateway(snapshot, tmp_path, made=made) as running:
        yield running


@pytest.mark.parametrize("dialect", ["chat_completions", "responses"])
async def test_openai_gets_a_keyed_hash_in_its_place(
    gateway: InProcessGateway,
    provider: WireProvider,
    monkeypatch: pytest.MonkeyPatch,
    dialect: str,
) -> None:
    monkeypatch.setattr(Provider, "is_openai", property(lambda _: True))

    async def sent(text: str, own: str | None) -> str:
        body: dict[str, Any] = {SAID[dialect]: [{"role": "user", "content": text}]}
        body |= {"model": "openai-eu"} | ({"prompt_cache_key": own} if own is not None else {})
        given = await gateway.client.post(PATHS[dialect], json=body)
        assert given.status_code == 200, given.text
        assert "x-sluis-dropped" not in given.headers
        assert b"Dijkgraaf" not in provider.arrived[-1].body
        return str(provider.arrived[-1].json()["prompt_cache_key"])

    hashed = await sent("Dag", OWN)
    assert await sent("Een ander gesprek", OWN) == hashed
    others = [await sent("Dag", one) for one in (OWN + "2", None, "", "first:Dag")]
    assert hashed not in others
    assert others[1] == others[2] != others[3]  # without one, it is the conversation's


@pytest.mark.parametrize("dialect", ["chat_completions", "responses"])
async def test_others_get_none(
    gateway: InProcessGateway, provider: WireProvider, dialect: str
) -> None:
    body = {"model": "openai-eu", SAID[dialect]: [{"role": "user", "content": "Dag"}]}
    given = await gateway.client.post(PATHS[dialect], json={**body, "prompt_cache_key": OWN})
    assert given.status_code == 200
    assert "prompt_cache_key" not in provider.arrived[-1].json()
    refused = await gateway.client.post(PATHS[dialect], json={**body, "prompt_cache_key": 7})
    assert refused.json()["error"]["param"] == "prompt_cache_key"


def test_the_hash_is_of_the_caller_the_key_and_the_installation() -> None:
    one = Scope("t", "k", "u", "c")
    others = [Scope("t", "k2", "u", "c"), Scope("t", "k", "u2", "c"), Scope("t2", "k", "u", "c")]
    secret, other = b"k" * 32, b"l" * 32
    hashed = one.cache_key(secret, OWN)
    assert Scope("t", "k", "u", "c2").cache_key(secret, OWN) == hashed
    assert hashed not in {scope.cache_key(secret, OWN) for scope in others}
    assert hashed not in {one.cache_key(other, OWN), one.cache_key(secret, "x"), OWN}
    assert "Dijkgraaf" not in hashed
