"""Failures of providers: another deployment answers where one can, and clients know what helps."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.contract
_NUMBERS = count(1)  # random digits, and a sign before them, can look like a secret
PATHS = ["/v1/chat/completions", "/v1/responses"]


@pytest.fixture(scope="module", autouse=True)
def breakers_closed(sluis: Installation) -> Iterator[None]:
    """An answer of each deployment that failed here: other tests find no open breaker."""
    yield
    for model in ("outside", "flaky"):
        assert ask(sluis, PATHS[0], "say hello", model).status_code == 200


def ask(
    sluis: Installation, path: str, wish: str, model: str = "pair", **fields: Any
) -> httpx.Response:
    text = f"example: {wish};"
    told = {"input": text} if path.endswith("responses") else {}
    chat = {"messages": [{"role": "user", "content": text}]}
    return httpx.post(
        f"{sluis.url}{path}",
        json={"model": model, **(told or chat), **fields},
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=30,
    )


def once(wish: str) -> str:
    return f"once {wish} nr {next(_NUMBERS)}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wish", ["status 500", "status 429", "status 401"])
def test_another_deployment_answers(
    sluis: Installation, path: str, wish: str, *, stream: bool
) -> None:
    answer = ask(sluis, path, once(wish), stream=stream)
    assert answer.status_code == 200, answer.text
    first, second, close = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert {first["deployment"], second["deployment"]} == {"gpt-eu", "gpt-flaky"}
    assert second["failed_attempts"] == [f"{first['deployment']}: upstream_error"]
    assert close["outcome"] == "ok"


def test_a_stream_that_dies_before_its_first_event_is_asked_elsewhere(sluis: Installation) -> None:
    answer = ask(sluis, PATHS[0], once("empty stream"), stream=True)
    assert answer.status_code == 200, answer.text
    assert answer.text.endswith("data: [DONE]\n\n")
    intents = sluis.entries(answer.headers["x-sluis-audit-id"])[:-1]
    assert {one["deployment"] for one in intents} == {"gpt-eu", "gpt-flaky"}


@pytest.mark.parametrize("path", PATHS)
def test_the_limit_of_a_provider_is_passed_on(sluis: Installation, path: str) -> None:
    answer = ask(sluis, path, "status 429")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "upstream_rate_limited"
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("wish", ["429 then status 401", "401 then status 429"])
def test_what_time_heals_counts_where_another_fault_is_the_operators(
    sluis: Installation, wish: str
) -> None:
    answer = ask(sluis, PATHS[0], once(f"status {wish}"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "operator" not in answer.json()["error"]["message"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_fault_of_the_operator_is_no_reason_to_try_again(
    sluis: Installation, eu: OpenAIApi, status: int
) -> None:
    before = len(eu.bodies)
    answer = ask(sluis, PATHS[0], f"status {status}", model="outside")
    assert answer.status_code == 503
    assert "retry-after" not in answer.headers
    assert answer.headers["x-should-retry"] == "false"
    assert "operator" in answer.json()["error"]["message"]
    assert len(eu.bodies) == before + 1
    for _ in range(3):
        ask(sluis, PATHS[0], f"status {status}", model="outside")
    assert ask(sluis, PATHS[0], "say hello", model="outside").status_code == 200
