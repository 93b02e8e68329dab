"""Texts in scripts that no detector reads stay inside, whole, and are answered there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.in_process import InProcessGateway
from tests.support.said import said_in
from tests.support.wire_answers import reply
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.integration
NAMED = "Иван Петров болен диабетом и живёт в Москве."
TEXTS = {
    "harmless": "ما هو الطقس اليوم في أمستردام؟",
    "a name": "Ο Γιώργος Παπαδόπουλος κάλεσε.",
    "a name and a diagnosis": NAMED,
    "mixed": "Wil je 王小明 morgen terugbellen over de vergunning?",
    "escaped": f"Uitvoer: {json.dumps({'uitkomst': NAMED})}",
}


def answered(arrived: Arrived) -> Reply:
    """Writes back what it saw."""
    return reply(arrived, arrived.json()["messages"][-1]["content"])


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(answered) as running:
        yield running


@pytest.fixture
def gateway(wire_gateway: InProcessGateway) -> InProcessGateway:
    return wire_gateway


def chat(text: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_it_is_answered_inside(gateway: InProcessGateway, text: str, *, stream: bool) -> None:
    body = chat(text, model="openai", stream=stream)
    answer = await gateway.client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-zone"] == "internal"
    assert answer.headers["x-sluis-sensitivity"] == "restricted"
    assert answer.headers["x-sluis-unread"] == "script"
    assert said_in(answer.text) == text
    assert gateway.entries_of(answer)[0].fields["unread_reason"] == "script"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_nothing_outside_gets_it_and_the_refusal_says_why(
    gateway: InProcessGateway, provider: WireProvider, text: str
) -> None:
    answer = await gateway.client.post("/v1/chat/completions", json=chat(text, model="openai-eu"))
    assert answer.status_code == 403
    assert "unread_script" in answer.json()["error"]["message"]
    assert not provider.arrived


async def test_a_word_that_is_taken_out_needs_no_reader(gateway: InProcessGateway) -> None:
    text = json.dumps({"naam": "Иван Петров", "onderwerp": "parkeren"}, ensure_ascii=False)
    answer = await gateway.client.post("/v1/chat/completions", json=chat(text, model="openai-eu"))
    assert answer.status_code == 200, answer.text
    assert "x-sluis-unread" not in answer.headers
    assert "Иван" not in gateway.trail.bodies[0].decode()
    assert json.loads(said_in(answer.text)) == json.loads(text)


async def test_detect_shows_the_word(gateway: InProcessGateway) -> None:
    text = f"Dit staat er: {NAMED}"
    answer = await gateway.client.post("/v1/privacy/detect", json={"text": text})
    (why,) = answer.json()["reasons"]
    assert (why["level"], why["why"]) == ("restricted", "unread_script")
    assert text[why["start"] : why["end"]] == NAMED.rstrip(".")
    assert answer.headers["x-sluis-unread"] == "script"
