"""An answer with many placeholders is inspected, restored and stored beside the event loop."""

import sys
from collections.abc import Iterator
from random import Random
from types import FrameType
from typing import Any

import orjson
import pytest

from tests.support.in_process import InProcessGateway
from tests.support.said import said_in
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.integration


def repeated(arrived: Arrived) -> Reply:
    """What was asked, whole or in one event."""
    body = arrived.json()
    said = {"role": "assistant", "content": body["messages"][-1]["content"]}
    answer: dict[str, Any] = {"id": "a", "created": 1, "model": "m"}
    if not body.get("stream"):
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        return Reply([orjson.dumps({**answer, "object": "chat.completion", "choices": [choice]})])
    events = [
        {
            **answer,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
        for delta, reason in ((said, None), ({}, "stop"))
    ]
    wire = b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events)
    return Reply([wire + b"data: [DONE]\n\n"], content_type="text/event-stream")


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(repeated) as running:
        yield running


@pytest.fixture
def gateway(wire_gateway: InProcessGateway) -> InProcessGateway:
    return wire_gateway


def addresses(count: int, rng: Random) -> str:
    return "\n".join(".".join(str(rng.randint(1, 254)) for _ in range(4)) for _ in range(count))


async def calls_on_the_loop(gateway: InProcessGateway, text: str, *, stream: bool) -> int:
    """How many functions the thread of the event loop calls for an answer that repeats a text."""
    calls = 0

    def count(frame: FrameType, event: str, called: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    body = {
        "model": "openai-eu",
        "messages": [{"role": "user", "content": text}],
        "stream": stream,
    }
    sys.setprofile(count)
    try:
        answer = await gateway.client.post("/v1/chat/completions", json=body)
    finally:
        sys.setprofile(None)
    assert answer.status_code == 200, answer.text
    assert said_in(answer.text) == text
    return calls


@pytest.mark.parametrize("stream", [False, True])
async def test_the_event_loop_has_no_work_for_each_value(
    gateway: InProcessGateway, provider: WireProvider, stream: bool
) -> None:
    rng = Random(4)
    await calls_on_the_loop(gateway, addresses(10, rng), stream=stream)
    few, many = [
        await calls_on_the_loop(gateway, addresses(count, rng), stream=stream)
        for count in (1500, 4500)
    ]
    assert b"[IP_ADDRESS_" in provider.arrived[-1].body
    assert many - few < 3000  # less than one for each value more
    assert b"[IP_ADDRESS_" in gateway.trail.bodies[-1]
