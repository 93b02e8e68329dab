"""A key under which a gateway was killed, on the gateway beside it."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
LEASE_S = 30


def post(replica: Installation, body: dict[str, Any]) -> httpx.Response:
    headers = {"authorization": f"Bearer {APP_KEY}", "idempotency-key": "order-117"}
    url = f"{replica.url}/v1/chat/completions"
    return httpx.post(url, json=body, headers=headers, timeout=60)


def test_a_killed_gateway_blocks_a_key_until_its_claim_lapses(
    postgres_url: str, tmp_path: Path, config: str, eu: OpenAIApi
) -> None:
    one = Installation(tmp_path, database_url=postgres_url)
    one.sluis("secrets", "create")
    one.apply(config)
    other = Installation(tmp_path, database_url=postgres_url, control_port=one.control_port)
    text = f"example: once stall then say goed # {tmp_path.name}"
    body = {
        "model": "outside",
        "messages": [{"role": "user", "content": text}],
        "stream": True,
    }

    def left() -> None:
        with pytest.raises(httpx.HTTPError):
            post(one, body)

    try:
        one.start("control", "gateway")
        other.start("gateway")
        before = len(eu.bodies)
        first = threading.Thread(target=left)
        first.start()
        one.until(lambda: len(eu.bodies) > before, "the first request has departed")
        one.kill("gateway")
        first.join()
        refused = post(other, body)
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "idempotency_in_progress"
        assert int(refused.headers["retry-after"]) > 0
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(post(other, body))
            return answers[-1].status_code != 409

        other.until(answered, "the claim has lapsed", limit=2 * LEASE_S)
        assert answers[-1].status_code == 200
        assert "x-sluis-replayed" not in answers[-1].headers
        one.start("gateway")
        replay = post(one, body)
        assert replay.headers["x-sluis-replayed"] == "true"
        assert replay.content == answers[-1].content
        assert len(eu.bodies) == before + 2
    finally:
        other.stop()
        one.stop()
