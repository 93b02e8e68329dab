"""Embeddings of the own worker through the gateway: classified, inside, counted, by digest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_handover import promote, register
from tests.support.installation import APP_KEY, Installation
from tests.support.tiny_encoder import SIZE, make_encoder

pytestmark = [pytest.mark.e2e, pytest.mark.nightly, pytest.mark.timeout(300)]
CONFIG = """\
version: 1
providers: [{{name: house, kind: worker, base_url: "{worker}/v1", zone: internal}}]
deployments:
  - {{name: own-embed, provider: house, model: tiny@production,
     price: {{input_per_million: 1000}}}}
aliases: [{{name: embed, candidates: [own-embed]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""


@pytest.fixture
def sluis(tmp_path: Path) -> Iterator[Installation]:
    place = Installation(tmp_path)
    place.apply(CONFIG.format(worker=place.worker))
    try:
        place.start("control")
        register(place, "1", make_encoder(place.folder / "encoder"))
        promote(place, "1")
        place.start("worker", "gateway")
        yield place
    finally:
        place.stop()


def embed(sluis: Installation, given: Any, **fields: Any) -> httpx.Response:
    return httpx.post(
        f"{sluis.url}/v1/embeddings",
        json={"model": "embed", "input": given, **fields},
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=60,
    )


def test_a_registered_encoder_embeds_restricted_text_inside(sluis: Installation) -> None:
    answer = embed(sluis, ["Mevrouw Fatima Yilmaz heeft diabetes.", "De sluis gaat open."])
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-zone"] == "internal"
    assert answer.headers["x-sluis-model-version"] == "tiny@1"
    vectors = [one["embedding"] for one in answer.json()["data"]]
    assert [len(one) for one in vectors] == [SIZE, SIZE]
    intent, closing = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["surface"], intent["level"]) == ("embeddings", "restricted")
    assert (intent["model_proof"], intent["model_version"]) == ("digest", "tiny@1")
    tokens = answer.json()["usage"]["prompt_tokens"]
    assert (closing["input_tokens"], closing["output_tokens"]) == (tokens, 0)
    assert closing["cost_micros"] == tokens * 1000
    written = embed(sluis, "De sluis gaat open.", encoding_format="base64").json()
    assert isinstance(written["data"][0]["embedding"], str)


def test_what_the_model_does_not_do_is_refused(sluis: Installation) -> None:
    assert embed(sluis, "Hallo", dimensions=SIZE + 1).status_code == 400
    assert embed(sluis, "schip " * 200).json()["error"]["code"] == "context_length_exceeded"
    chat = {"model": "embed", "messages": [{"role": "user", "content": "Hallo"}]}
    assert sluis.ask(chat).status_code == 400
