"""A commercial provider behind a corporate proxy, from sluis.yaml to the entry of a request."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_logs import lines
from tests.support.certificates import Certificate, certificate
from tests.support.connect_proxy import ConnectProxy
from tests.support.installation import Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
HOST = "provider.invalid"
CONFIG = """\
version: 1
providers:
  - {{name: outside, kind: openai, zone: eu, base_url: "https://{host}/v1",
     proxy: "{proxy}", proxy_auth: "env:TEST_UPSTREAM_KEY", pins: ["{pin}"], ca: "{ca}",
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
  - {{name: direct, kind: openai, zone: eu, base_url: "{direct}",
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments:
  - {{name: far, provider: outside, model: gpt}}
  - {{name: near, provider: direct, model: gpt}}
aliases: [{{name: assistant, candidates: [far, near]}}]
teams: [{{name: support}}]
keys: [{{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}]
"""


@pytest.fixture
def own(tmp_path: Path) -> Certificate:
    return certificate(tmp_path, hosts=[HOST])


@pytest.fixture
def api(own: Certificate) -> Iterator[OpenAIApi]:
    with OpenAIApi(tls=own) as server:
        yield server


@pytest.fixture
def proxy(api: OpenAIApi) -> Iterator[ConnectProxy]:
    with ConnectProxy({HOST: api.port}) as server:
        yield server


def test_proxy_and_certificate_are_on_record_before_a_request_leaves(
    tmp_path: Path, own: Certificate, proxy: ConnectProxy, eu: OpenAIApi
) -> None:
    sluis = Installation(tmp_path / "sluis")
    place = {"host": HOST, "proxy": proxy.url, "pin": own.pin, "ca": own.path, "direct": eu.url}
    sluis.apply(CONFIG.format(**place))
    try:
        sluis.start("control", "gateway")
        first = sluis.ask("What is a lock?")
        assert first.status_code == 200, first.text
        assert first.headers["x-sluis-deployment"] == "far"
        (intent,) = _intents(sluis, first.headers["x-sluis-audit-id"])
        assert intent["proxy"] == f"127.0.0.1:{proxy.port}"
        assert intent["certificate"] == own.digest
        proxy.manner = "refuse"
        sluis.kill("gateway")  # so that no connection is open
        sluis.start("gateway")
        second = sluis.ask("What is a lock?")
        assert second.headers["x-sluis-deployment"] == "near"
        (intent,) = _intents(sluis, second.headers["x-sluis-audit-id"])
        assert "proxy" not in intent
    finally:
        sluis.stop()


def test_a_file_of_an_authority_that_is_missing_is_named_and_the_others_serve(
    tmp_path: Path, own: Certificate, proxy: ConnectProxy, eu: OpenAIApi
) -> None:
    sluis, missing = Installation(tmp_path / "sluis"), tmp_path / "none.pem"
    place = {"host": HOST, "proxy": proxy.url, "pin": own.pin, "ca": missing, "direct": eu.url}
    sluis.apply(CONFIG.format(**place))
    try:
        sluis.start("control", "gateway")
        answer = sluis.ask("What is a lock?")
        assert answer.headers["x-sluis-deployment"] == "near"
        events = [line for line in lines(sluis) if line["event"] == "egress:provider:refused"]
        assert [(line["provider"], str(missing) in line["reason"]) for line in events] == [
            ("outside", True)
        ]
        assert "sluis.yaml" in events[0]["message"]
        done = sluis.sluis("doctor", "--json", check=False)
        (todo,) = [
            one["todo"]
            for one in json.loads(done.stdout)["checks"]
            if one["check"] == "no certificate ends within 30 days"
        ]
        assert f"{missing} (it is missing)" in todo
    finally:
        sluis.stop()


def _intents(sluis: Installation, request: str) -> list[dict[str, object]]:
    entries = sluis.entries(request)
    return [one for one in entries if one["event"] == "request:departure:intent"]
