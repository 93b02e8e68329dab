"""Failures of providers, in every dialect and on every way to one: client, entries and bill.

After a failure no stream ends as a whole one does. Silence ends at a limit that the test sets.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.core.snapshot import Timeouts
from gateway.core.system import secrets
from gateway.egress.sse import EventReader
from tests.support import chat_reader, messages_reader, responses_reader
from tests.support.in_process import InProcessGateway, key_of
from tests.support.provider_faults import (
    BROKEN,
    DETAIL,
    OUTCOMES,
    REFUSED,
    SAID,
    Fault,
    frames,
    good,
    not_an_answer,
)
from tests.support.wire_catalogue import PATHS, PRICE, WAYS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="module")]
PATIENCE = Timeouts()
HURRY = Timeouts(first_token=0.25, idle=0.25)  # long for an answer of a busy machine
ROUTES = [(dialect, way) for dialect, ways in WAYS.items() for way in ways]
AT_ONCE = sorted(BROKEN.keys() - {"silent"})
STREAMED = [route for route in ROUTES if route[0] != "embeddings"]
BOTH = [(*route, stream) for route in ROUTES for stream in (False, True)]
BOTH.remove(("embeddings", "openai", True))
every = pytest.mark.parametrize(("dialect", "way", "stream"), BOTH)
streams = pytest.mark.parametrize(("dialect", "way"), STREAMED)


@pytest.fixture(scope="module")
def provider() -> Iterator[WireProvider]:
    with WireProvider(good) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    provider: WireProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessGateway]:
    async with _started(provider, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def impatient(
    provider: WireProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessGateway]:
    """The same with a short limit of silence."""
    async with _started(provider, tmp_path_factory.mktemp("impatient"), HURRY) as running:
        yield running


def _started(
    provider: WireProvider, folder: Path, timeouts: Timeouts = PATIENCE
) -> InProcessGateway:
    made = secrets.create(folder / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper), timeouts)
    return InProcessGateway(snapshot, folder, made=made)


@pytest.fixture(autouse=True)
def _as_usual(provider: WireProvider) -> None:
    provider.script = good
    provider.arrived.clear()


async def ask(
    gateway: InProcessGateway, dialect: str, way: str, *, stream: bool
) -> tuple[httpx.Response, dict[str, Any]]:
    """One request to one European provider; its answer, and its closing entry."""
    body: dict[str, Any] = {"model": f"{way}-eu"}
    if stream:
        body["stream"] = True
    if dialect in {"responses", "embeddings"}:
        body["input"] = "Dag"
    else:
        body |= {"messages": [{"role": "user", "content": "Dag"}], "max_tokens": 99}
    answer = await gateway.client.post(PATHS[dialect], json=body)
    intent, close = gateway.entries_of(answer)
    assert (intent.event, close.event) == ("request:departure:intent", "request:answer:close")
    assert DETAIL not in answer.text
    return answer, dict(close.fields)


def error_of(dialect: str, answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer, in the shape of its dialect."""
    body = answer.json()
    error: dict[str, Any] = body["error"]
    if dialect == "messages":
        assert body["type"] == "error"
        assert body["request_id"] == answer.headers["request-id"]
    assert {"type", "message", "code", "param"} <= error.keys()
    return error


def said_of_chat(text: str) -> str:
    stream = chat_reader.read(text)
    assert (stream.error, stream.reason) == (None, "stop")
    return stream.text


def said_of_message(text: str) -> str:
    message = messages_reader.message_of(messages_reader.events_of(text))
    assert message["stop_reason"] == "end_turn"
    return str(message["content"][0]["text"])


def said_of_response(text: str) -> str:
    last = responses_reader.events_of(text)[-1]
    assert last["type"] == "response.completed"
    return str(last["response"]["output"][0]["content"][0]["text"])


def failure_of_chat(text: str) -> str:
    error = chat_reader.read(text).error
    assert error is not None
    return str(error["code"])


def failure_of_message(text: str) -> str:
    with pytest.raises(messages_reader.BrokenStream) as broken:
        messages_reader.message_of(messages_reader.events_of(text))
    return str(broken.value.error["error"]["code"])


def failure_of_response(text: str) -> str:
    last = responses_reader.events_of(text)[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    return str(last["response"]["error"]["code"])


Read = Callable[[str], str]
# What a strict reader of each dialect finds: the text of a whole stream, the code of a failed one.
SAID_OF: dict[str, Read] = {
    "chat_completions": said_of_chat,
    "messages": said_of_message,
    "responses": said_of_response,
}
FAILURE_OF: dict[str, Read] = {
    "chat_completions": failure_of_chat,
    "messages": failure_of_message,
    "responses": failure_of_response,
}


def billed(close: dict[str, Any]) -> bool:
    """Whether a bill is there, and is that of the tokens on record."""
    cost = close.get("input_tokens", 0) * PRICE.input_per_million
    cost += close.get("output_tokens", 0) * PRICE.output_per_million
    return bool(cost) and close["cost_micros"] == cost


@every
@pytest.mark.parametrize("name", REFUSED)
async def test_an_error_status_is_an_error_of_the_dialect_and_costs_nothing(
    gateway: InProcessGateway,
    provider: WireProvider,
    name: str,
    dialect: str,
    way: str,
    *,
    stream: bool,
) -> None:
    provider.script, status, wait = REFUSED[name]
    answer, close = await ask(gateway, dialect, way, stream=stream)
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == (str(wait) if wait else None)
    if status == 503:
        assert (answer.headers.get("x-should-retry") == "false") == (wait is None)
    assert close["outcome"] == error_of(dialect, answer)["code"]
    assert close.get("cost_micros") is None
    assert len(provider.arrived) == 1


@streams
@pytest.mark.parametrize("quarters", [1, 2, 3, 4])
@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_stream_that_breaks_does_not_end_as_a_whole_one(
    gateway: InProcessGateway,
    provider: WireProvider,
    name: str,
    quarters: int,
    dialect: str,
    way: str,
) -> None:
    provider.script = BROKEN[name](quarters)
    answer, close = await ask(gateway, dialect, way, stream=True)
    assert answer.status_code == 200
    code = FAILURE_OF[dialect](answer.text)
    assert code == close["outcome"]
    assert code in OUTCOMES[name]
    assert billed(close)


@streams
@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_stream_that_breaks_before_its_first_event_has_a_status(
    gateway: InProcessGateway, provider: WireProvider, name: str, dialect: str, way: str
) -> None:
    provider.script = BROKEN[name](0)
    answer, close = await ask(gateway, dialect, way, stream=True)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert close["outcome"] == error_of(dialect, answer)["code"] == "no_upstream"
    assert close.get("cost_micros") is None


@pytest.mark.parametrize(("dialect", "way"), ROUTES)
@pytest.mark.parametrize("quarters", [0, 2, 3])
@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_whole_answer_that_breaks_is_an_error(
    gateway: InProcessGateway,
    provider: WireProvider,
    name: str,
    quarters: int,
    dialect: str,
    way: str,
) -> None:
    provider.script = BROKEN[name](quarters)
    answer, close = await ask(gateway, dialect, way, stream=False)
    assert answer.status_code == 502
    assert close["outcome"] == error_of(dialect, answer)["code"]
    assert close["outcome"] in OUTCOMES[name]
    assert billed(close)


@streams
async def test_a_stream_that_falls_silent_does_not_end_as_a_whole_one(
    impatient: InProcessGateway, provider: WireProvider, dialect: str, way: str
) -> None:
    provider.script = BROKEN["silent"](2)
    answer, close = await ask(impatient, dialect, way, stream=True)
    assert answer.status_code == 200
    assert FAILURE_OF[dialect](answer.text) == close["outcome"] == "upstream_timeout"
    assert billed(close)


@every
async def test_a_provider_that_stays_silent_is_an_error(
    impatient: InProcessGateway, provider: WireProvider, dialect: str, way: str, *, stream: bool
) -> None:
    provider.script = BROKEN["silent"](0)
    answer, close = await ask(impatient, dialect, way, stream=stream)
    assert answer.status_code == (503 if stream else 504)
    assert close["outcome"] == error_of(dialect, answer)["code"]


STRANGE: dict[str, Fault] = {
    "html": not_an_answer(b"<html>busy</html>", "text/html"),
    "list": not_an_answer(b"[]", "application/json"),
    "null": not_an_answer(
        b'{"choices": null, "content": null, "output": null}', "application/json"
    ),
    "detail": not_an_answer(b'{"detail": "secret detail sk-upstream"}', "application/json"),
}


@every
@pytest.mark.parametrize("name", STRANGE)
async def test_what_is_no_answer_is_an_error(
    gateway: InProcessGateway,
    provider: WireProvider,
    name: str,
    dialect: str,
    way: str,
    *,
    stream: bool,
) -> None:
    provider.script = STRANGE[name]
    answer, close = await ask(gateway, dialect, way, stream=stream)
    assert answer.status_code == (503 if stream else 502)
    assert close["outcome"] == error_of(dialect, answer)["code"]


def one_by_one(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def with_line_ends(data: bytes) -> list[bytes]:
    return [data.replace(b"\n", b"\r\n")]


def with_comments(data: bytes) -> list[bytes]:
    return [b": hello\n\n", data.replace(b"\n\n", b"\n\n: keep-alive\n\n")]


CUTS = [one_by_one, with_line_ends, with_comments, lambda data: [data]]


@streams
@pytest.mark.parametrize("cut", CUTS, ids=["bytes", "crlf", "comments", "joined"])
async def test_a_stream_is_the_same_in_any_pieces(
    gateway: InProcessGateway, provider: WireProvider, cut: Any, dialect: str, way: str
) -> None:
    def script(arrived: Arrived) -> Reply:
        return streamed(cut(b"".join(frames(arrived))))

    provider.script = script
    answer, close = await ask(gateway, dialect, way, stream=True)
    assert SAID_OF[dialect](answer.text) == SAID
    assert close["outcome"] == "ok"
    assert billed(close)
    assert not close.get("usage_estimated")


@pytest.mark.parametrize("path", ["/chat/completions", "/v1/messages", "/responses"])
async def test_events_are_the_same_for_a_split_at_every_byte(path: str) -> None:
    body = json.dumps({"model": "m", "stream": True}).encode()
    data = b"".join(frames(Arrived("eu", path, body)))
    together = EventReader().feed(data)
    assert len(together) > 5
    for at in range(len(data) + 1):
        reader = EventReader()
        assert list(chain(reader.feed(data[:at]), reader.feed(data[at:]))) == list(together)


@every
async def test_a_good_answer_is_whole_and_billed(
    gateway: InProcessGateway, dialect: str, way: str, *, stream: bool
) -> None:
    answer, close = await ask(gateway, dialect, way, stream=stream)
    assert answer.status_code == 200
    assert close["outcome"] == "ok"
    assert billed(close)
    if stream:
        assert SAID_OF[dialect](answer.text) == SAID
