"""A detection rule that fails: the text stays inside, the caller gets an answer, others go on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core.system import secrets
from tests.support.faulty_rule import FAULTY, RULE, faulty_detector
from tests.support.in_process import InProcessGateway, key_of
from tests.support.said import said_in
from tests.support.wire_answers import reply
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.integration
TEXT = f"Vraag over de {FAULTY} van Jan de Vries."


def answered(arrived: Arrived) -> Reply:
    """Writes the faulty word in the answer too."""
    return reply(arrived, f"De {FAULTY} is klaar.")


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(answered) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    async with InProcessGateway(
        catalogue(provider, key_of(made.pepper)), tmp_path, made=made, detector=faulty_detector()
    ) as running:
        yield running


def chat(text: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("stream", [False, True])
async def test_the_text_is_answered_inside_and_the_next_request_is_well(
    gateway: InProcessGateway, *, stream: bool
) -> None:
    body = chat(TEXT, model="openai", stream=stream)
    answer = await gateway.client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-unread"] == "rule-fault"
    assert answer.headers["x-sluis-sensitivity"] == "restricted"
    assert answer.headers["x-sluis-zone"] == "internal"
    assert answer.headers["x-sluis-rerouted"] == "unread"
    assert said_in(answer.text) == f"De {FAULTY} is klaar."
    entry = gateway.entries_of(answer)[0].fields
    assert entry["unread_reason"] == "rule-fault"
    assert entry["kept_inside"] == ["rules.fault"]
    assert gateway.detector.faults[RULE] > 0
    assert not any(FAULTY.encode() in body for body in gateway.trail.bodies)
    well = await gateway.client.post(
        "/v1/chat/completions", json=chat("Hoe werkt een sluis?", model="openai-eu")
    )
    assert well.status_code == 200
    assert "x-sluis-unread" not in well.headers


async def test_no_deployment_outside_gets_it(gateway: InProcessGateway) -> None:
    answer = await gateway.client.post("/v1/chat/completions", json=chat(TEXT, model="openai-eu"))
    assert answer.status_code == 403
    assert "Reasons of the level: unread_content." in answer.json()["error"]["message"]
    assert answer.headers["x-sluis-unread"] == "rule-fault"


async def test_detect_gives_the_level_of_unread_content(gateway: InProcessGateway) -> None:
    answer = await gateway.client.post("/v1/privacy/detect", json={"text": TEXT})
    assert answer.status_code == 200
    assert answer.json()["sensitivity"] == "restricted"
    why = {"level": "restricted", "why": "unread_content", "start": 0, "end": len(TEXT)}
    assert answer.json()["reasons"] == [why]
    assert answer.headers["x-sluis-unread"] == "rule-fault"
