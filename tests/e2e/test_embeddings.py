"""Embeddings end to end: where texts go, in which form, and what it costs."""

from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi, vector

pytestmark = pytest.mark.e2e
PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333."
HEALTH = "Mevrouw Fatima Yilmaz heeft diabetes en vraagt om hulp."


def embed(sluis: Installation, given: Any, model: str = "embed", **fields: Any) -> httpx.Response:
    return httpx.post(
        f"{sluis.url}/v1/embeddings",
        json={"model": model, "input": given, **fields},
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=60,
    )


def test_vectors_come_back_with_known_fields_and_the_tokens_are_billed(
    sluis: Installation, eu: OpenAIApi
) -> None:
    answer = embed(sluis, ["What is a lock?", "And a dam?"], dimensions=4, user="jan")
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"object", "data", "model", "usage"}
    assert [one["embedding"] for one in body["data"]] == [
        vector("What is a lock?"),
        vector("And a dam?"),
    ]
    assert body["usage"] == {"prompt_tokens": 10, "total_tokens": 10}
    assert eu.last() == {
        "model": "text-embedding",
        "input": ["What is a lock?", "And a dam?"],
        "dimensions": 4,
    }
    assert answer.headers["x-sluis-dropped"] == "user"
    intent, closing = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["event"], closing["event"]) == (
        "request:departure:intent",
        "request:answer:close",
    )
    assert intent["body_sha256"] == eu.digests[-1]
    assert intent["surface"] == "embeddings"
    assert (closing["input_tokens"], closing["output_tokens"]) == (10, 0)
    assert closing["cost_micros"] == 10_000


def test_personal_data_leaves_as_the_same_placeholder_in_every_request(
    sluis: Installation, eu: OpenAIApi
) -> None:
    answers = [embed(sluis, PERSONAL), embed(sluis, [PERSONAL])]
    first, second = eu.bodies[-2:]
    for value in (b"Jan de Vries", b"111222333"):
        assert value not in first + second
    assert answers[0].headers["x-sluis-redacted"] == "2"
    one, other = [answer.json()["data"][0]["embedding"] for answer in answers]
    assert one == other != vector(PERSONAL)


def test_a_restricted_text_goes_inside_or_nowhere(
    sluis: Installation, eu: OpenAIApi, internal_provider: OpenAIApi
) -> None:
    before = len(eu.bodies)
    answer = embed(sluis, HEALTH)
    assert answer.headers["x-sluis-deployment"] == "house-embed"
    assert internal_provider.last()["input"] == HEALTH
    # A named deployment has no fallback: vectors of two models cannot be compared.
    assert embed(sluis, HEALTH, "embed-eu").status_code == 403
    assert len(eu.bodies) == before


def test_token_ids_are_unread_so_they_stay_inside(
    sluis: Installation, eu: OpenAIApi, internal_provider: OpenAIApi
) -> None:
    before = len(eu.bodies)
    for given in ([9906, 1917], [[9906], [1917, 11]]):
        answer = embed(sluis, given)
        assert answer.headers["x-sluis-zone"] == "internal"
        assert internal_provider.last()["input"] == given
    refused = embed(sluis, [9906, 1917], "embed-eu")
    assert refused.status_code == 403
    assert "send it as text" in refused.json()["error"]["message"]
    assert len(eu.bodies) == before


def test_what_is_no_embeddings_request_is_refused_before_it_leaves(
    sluis: Installation, eu: OpenAIApi
) -> None:
    before = len(eu.bodies)
    for given, fields, param in (
        ("x", {"stream": True}, "stream"),
        (["x"] * 2049, {}, "input"),
        ([], {}, "input"),
        ({"a": 1}, {}, "input"),
        ("x", {"encoding_format": "hex"}, "encoding_format"),
        ("x", {"api_base": "http://x"}, "api_base"),
    ):
        refused = embed(sluis, given, **fields)
        assert refused.status_code == 400
        assert refused.json()["error"]["param"] == param
    assert len(eu.bodies) == before
