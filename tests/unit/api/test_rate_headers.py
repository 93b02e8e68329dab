"""What is left of a limit, in the headers that the clients of each API read."""

from datetime import UTC, datetime

import pytest

from gateway.api.headers import headers_of
from gateway.limits import Room
from gateway.request.context import AuditRecord
from gateway.telemetry import Timeline

pytestmark = pytest.mark.unit


def headers(surface: str) -> dict[str, str]:
    record = AuditRecord("a" * 32, Timeline(lambda: 0.0), fields={"surface": surface})
    record.limits = {"requests": Room(60, 59, 1), "tokens": Room(1000, 250, 45)}
    return headers_of(record, on_record=True)


@pytest.mark.parametrize("surface", ["chat", "responses", "messages"])
def test_what_openai_clients_read(surface: str) -> None:
    found = headers(surface)
    assert found["x-ratelimit-limit-requests"] == "60"
    assert found["x-ratelimit-remaining-requests"] == "59"
    assert found["x-ratelimit-limit-tokens"] == "1000"
    assert found["x-ratelimit-remaining-tokens"] == "250"
    assert found["x-ratelimit-reset-tokens"] == "45s"


@pytest.mark.parametrize("surface", ["messages", "count_tokens"])
def test_what_anthropic_clients_read(surface: str) -> None:
    found = headers(surface)
    assert found["anthropic-ratelimit-requests-limit"] == "60"
    assert found["anthropic-ratelimit-tokens-remaining"] == "250"
    reset = datetime.fromisoformat(found["anthropic-ratelimit-tokens-reset"])
    assert 43 <= (reset - datetime.now(UTC)).total_seconds() <= 46


def test_clients_of_openai_get_no_headers_of_anthropic() -> None:
    assert not [name for name in headers("chat") if name.startswith("anthropic")]
