"""A bundle with realistic surrogates and hints, through the real gateway."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
import yaml

from tests.support.installation import APP_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
TEXT = (
    "Mijn naam is Jan de Vries, mail jan.devries@voorbeeld.nl, tel 06-21345678, bsn 111222333. "
    "Schrijf een brief aan mevrouw Sanne de Vries."
)
VALUES = ("Jan", "Sanne", "Vries", "jan.devries", "21345678", "111222333")
TYPES = dict.fromkeys(("PERSON", "EMAIL", "PHONE"), "surrogate")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    """An installation whose bundle, made by two people, uses surrogates."""
    sluis = Installation(tmp_path_factory.mktemp("surrogates"))
    sluis.apply(config)
    try:
        sluis.start("control")
        assert put_in_force(sluis, TYPES) == 200
        sluis.start("gateway")
        yield sluis
    finally:
        sluis.stop()


def put_in_force(sluis: Installation, types: dict[str, str]) -> int:
    table = yaml.safe_load(sluis.admin("GET", "/policies").json()["files"]["redaction.yaml"])
    files = {"redaction.yaml": yaml.safe_dump({**table, "types": types})}
    body = {"files": files, "comment": "Surrogates"}
    proposed = sluis.admin("POST", "/policies/proposals", json=body)
    if proposed.status_code != 201:
        assert "surrogate" in proposed.text
        return proposed.status_code
    path = f"/proposals/{proposed.json()['id']}/approve"
    return sluis.admin("POST", path, OFFICER_KEY, json={}).status_code


def test_surrogates_are_sent_and_values_restored(other: Installation, eu: OpenAIApi) -> None:
    answer = other.ask(TEXT)
    assert answer.status_code == 200, answer.text
    sent = eu.last()["messages"][0]["content"]
    for value in VALUES:
        assert not re.search(rf"\b{re.escape(value)}\b", sent)
    assert "@example." in sent
    assert "tel 06-0" in sent
    assert "bsn [BSN_" in sent
    assert answer.json()["choices"][0]["message"]["content"] == f"Echo: {TEXT}"
    assert answer.headers["x-sluis-redacted"] == "5"


def test_a_stream_is_restored(other: Installation) -> None:
    body = {"model": "assistant", "stream": True, "messages": [{"role": "user", "content": TEXT}]}
    with httpx.stream(
        "POST",
        f"{other.url}/v1/chat/completions",
        json=body,
        timeout=60,
        headers={"authorization": f"Bearer {APP_KEY}"},
    ) as answer:
        lines = [line[6:] for line in answer.iter_lines() if line.startswith("data: {")]
    deltas = [choice["delta"] for line in lines for choice in json.loads(line)["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == f"Echo: {TEXT}"


def test_the_next_turn_has_the_same_surrogates(other: Installation, eu: OpenAIApi) -> None:
    first = [{"role": "user", "content": TEXT}]
    response = other.ask({"model": "assistant", "messages": first}).json()
    before = eu.last()["messages"][0]["content"]
    answer = response["choices"][0]["message"]["content"]
    more = [
        *first,
        {"role": "assistant", "content": answer},
        {"role": "user", "content": "Korter."},
    ]
    other.ask({"model": "assistant", "messages": more})
    messages = eu.last()["messages"]
    assert messages[0]["content"] == before
    assert messages[1]["content"] == f"Echo: {before}"


def test_a_link_of_the_caller_comes_back(other: Installation, eu: OpenAIApi) -> None:
    text = "Zie https://e.example/?q=jan.devries@voorbeeld.nl en mail jan.devries@voorbeeld.nl dus."
    response = other.ask(text).json()["choices"][0]["message"]["content"]
    sent = eu.last()["messages"][0]["content"]
    assert sent.count("@example.") == 2
    assert response == f"Echo: {text}"


def test_a_type_without_surrogates_is_refused(other: Installation) -> None:
    assert put_in_force(other, {"BSN": "surrogate"}) in {400, 422}
