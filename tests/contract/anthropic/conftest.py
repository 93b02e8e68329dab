"""An installation with providers of two dialects, and a client of the Messages API."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.anthropic_api import AnthropicServer, Manner
from tests.support.installation import APP_KEY, Installation
from tests.support.messages_reader import events_of, message_of

CLAUDE = """\
  - {{name: claude, kind: anthropic, base_url: "{url}", api_key: "env:TEST_UPSTREAM_KEY", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments:
  - {{name: claude-eu, provider: claude, model: claude-sonnet-5,
     price: {{input_per_million: 1000, output_per_million: 1000}}}}
  - {{name: claude-flaky, provider: claude, model: claude-sonnet-5}}
  - {{name: claude-second, provider: claude, model: claude-sonnet-5}}
"""
ALIASES = """\
aliases:
  - {name: claude, candidates: [claude-eu, house-chat]}
  - {name: claude-only, candidates: [claude-eu]}
  - {name: claude-flaky-only, candidates: [claude-flaky]}
"""
TOOL = {
    "name": "Bash",
    "description": "Runs a command.",
    "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
}
both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@pytest.fixture(scope="package")
def claude() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture(scope="package")
def sluis(
    tmp_path_factory: pytest.TempPathFactory, config: str, claude: AnthropicServer
) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("messages"))
    config = config.replace("deployments:\n", CLAUDE.format(url=claude.url), 1)
    installation.apply(config.replace("aliases:\n", ALIASES, 1))
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


@pytest.fixture(autouse=True)
def _as_usual(claude: AnthropicServer) -> None:
    claude.api.manner = Manner()


@pytest.fixture
def client(sluis: Installation) -> Iterator[httpx.Client]:
    headers = {"x-api-key": APP_KEY, "anthropic-version": "2023-06-01"}
    with httpx.Client(base_url=sluis.url, headers=headers, timeout=60) as made:
        yield made


def ask(client: httpx.Client, content: Any, model: str = "claude-only", **body: Any) -> Any:
    """One question, or a whole list of messages."""
    is_turn = isinstance(content, str) or "role" not in content[0]
    messages = [{"role": "user", "content": content}] if is_turn else content
    headers = body.pop("headers", {})
    sent = {"model": model, "max_tokens": 1000, "messages": messages, **body}
    response = client.post("/v1/messages?beta=true", json=sent, headers=headers)
    assert response.headers["request-id"] == response.headers["x-sluis-audit-id"]
    return response


def answered(client: httpx.Client, content: Any, *, stream: bool, **body: Any) -> dict[str, Any]:
    """The message, read whole or from its events."""
    response = ask(client, content, stream=stream, **body)
    assert response.status_code == 200, response.text
    if not stream:
        return dict(response.json())
    assert response.headers["content-type"].startswith("text/event-stream")
    return message_of(events_of(response.text))


def text_of(message: dict[str, Any]) -> str:
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")
