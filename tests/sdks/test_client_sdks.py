"""Real SDKs against a real gateway; a part of ``make campaign``.

Each program prints what its SDK showed, by case. The expected outcomes are in
``tests/data/client_sdks.yaml``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.anthropic.conftest import ALIASES, CLAUDE
from tests.support import client_sdks
from tests.support.anthropic_api import AnthropicServer
from tests.support.installation import APP_KEY, SLOW_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.contract, pytest.mark.slow, pytest.mark.timeout(900)]
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(
    Path("tests/data/client_sdks.yaml").read_text(encoding="utf-8")
)["programs"]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    client_sdks.install()


@pytest.fixture(scope="module")
def claude() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, config: str, claude: AnthropicServer
) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("sdks"))
    config = config.replace("deployments:\n", CLAUDE.format(url=claude.url), 1)
    installation.apply(config.replace("aliases:\n", ALIASES, 1))
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


@pytest.mark.parametrize("program", EXPECTED)
def test_an_sdk_shows_what_was_asked_for(
    gateway: Installation, eu: OpenAIApi, claude: AnthropicServer, program: str
) -> None:
    before = {(entry["log"], entry["seq"]) for entry in gateway.entries()}
    shown = client_sdks.run(
        program, SLUIS_URL=gateway.url, SLUIS_KEY=APP_KEY, SLUIS_LIMITED_KEY=SLOW_KEY
    )
    assert shown == EXPECTED[program]
    arrived = [*eu.bodies, *(one.body for one in claude.api.received)]
    assert not [body for body in arrived if b"111222333" in body or b"kanker" in body]
    new = [one for one in gateway.entries() if (one["log"], one["seq"]) not in before]
    closed = [one for one in new if one["event"] == "request:answer:close"]
    assert {one["outcome"] for one in closed} == {"ok"}
    assert all(one["input_tokens"] for one in closed)
    refused = {one["outcome"] for one in new if one["event"] == "request:refusal:record"}
    named = {"invalid_request"} if program == "ai_sdk.mjs" else set()  # items by their ids
    assert refused == {"access_denied", "rate_limit_exceeded"} | named
