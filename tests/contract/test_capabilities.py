"""What a model takes, and how long it may take: by deployment, in every dialect."""

import json
from typing import Any

import httpx
import pytest

from tests.contract.test_provider_failures import ask, once
from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.contract
PNG = "data:image/png;base64,iVBORw0KGgo="
SOURCE = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
KEY = {"authorization": f"Bearer {APP_KEY}"}
SCHEMA = {"type": "object", "properties": {}}


def body_of(path: str, *parts: Any, **fields: Any) -> dict[str, Any]:
    """A request of each dialect, with one user message."""
    if path.endswith("responses"):
        return {"input": [{"role": "user", "content": list(parts)}], **fields}
    limit = {"max_tokens": 9} if path.endswith("messages") else {}
    return {"messages": [{"role": "user", "content": list(parts)}], **limit, **fields}


PICTURE: dict[str, Any] = {
    "/v1/chat/completions": {"type": "image_url", "image_url": {"url": PNG}},
    "/v1/messages": {"type": "image", "source": SOURCE},
    "/v1/responses": {"type": "input_image", "image_url": PNG},
}
TOOL: dict[str, Any] = {
    "/v1/chat/completions": {"type": "function", "function": {"name": "f", "parameters": SCHEMA}},
    "/v1/messages": {"name": "f", "input_schema": SCHEMA},
    "/v1/responses": {"type": "function", "name": "f", "parameters": SCHEMA},
}


def text(path: str, said: str = "Dag") -> dict[str, Any]:
    return {"type": "input_text" if path.endswith("responses") else "text", "text": said}


def post(sluis: Installation, path: str, model: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{sluis.url}{path}", json={"model": model, **body}, headers=KEY, timeout=30)


@pytest.mark.parametrize("path", PICTURE)
def test_a_picture_goes_to_a_deployment_that_sees(
    sluis: Installation, internal_provider: OpenAIApi, path: str
) -> None:
    body = body_of(path, text(path), PICTURE[path])
    answer = post(sluis, path, "seeing", body)
    assert answer.status_code == 200, answer.text
    (intent, _) = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert intent["deployment"] == "house-chat"
    before = len(internal_provider.bodies)
    refused = post(sluis, path, "blind", body)
    assert refused.status_code == 400
    assert "takes images" in refused.json()["error"]["message"]
    assert len(internal_provider.bodies) == before
    (entry,) = sluis.entries(refused.headers["x-sluis-audit-id"])
    assert entry["outcome"] == "invalid_request"


@pytest.mark.parametrize("path", TOOL)
def test_tools_go_to_a_deployment_that_calls_them(sluis: Installation, path: str) -> None:
    body = body_of(path, text(path), tools=[TOOL[path]])
    answer = post(sluis, path, "seeing", body)
    assert answer.status_code == 200, answer.text
    assert sluis.entries(answer.headers["x-sluis-audit-id"])[0]["deployment"] == "house-chat"
    refused = post(sluis, path, "blind", body)
    assert (refused.status_code, "takes tools" in refused.text) == (400, True)


@pytest.mark.parametrize("path", TOOL)
def test_what_is_certainly_too_long_is_not_sent(sluis: Installation, path: str) -> None:
    long = body_of(path, text(path, "een woord " * 1200))
    answer = post(sluis, path, "seeing", long)
    assert answer.status_code == 200, answer.text
    assert sluis.entries(answer.headers["x-sluis-audit-id"])[0]["deployment"] == "house-chat"
    refused = post(sluis, path, "blind", long)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"
    if path.endswith("messages"):  # the words that Claude Code looks for
        assert refused.json()["error"]["message"].startswith("prompt is too long")
    short = post(sluis, path, "blind", body_of(path, text(path)))
    assert short.status_code == 200, short.text


@pytest.mark.parametrize("path", TOOL)
@pytest.mark.parametrize(
    "schema", ["object", [], {"type": 7}, {"properties": {"a": "string"}}], ids=str
)
def test_a_schema_that_is_none_is_refused(
    sluis: Installation, internal_provider: OpenAIApi, path: str, schema: Any
) -> None:
    tool = json.loads(json.dumps(TOOL[path]).replace(json.dumps(SCHEMA), json.dumps(schema)))
    before = len(internal_provider.bodies)
    refused = post(sluis, path, "inside", body_of(path, text(path), tools=[tool]))
    assert refused.status_code == 400, refused.text
    assert "JSON Schema" in refused.json()["error"]["message"]
    assert len(internal_provider.bodies) == before


def test_the_list_of_models_says_what_each_takes(sluis: Installation) -> None:
    listed = httpx.get(f"{sluis.url}/v1/models", headers=KEY).json()["data"]
    models = {model["id"]: model for model in listed}
    assert models["house-blind"]["context_window"] == 1000
    assert models["house-blind"]["capabilities"] == {"images": False, "tools": False}
    assert models["seeing"]["context_window"] == 1000
    assert models["seeing"]["capabilities"] == {"images": None, "tools": None}
    assert models["blind"]["capabilities"] == {"images": False, "tools": False}
    one = httpx.get(f"{sluis.url}/v1/models/house-blind", headers=KEY).json()
    assert one == models["house-blind"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_deployment_that_is_late_is_passed_over(sluis: Installation, *, stream: bool) -> None:
    answer = ask(
        sluis, "/v1/chat/completions", once("late then say hello"), "hurried", stream=stream
    )
    assert answer.status_code == 200, answer.text
    first, second, _ = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (first["deployment"], second["deployment"]) == ("gpt-hurried", "gpt-flaky")
    assert second["failed_attempts"] == ["gpt-hurried: upstream_timeout"]


def test_a_stream_that_falls_silent_ends_with_an_error(sluis: Installation) -> None:
    answer = ask(sluis, "/v1/chat/completions", "stall", "gpt-hurried", stream=True)
    assert answer.status_code == 200
    assert "upstream_timeout" in answer.text
    assert sluis.entries(answer.headers["x-sluis-audit-id"])[-1]["outcome"] == "upstream_timeout"


def test_an_answer_that_goes_on_for_too_long_is_ended(sluis: Installation) -> None:
    said = "slow; " + "een lang antwoord " * 10  # 20 characters a second
    answer = ask(sluis, "/v1/chat/completions", said, "gpt-hurried", stream=True)
    assert "upstream_timeout" in answer.text
    assert 10 < answer.text.count('"content"') < len(said)


def test_an_answer_of_another_deployment_than_the_named_one_says_so(sluis: Installation) -> None:
    def asked(model: str) -> httpx.Response:
        said = f"example: {once('status 500 then say hello')};"
        body = body_of("/v1/messages", text("/v1/messages", said))
        return post(sluis, "/v1/messages", model, body)

    named = asked("gpt-named")
    assert named.status_code == 200, named.text
    assert named.headers["x-sluis-deployment"] == named.json()["model"] == "gpt-spare"
    assert asked("spared").json()["model"] == "spared"
