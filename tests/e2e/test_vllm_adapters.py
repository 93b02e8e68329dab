"""Adapters in vLLM: a version serves where the engine lists it, also after a restart."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cards import CARD
from tests.support.installation import OFFICER_KEY, Installation
from tests.support.vllm_api import CONTEXT, VllmApi

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
CONFIG = """\
version: 1
providers:
  - {{name: pods, kind: vllm, base_url: "{pods}", zone: internal}}
  - {{name: spare, kind: vllm, base_url: "{spare}", zone: internal}}
deployments:
  - {{name: letters, provider: pods, version: letters@production}}
  - {{name: letters-spare, provider: spare, version: letters@production}}
aliases:
  - {{name: own, candidates: [letters]}}
  - {{name: both, candidates: [letters, letters-spare]}}
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""
BASE = ["/models/mistral", "--served-model-name=mistral", "--port=8000"]
# As the chart writes them.
ADAPTED = [*BASE, "--enable-lora", "--lora-modules", "letters@1=/models/letters-1", "--seed=1"]


@dataclass
class Pods:
    """An installation with two engines."""

    sluis: Installation
    vllm: VllmApi
    spare: VllmApi

    def ask(self, model: str = "own", text: str = "Hallo") -> httpx.Response:
        said = [{"role": "user", "content": text}]
        return self.sluis.ask({"model": model, "messages": said})

    def serves(self, model: str = "own") -> bool:
        return self.ask(model).status_code == 200


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[Pods]:
    with VllmApi() as vllm, VllmApi() as spare:
        vllm.start(BASE, BASE)
        spare.start(ADAPTED)
        made = Pods(Installation(tmp_path), vllm, spare)
        made.sluis.apply(CONFIG.format(pods=vllm.url, spare=spare.url))
        try:
            made.sluis.start("control", "gateway")
            engine = {
                "served_name": "letters@1",
                "engine": "vllm",
                "source": "example/letters",
                "revision": "1",
            }
            requested(made.sluis, "/models", name="letters", version="1", card=CARD, engine=engine)
            requested(made.sluis, "/models/letters/1/approve", key=OFFICER_KEY)
            requested(made.sluis, "/models/letters/1/promote")
            yield made
        finally:
            made.sluis.stop()


def requested(sluis: Installation, path: str, *, key: str = "", **body: Any) -> None:
    done = sluis.admin("POST", path, *([key] if key else []), json=body)
    assert done.is_success, done.text


def test_an_adapter_serves_once_every_pod_has_it_and_again_after_a_restart(pods: Pods) -> None:
    pods.sluis.until(lambda: pods.serves("both"), "the version is promoted")
    refused = pods.ask()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_upstream")
    assert "retry-after" not in refused.headers
    assert not pods.vllm.bodies  # nothing was sent to a pod without it
    pods.vllm.start(ADAPTED, ADAPTED)
    pods.sluis.until(pods.serves, "the pods have loaded it")
    pods.vllm.start(ADAPTED, ADAPTED)
    assert all(pods.serves() for _ in range(4))
    answer = pods.ask()
    assert answer.headers["x-sluis-model-version"] == "letters@1"
    assert pods.vllm.last()["model"] == "letters@1"
    (intent, *_) = pods.sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["model_proof"], intent["model_version"]) == ("served_name", "letters@1")


def test_a_pod_that_lacks_it_during_a_rollout_costs_no_request(pods: Pods) -> None:
    pods.vllm.start(ADAPTED, ADAPTED)
    pods.sluis.until(pods.serves, "the pods have loaded it")
    pods.vllm.start(BASE, ADAPTED)
    answers = [pods.ask("both") for _ in range(6)]
    assert {one.status_code for one in answers} == {200}
    deployments = {one.headers["x-sluis-deployment"] for one in answers}
    assert "letters-spare" in deployments


def test_a_text_longer_than_the_context_is_the_callers_fault(pods: Pods) -> None:
    pods.sluis.until(lambda: pods.serves("both"), "the version is promoted")
    refused = pods.ask("both", text="sluis " * (CONTEXT + 1))
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        400,
        "context_length_exceeded",
    )
