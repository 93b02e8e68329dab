"""Errors of ``POST /v1/messages``: their shapes, and how a stream that failed ends."""

from typing import Any

import httpx
import pytest

from tests.contract.anthropic.conftest import TOOL, ask, both
from tests.support.anthropic_api import AnthropicServer, Manner
from tests.support.installation import APP_KEY, Installation
from tests.support.messages_reader import BrokenStream, events_of, message_of

pytestmark = pytest.mark.contract


@pytest.mark.parametrize(
    ("body", "status", "kind", "param"),
    [
        ({"max_tokens": None}, 400, "invalid_request_error", "max_tokens"),
        ({"mcp_servers": []}, 400, "invalid_request_error", "mcp_servers"),
        ({"messages": []}, 400, "invalid_request_error", "messages"),
        ({"temperature": 3}, 400, "invalid_request_error", "temperature"),
        ({"model": "none"}, 404, "not_found_error", "model"),
    ],
)
def test_refusals_have_anthropics_shape(
    client: httpx.Client, body: dict[str, Any], status: int, kind: str, param: str | None
) -> None:
    response = ask(client, "Dag", **body)
    assert response.status_code == status
    error = response.json()
    assert error["type"] == "error"
    assert error["request_id"] == response.headers["request-id"]
    assert (error["error"]["type"], error["error"]["param"]) == (kind, param)
    assert error["error"]["message"]


def test_a_wrong_key_is_an_authentication_error(client: httpx.Client) -> None:
    response = ask(client, "Dag", headers={"x-api-key": "sk-wrong"})
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"
    bearer = {"x-api-key": "", "authorization": f"Bearer {APP_KEY}"}
    assert ask(client, "Dag", headers=bearer).status_code == 200


@pytest.mark.parametrize("ending", ["error", "short", "unstopped", "broken"])
def test_a_failure_in_mid_stream_ends_with_an_error_event(
    client: httpx.Client, claude: AnthropicServer, ending: str
) -> None:
    claude.api.manner.ending = ending
    response = ask(client, "Dag " * 50, model="claude-flaky-only", stream=True)
    assert response.status_code == 200
    with pytest.raises(BrokenStream) as broken:
        message_of(events_of(response.text))
    assert broken.value.error["error"]["type"] == "api_error"
    assert broken.value.error["request_id"] == response.headers["request-id"]


@pytest.mark.parametrize("ending", ["cut", "error event"])
def test_a_failure_of_a_translated_stream_ends_with_an_error_event(
    client: httpx.Client, ending: str
) -> None:
    response = ask(client, f"example: {ending};", model="flaky", stream=True)
    with pytest.raises(BrokenStream):
        message_of(events_of(response.text))


@both
def test_an_overloaded_provider_is_told_with_the_time_to_wait(
    client: httpx.Client, claude: AnthropicServer, stream: bool
) -> None:
    claude.api.manner = Manner(status=429, error="rate_limit_error", retry_after="17")
    response = ask(client, "Dag", model="claude-flaky-only", stream=stream)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "17"
    assert response.json()["error"]["type"] == "rate_limit_error"
    assert "Overloaded" not in response.text


@both
def test_a_content_rule_ends_a_message_with_a_refusal(
    client: httpx.Client, claude: AnthropicServer, sluis: Installation, stream: bool
) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow"
    claude.api.manner.says = f"Hier is hij: {key} en meer"
    response = ask(client, "Dag", stream=stream, tools=[TOOL])
    message = message_of(events_of(response.text)) if stream else response.json()
    assert message["stop_reason"] == "refusal"
    assert "PRIVATE KEY" not in response.text
    assert [block["type"] for block in message["content"]] == ["text"]
    closing = sluis.entries(response.headers["x-sluis-audit-id"])[-1]
    assert closing["outcome"] == "content_filter"
