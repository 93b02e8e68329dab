"""AI Act article 50: an answer says what made it, and what its use case has to say."""

from typing import Any

import msgspec
import openai.types.chat as chat_types
import orjson
import pytest

from gateway.core.snapshot import UseCase
from gateway.evidence import CLOSE, INTENT
from tests.support.gateways import Gateway

pytestmark = pytest.mark.integration
TEXT = "Wat is een sluis?"
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"model": "assistant", "messages": [{"role": "user", "content": TEXT}]},
    "messages": {
        "model": "assistant",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": TEXT}],
    },
    "responses": {"model": "assistant", "input": TEXT},
}
GENERATED = "x-sluis-ai-generated"
STATEMENTS = {
    f"x-sluis-{duty}-{language}" for duty in ("notice", "disclosure") for language in ("nl", "en")
}


def serve(gateway: Gateway, transparency: list[str] | None) -> None:
    case = UseCase("service", "support", "contract", "limited", transparency=transparency)
    gateway.take(gateway.snapshot, use_cases=[case])


def events(text: str) -> list[dict[str, Any]]:
    lines = [line[5:].strip() for line in text.splitlines() if line.startswith("data:")]
    return [orjson.loads(line) for line in lines if line != "[DONE]"]


def marks(api: str, text: str, *, stream: bool) -> list[Any]:
    """The field of each object of an answer that has room for it."""
    found = events(text) if stream else [orjson.loads(text)]
    if stream and api == "messages":
        found = [one["message"] for one in found if one["type"] == "message_start"]
    elif stream and api == "responses":
        found = [one["response"] for one in found if "response" in one]
    return [one.get("sluis") for one in found]


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_carries_what_its_use_case_has_to_say(
    gateway: Gateway, api: str, *, stream: bool
) -> None:
    serve(gateway, ["notice", "marking", "disclosure"])
    body = {**BODIES[api], "stream": stream}
    first = await gateway.post(body, api, x_sluis_purpose="service", idempotency_key="k-1")
    again = await gateway.post(body, api, x_sluis_purpose="service", idempotency_key="k-1")
    assert again.headers["x-sluis-replayed"] == "true"
    for answer in (first, again):
        assert answer.status_code == 200, answer.text
        assert answer.headers[GENERATED] == "true"
        assert "AI-systeem" in answer.headers["x-sluis-notice-nl"]
        assert "AI system" in answer.headers["x-sluis-notice-en"]
        found = marks(api, answer.text, stream=stream)
        assert found
        for mark in found:
            assert mark["ai_generated"] is True
            assert mark["notice"]["nl"] == answer.headers["x-sluis-notice-nl"]
            assert mark["disclosure"]["en"] == answer.headers["x-sluis-disclosure-en"]
    (intent,) = gateway.trail.of(INTENT)
    assert intent.fields["transparency"] == ["notice", "marking", "disclosure"]


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("transparency", [None, []])
async def test_without_a_duty_only_the_header_says_what_made_it(
    gateway: Gateway, api: str, transparency: list[str] | None, *, stream: bool
) -> None:
    serve(gateway, transparency)
    answer = await gateway.post({**BODIES[api], "stream": stream}, api, x_sluis_purpose="service")
    assert answer.headers[GENERATED] == "true"
    assert not STATEMENTS & set(answer.headers)
    assert set(map(repr, marks(api, answer.text, stream=stream))) == {"None"}
    assert "transparency" not in gateway.trail.of(CLOSE)[0].fields


async def test_marking_alone_says_no_more(gateway: Gateway) -> None:
    serve(gateway, ["marking"])
    answer = await gateway.post(BODIES["chat"], x_sluis_purpose="service")
    assert answer.json()["sluis"] == {"ai_generated": True}
    assert not STATEMENTS & set(answer.headers)


async def test_vectors_and_refusals_were_not_generated(gateway: Gateway) -> None:
    serve(gateway, ["notice"])
    vectors = await gateway.post(
        {"model": "assistant", "input": TEXT}, "embeddings", x_sluis_purpose="service"
    )
    refused = await gateway.post({**BODIES["chat"], "model": "missing"}, x_sluis_purpose="service")
    assert (vectors.status_code, refused.status_code) == (200, 404)
    for answer in (vectors, refused):
        assert GENERATED not in answer.headers
        assert "sluis" not in answer.json()


async def test_strict_types_of_the_official_client_accept_the_field(gateway: Gateway) -> None:
    serve(gateway, ["notice", "marking"])
    sent = {"x_sluis_purpose": "service"}
    answer = await gateway.post(BODIES["chat"], **sent)
    assert chat_types.ChatCompletion.model_validate_json(answer.text, strict=True).choices
    streamed = await gateway.post({**BODIES["chat"], "stream": True}, **sent)
    for event in events(streamed.text):
        chat_types.ChatCompletionChunk.model_validate_json(orjson.dumps(event), strict=True)


def test_a_snapshot_of_before_stays_as_it_was() -> None:
    case = UseCase("service", "support", "contract", "limited")
    assert b"transparency" not in msgspec.json.encode(case)
