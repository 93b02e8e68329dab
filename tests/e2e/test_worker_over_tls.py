"""A model worker on another machine: reached over TLS, with one trusted authority."""

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import openai
import pytest

from gateway.core.errors import UpstreamFailed
from gateway.core.level import Zone
from gateway.core.snapshot import Provider, Snapshot
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient
from tests.support.certificates import Certificate, certificate
from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.messages_reader import events_of, message_of
from tests.support.ports import free_port
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
CONFIG = """\
version: 1
providers:
  - {{name: house, kind: worker, base_url: "{url}/v1", zone: internal, ca: "{ca}"}}
deployments:
  - {{name: own, provider: house, model: tiny@production}}
aliases:
  - {{name: inside, candidates: [own]}}
teams:
  - {{name: support}}
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""


@dataclass(frozen=True)
class Place:
    """An installation whose worker serves https at ``url`` with ``own``."""

    sluis: Installation
    url: str
    own: Certificate


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("tls")
    own, port = certificate(folder), free_port()
    url = f"https://127.0.0.1:{port}"
    sluis = Installation(folder)
    sluis.apply(CONFIG.format(url=url, ca=own.path))
    environment = {
        **sluis.environment(),
        "SLUIS_CONTROL_URL": sluis.control,  # a machine without files of the control plane
        "SLUIS_WORKER_PORT": str(port),
        "SLUIS_WORKER_CERT": str(own.path),
        "SLUIS_WORKER_KEY": str(own.key),
    }
    sluis.start("control")
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "gateway", "worker"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        approve(sluis, make_tiny(folder / "tiny"))
        context = ssl.create_default_context(cafile=own.path)
        sluis.until(lambda: serves(f"{url}/health/ready", context), "the worker serves", worker)
        sluis.start("gateway")
        yield Place(sluis, url, own)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
        sluis.stop()


def approve(sluis: Installation, directory: Path) -> None:
    sluis.sluis("models", "register", "tiny", "1", "--base", str(directory))
    done = sluis.admin("POST", "/models/tiny/1/approve", OFFICER_KEY)
    assert done.status_code == 200, done.text
    done = sluis.admin("POST", "/models/tiny/1/promote", ADMIN_KEY, json={"tag": "production"})
    assert done.status_code == 200, done.text


def serves(address: str, context: ssl.SSLContext) -> bool:
    try:
        return httpx.get(address, timeout=2, verify=context).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_request_is_answered_by_the_worker_over_tls(place: Place) -> None:
    body = {
        "model": "inside",
        "max_tokens": 4,
        "messages": [{"role": "user", "content": "Hallo"}],
    }
    sluis = place.sluis
    answer = sluis.ask(body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-deployment"] == "own"
    assert answer.json()["usage"]["completion_tokens"] >= 1
    streamed = sluis.ask({**body, "stream": True})
    assert streamed.status_code == 200
    assert streamed.text.rstrip().endswith("data: [DONE]")
    assert json.loads(streamed.text.split("\n", 1)[0].removeprefix("data: "))["object"]


@pytest.mark.parametrize("stream", [False, True])
def test_the_other_dialects_are_answered_by_the_worker(place: Place, *, stream: bool) -> None:
    """A short chat by Anthropic's and OpenAI's own clients."""
    url, said = place.sluis.url, [{"role": "user", "content": "Hallo"}]
    with openai.OpenAI(base_url=f"{url}/v1", api_key=APP_KEY, max_retries=0) as client:
        asked = {"model": "inside", "input": "Hallo", "max_output_tokens": 24, "temperature": 0}
        made = client.responses.create(**asked, stream=stream)
        response = list(made)[-1].response if stream else made
    assert response.output_text
    assert response.usage is not None
    assert response.usage.output_tokens >= 1
    body = {
        "model": "inside",
        "max_tokens": 24,
        "temperature": 0,
        "messages": said,
        "stream": stream,
    }
    answer = httpx.post(f"{url}/v1/messages", json=body, headers={"x-api-key": APP_KEY}, timeout=60)
    assert answer.headers["x-sluis-deployment"] == "own"
    message = message_of(events_of(answer.text)) if stream else answer.json()
    assert message["content"][0]["text"]
    assert message["usage"]["output_tokens"] >= 1


def test_the_worker_refuses_plain_http(place: Place) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(place.url.replace("https", "http") + "/health/live", timeout=5)


@pytest.mark.parametrize("authority", ["other", None])
def test_another_authority_or_none_is_refused_before_a_byte_is_sent(
    place: Place, tmp_path: Path, authority: str | None
) -> None:
    ca = str(certificate(tmp_path, authority).path) if authority else None

    async def call() -> None:
        provider = Provider("house", "worker", f"{place.url}/v1", Zone.INTERNAL, ca=ca)
        egress = UpstreamClient(
            Snapshot(0, {}, [provider]), secret=lambda _: None, worker_token="t", formats={}
        )
        body = {"messages": [{"role": "user", "content": "Hallo"}]}
        departure = await egress.write(
            "house", "tiny@production", body, dialect=OpenAIChat(), digest=None
        )
        try:
            with pytest.raises(UpstreamFailed, match="cannot be reached"):
                await egress.send(departure)
        finally:
            await egress.close()

    asyncio.run(call())
