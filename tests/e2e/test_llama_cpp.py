"""llama.cpp behind the gateway: another real engine, whose version is bound to its served name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.test_vllm_adapters import requested
from tests.support import llama_engine
from tests.support.cards import CARD
from tests.support.installation import APP_KEY, OFFICER_KEY, Installation
from tests.support.llama_engine import LlamaEngine
from tests.support.tiny_gguf import write_gguf
from tests.support.tiny_model import make_speaking

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(300)]
SENTENCE = "The lock is open."
NAME = "chat-v1"
ENGINE_KEY = "sk-engine-canary-00000000000000"
_SAID = [{"role": "user", "content": "Hallo"}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "own", "messages": _SAID},
    "/v1/messages": {"model": "own", "max_tokens": 50, "messages": _SAID},
    "/v1/responses": {"model": "own", "input": "Hallo"},
}
RESTRICTED = "Mevrouw Fatima Yilmaz heeft diabetes."
CONFIG = """\
version: 1
providers:
  - {{name: engines, kind: vllm, base_url: "{engine}", zone: internal, api_key: "env:ENGINE_KEY"}}
deployments: [{{name: chat, provider: engines, version: chat@production}}]
aliases: [{{name: own, candidates: [chat]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""


@dataclass
class Place:
    """An installation with one engine."""

    sluis: Installation
    engine: LlamaEngine

    def ask(self, text: str = RESTRICTED, **fields: Any) -> httpx.Response:
        said = [{"role": "user", "content": text}]
        return self.sluis.ask({"model": "own", "messages": said, **fields})

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"authorization": f"Bearer {APP_KEY}"}
        return httpx.post(f"{self.sluis.url}{path}", json=body, headers=headers, timeout=60)

    def drifts(self) -> list[dict[str, Any]]:
        entries = self.sluis.entries()
        return [one for one in entries if one["event"] == "gateway:model:drift"]

    def serves(self) -> bool:
        return self.ask().status_code == 200

    def serve(self, name: str = NAME, key: str = ENGINE_KEY) -> None:
        self.engine.start(name, key)


@pytest.fixture(scope="module")
def started(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    python = llama_engine.install(pytestconfig)
    folder = tmp_path_factory.mktemp("llama")
    model = make_speaking(folder / "speaking", SENTENCE, context=1024)
    gguf = write_gguf(model, folder / "speaking.gguf")
    sluis = Installation(folder / "sluis", settings={"ENGINE_KEY": ENGINE_KEY})
    place = Place(sluis, LlamaEngine(python, gguf, folder / "engine.log"))
    sluis.apply(CONFIG.format(engine=place.engine.url))
    engine = {
        "served_name": NAME,
        "engine": "llama.cpp",
        "source": "example/speaking",
        "revision": "1",
    }
    try:
        sluis.start("control", "gateway")
        requested(sluis, "/models", name="chat", version="1", card=CARD, engine=engine)
        requested(sluis, "/models/chat/1/approve", key=OFFICER_KEY)
        requested(sluis, "/models/chat/1/promote")
        yield place
    finally:
        sluis.stop()
        place.engine.stop()


@pytest.fixture
def place(started: Place) -> Place:
    """It serves: what a test did to the engine before is undone."""
    started.serve()
    started.sluis.until(started.serves, "the engine serves the version")
    return started


def test_a_registered_version_answers_restricted_text(place: Place) -> None:
    answer = place.ask()
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["choices"][0]["message"]["content"] == SENTENCE
    assert body["choices"][0]["finish_reason"] == "stop"
    assert "timings" not in body
    assert answer.headers["x-sluis-zone"] == "internal"
    assert answer.headers["x-sluis-model-version"] == "chat@1"
    intent, closing = place.sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["level"], intent["deployment"]) == ("restricted", "chat")
    assert (intent["model_proof"], intent["model_version"]) == ("served_name", "chat@1")
    usage = body["usage"]
    counted = (closing["input_tokens"], closing["output_tokens"])
    assert counted == (usage["prompt_tokens"], usage["completion_tokens"])
    assert closing["outcome"] == "ok"


def test_a_stream_ends_with_its_usage(place: Place) -> None:
    answer = place.ask(stream=True, stream_options={"include_usage": True})
    frames = [one.removeprefix("data: ") for one in answer.text.split("\n\n") if one]
    assert frames[-1] == "[DONE]"
    chunks = [json.loads(one) for one in frames[:-1]]
    deltas = [one["choices"][0]["delta"] for one in chunks if one["choices"]]
    assert "".join(one.get("content") or "" for one in deltas) == SENTENCE
    assert chunks[-1]["usage"] == {**place.ask().json()["usage"]}
    _, closing = place.sluis.entries(answer.headers["x-sluis-audit-id"])
    assert closing["output_tokens"] == chunks[-1]["usage"]["completion_tokens"]


def test_other_dialects_are_translated(place: Place) -> None:
    before = len(place.drifts())
    messages = place.post("/v1/messages", BODIES["/v1/messages"])
    assert messages.json()["content"][0]["text"] == SENTENCE
    streamed = place.post("/v1/messages", {**BODIES["/v1/messages"], "stream": True})
    responses = place.post("/v1/responses", BODIES["/v1/responses"])
    assert responses.json()["output"][-1]["content"][0]["text"] == SENTENCE
    assert messages.json()["model"] == "own"  # as clients of this API asked
    assert "reported_model" not in messages.text + streamed.text
    assert len(place.drifts()) == before  # it is the same model in each


def test_a_text_longer_than_the_context_is_the_callers_fault(place: Place) -> None:
    refused = place.ask("De sluis gaat open voor het schip. " * 500)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"
    assert place.serves()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_another_name_in_an_answer_is_on_record(place: Place, path: str) -> None:
    before = len(place.drifts())
    place.serve("chat-v2")  # llama.cpp answers to any name, and with its own
    assert place.post(path, BODIES[path]).status_code == 200
    (drift,) = place.drifts()[before:]
    assert (drift["deployment"], drift["model_version"]) == ("chat", "chat@1")
    assert (drift["expected_model"], drift["reported_model"]) == (NAME, "chat-v2")


def test_nothing_is_sent_to_an_engine_without_the_name_of_the_version(place: Place) -> None:
    place.serve("chat-v2")
    place.sluis.kill("gateway")  # a new one has no list of before
    place.sluis.start("gateway")
    refused = place.ask()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_upstream")
    assert "retry-after" not in refused.headers
    place.serve()
    place.sluis.until(place.serves, "the name is back")


def test_another_key_is_a_fault_of_the_operator(place: Place) -> None:
    place.serve(key="sk-another-00000000000000000000")
    refused = place.ask()
    assert refused.status_code == 503
    assert refused.headers["x-should-retry"] == "false"
    assert "operator" in refused.json()["error"]["message"]


def test_an_engine_that_is_gone_may_be_asked_again(place: Place) -> None:
    place.engine.stop()
    refused = place.ask()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_upstream")
    assert "retry-after" in refused.headers
