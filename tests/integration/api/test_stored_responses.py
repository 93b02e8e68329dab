"""Conversations of Responses that a caller asked to store, on both databases."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gateway.core.snapshot import Stops
from gateway.evidence import CLOSE, INTENT
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.holds.service import NewHold
from gateway.governance.person_keys import DataSubject
from gateway.governance.plane import ControlPlane
from gateway.governance.policies.bundle import read_bundle
from tests.integration.api.conftest import Make
from tests.support.gateways import Clock, GatedApi, Gateway

pytestmark = pytest.mark.integration
EMAIL = "jan.kwijt@example.nl"
PERSON = f"Schrijf naar {EMAIL}."
SUBJECT = [DataSubject("EMAIL", EMAIL)]
HOUR_S = 3_600
SHIPPED = read_bundle()["redaction.yaml"]
KEEPING = SHIPPED.replace("responses: {keep: false,", "responses: {keep: true,")
FIRST = {"model": "assistant", "input": PERSON, "store": True}


@pytest.fixture
async def keeping(make: Make) -> Gateway:
    """A gateway whose policy stores conversations, for 720 hours."""
    return await make(redaction=KEEPING)


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]


def response_of(answer: httpx.Response) -> dict[str, Any]:
    """The response, of a stream that of its last event."""
    assert answer.status_code == 200, answer.text
    if not answer.headers["content-type"].startswith("text/event-stream"):
        return dict(answer.json())
    last = answer.text.strip().split("\n\n")[-1].partition("data: ")[2]
    return dict(json.loads(last)["response"])


async def ask(gateway: Gateway, body: dict[str, Any], **given: str) -> dict[str, Any]:
    return response_of(await gateway.post({"model": "assistant", **body}, "responses", **given))


async def stored(plane: ControlPlane) -> int:
    query = "SELECT COUNT(*) AS n FROM stored_answer WHERE ciphertext IS NOT NULL"
    return sum(row["n"] for row in await plane.trail.rows(query, {}))


async def test_the_shipped_policy_stores_nothing(
    gateway: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    first = await ask(gateway, FIRST)
    assert first["store"] is False
    assert await stored(plane) == 0
    again = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    refused = await gateway.post(again, "responses")
    assert error_of(refused)[1:] == ("invalid_request", "previous_response_id")
    assert len(provider.bodies) == 1


async def test_without_store_nothing_is_stored(
    keeping: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    for wish in ({}, {"store": False}, {"store": None}):
        body = {"model": "assistant", "input": PERSON, **wish}
        answer = await keeping.post(body, "responses")
        assert answer.status_code == 400 or response_of(answer)["store"] is False
    assert await stored(plane) == 0
    assert all(not body.get("store") for body in map(json.loads, provider.bodies))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["gpt-eu", "house-chat"])
async def test_a_later_request_continues_the_conversation(
    keeping: Gateway, provider: GatedApi, model: str, *, stream: bool
) -> None:
    first = await ask(keeping, {**FIRST, "model": model, "stream": stream, "instructions": "Kort."})
    assert first["store"] is True
    assert first["id"].startswith("resp_")
    second = await ask(
        keeping,
        {
            "model": model,
            "input": [{"role": "user", "content": "En nu?"}],
            "previous_response_id": first["id"],
            "stream": stream,
            "store": True,
        },
    )
    assert second["previous_response_id"] == first["id"]
    assert second["id"] != first["id"]
    sent = provider.last()
    assert "previous_response_id" not in sent
    assert sent["store"] is False
    assert "instructions" not in sent
    said = [item["content"] for item in sent["input"]]
    placeholder = said[0].removeprefix("Schrijf naar ").removesuffix(".")
    if model == "gpt-eu":
        assert placeholder.startswith("[EMAIL_")
    assert [item["role"] for item in sent["input"]] == ["user", "assistant", "user"]
    assert said[1][0]["text"] == f"Echo: Schrijf naar {placeholder}."
    assert said[2] == "En nu?"
    third = await ask(keeping, {"input": "Wie?", "previous_response_id": second["id"]})
    assert third["store"] is False
    assert len(provider.last()["input"]) == 5
    intents = keeping.trail.of(INTENT)
    assert [intent.fields["continues"] for intent in intents] == [None, first["id"], second["id"]]
    assert [intent.fields["stored_hours"] for intent in intents] == [720, 720, None]


async def test_events_of_a_stream_name_one_response(keeping: Gateway) -> None:
    answer = await keeping.post({**FIRST, "stream": True}, "responses")
    events = [
        json.loads(block.partition("data: ")[2]) for block in answer.text.strip().split("\n\n")
    ]
    responses = [event["response"] for event in events if "response" in event]
    assert {(one["id"], one["store"]) for one in responses} == {(responses[-1]["id"], True)}
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert responses[-1]["id"] == "resp_" + answer.headers["x-sluis-audit-id"]


async def test_the_level_is_that_of_the_whole_conversation(
    keeping: Gateway, provider: GatedApi
) -> None:
    answer = await keeping.post(FIRST, "responses")
    assert answer.headers["x-sluis-sensitivity"] == "confidential"
    body = {"model": "assistant", "input": "Dank.", "previous_response_id": answer.json()["id"]}
    later = await keeping.post(body, "responses")
    assert later.headers["x-sluis-sensitivity"] == "confidential"
    assert later.headers["x-sluis-redacted"] != "0"
    assert EMAIL.encode() not in provider.bodies[-1]


async def test_a_declared_level_goes_with_the_conversation(keeping: Gateway) -> None:
    body = {"model": "assistant", "input": "Een sluis.", "store": True}
    first = await keeping.post(body, "responses", x_sluis_sensitivity="restricted")
    assert first.headers["x-sluis-deployment"] == "house-chat"
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first.json()["id"]}
    later = await keeping.post(body, "responses")
    assert later.headers["x-sluis-sensitivity"] == "restricted"
    assert later.headers["x-sluis-deployment"] == "house-chat"


async def test_a_tool_call_is_part_of_the_conversation(
    keeping: Gateway, provider: GatedApi
) -> None:
    tool = {"type": "function", "name": "search", "parameters": {"type": "object"}}
    first = await ask(
        keeping,
        {
            "model": "gpt-eu",
            "input": [{"role": "user", "content": PERSON}],
            "tools": [tool],
            "store": True,
        },
    )
    (call,) = first["output"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "Gevonden."}
    body = {"model": "gpt-eu", "input": [result], "previous_response_id": first["id"]}
    await ask(keeping, {**body, "tools": [tool]})
    kinds = [item.get("type", "message") for item in provider.last()["input"]]
    assert kinds == ["message", "function_call", "function_call_output"]


@pytest.mark.parametrize(
    "given",
    [{"key": "other"}, {"x_sluis_user": "jan"}, {"x_sluis_purpose": "service"}],
    ids=["key", "asserted user", "use case"],
)
async def test_a_conversation_belongs_to_its_caller_and_use_case(
    keeping: Gateway, provider: GatedApi, given: dict[str, str]
) -> None:
    first = await ask(keeping, FIRST)
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    refused = await keeping.post(body, "responses", **given)
    expected = (400, "previous_response_not_found", "previous_response_id")
    assert error_of(refused) == expected
    assert "input" in refused.json()["error"]["message"]
    unknown = await keeping.post({**body, "previous_response_id": "resp_x"}, "responses")
    assert unknown.json()["error"] == refused.json()["error"]
    assert len(provider.bodies) == 1


async def test_a_conversation_expires(keeping: Gateway, clock: Clock, plane: ControlPlane) -> None:
    first = await ask(keeping, FIRST)
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    clock.now += 720 * HOUR_S - 1
    assert (await keeping.post(body, "responses")).status_code == 200
    clock.now += 2
    assert error_of(await keeping.post(body, "responses"))[1] == "previous_response_not_found"
    await plane.subjects.sweep()
    assert await stored(plane) == 0


async def test_a_hold_keeps_a_conversation(
    keeping: Gateway, clock: Clock, plane: ControlPlane
) -> None:
    await ask(keeping, FIRST)
    hold = await plane.holds.create(
        NewHold("claim 7", 4_000_000_000_000, people=tuple(SUBJECT)), LOCAL_OPERATOR
    )
    clock.now += 721 * HOUR_S
    await plane.subjects.sweep()
    assert await stored(plane) == 1
    await plane.holds.release(hold, LOCAL_OPERATOR, reason="settled")
    await plane.subjects.sweep()
    assert await stored(plane) == 0


async def test_a_conversation_is_found_by_person_and_erased(
    keeping: Gateway, plane: ControlPlane
) -> None:
    first = await ask(keeping, FIRST)
    second = await ask(
        keeping, {"input": "En nu?", "previous_response_id": first["id"], "store": True}
    )
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    assert [one.answers for one in found.subjects] == [2]  # the second repeats the first
    await plane.subjects.erase(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    assert await stored(plane) == 0
    for one in (first, second):
        body = {"model": "assistant", "input": "Wie?", "previous_response_id": one["id"]}
        refused = await keeping.post(body, "responses")
        assert error_of(refused)[1] == "previous_response_not_found"


async def test_nothing_of_a_conversation_is_stored_in_clear(
    keeping: Gateway, plane: ControlPlane
) -> None:
    await ask(keeping, FIRST)
    (row,) = await plane.trail.rows("SELECT * FROM stored_answer", {})
    values = [value for value in row.values() if value is not None]
    kept = b"".join(
        str(value).encode() if isinstance(value, str | int) else bytes(value) for value in values
    )
    assert EMAIL.encode() not in kept


async def test_a_conversation_with_a_secret_is_not_stored(
    keeping: Gateway, plane: ControlPlane
) -> None:
    secret = "Mijn wachtwoord is: Hunter2!xyz en de sleutel sk-proj-" + "a1B2" * 12
    answer = await keeping.post({"model": "assistant", "input": secret, "store": True}, "responses")
    assert response_of(answer)["store"] is False
    findings: Any = keeping.trail.of(INTENT)[-1].fields["findings"]
    assert findings["SECRET"] >= 1
    assert await stored(plane) == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_response_that_fails_is_not_stored(
    keeping: Gateway, plane: ControlPlane, *, stream: bool
) -> None:
    body = {**FIRST, "model": "gpt-eu", "input": "example: cut; " + "x" * 20, "stream": stream}
    if not stream:
        body["input"] = "example: status 500;"
    answer = await keeping.post(body, "responses")
    assert answer.status_code != 200 or "response.failed" in answer.text
    assert await stored(plane) == 0


async def test_a_conversation_that_grew_too_large_is_refused(
    keeping: Gateway, provider: GatedApi
) -> None:
    # Base64 of no file: as large as the limit of a body allows, and quick to scan.
    part = {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 2_100_000}
    item = {"role": "user", "content": [part]}
    first = await ask(keeping, {"input": [item], "store": True})
    body = {"model": "assistant", "input": [item], "previous_response_id": first["id"]}
    refused = await keeping.post(body, "responses")
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "request_too_large")
    assert len(provider.bodies) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"previous_response_id": 5},
        {"previous_response_id": ["resp_x"]},
        {"previous_response_id": "resp_x", "conversation": "conv_1"},
        {"previous\\u005fresponse_id": "resp_x"},
    ],
)
async def test_a_malformed_wish_is_refused(
    keeping: Gateway, provider: GatedApi, body: dict[str, Any]
) -> None:
    raw = json.dumps({"model": "assistant", "input": "Hallo.", **body}).replace("\\\\u", "\\u")
    headers = {"authorization": "Bearer " + "k" * 24}
    refused = await keeping.client.post("/v1/responses", content=raw, headers=headers)
    assert refused.status_code == 400, refused.text
    assert not provider.bodies


async def test_both_gateways_of_a_database_know_a_conversation(
    make: Make, plane: ControlPlane, provider: GatedApi
) -> None:
    one = await make(redaction=KEEPING)
    other = one if plane.database.is_sqlite else await make(redaction=KEEPING)
    first = await ask(one, FIRST)
    await ask(other, {"input": "En nu?", "previous_response_id": first["id"]})
    assert len(provider.last()["input"]) == 3


async def test_a_stored_response_is_given_again_too(keeping: Gateway, provider: GatedApi) -> None:
    answers = [await keeping.post(FIRST, "responses", idempotency_key="k-1") for _ in range(2)]
    assert answers[1].content == answers[0].content
    assert answers[1].headers["x-sluis-replayed"] == "true"
    await ask(keeping, {"input": "En nu?", "previous_response_id": answers[1].json()["id"]})
    assert len(provider.bodies) == 2


async def test_a_stopped_key_continues_nothing(keeping: Gateway) -> None:
    first = await ask(keeping, FIRST)
    keeping.take(keeping.snapshot, stops=Stops(keys=["k_app"]))
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    assert (await keeping.post(body, "responses")).status_code == 403


async def test_a_policy_that_forbids_it_again_opens_nothing(keeping: Gateway) -> None:
    first = await ask(keeping, FIRST)
    keeping.take(keeping.snapshot, bundle={**keeping.snapshot.bundle, "redaction.yaml": SHIPPED})
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    refused = await keeping.post(body, "responses")
    assert error_of(refused)[1:] == ("invalid_request", "previous_response_id")


async def test_a_store_that_fails_refuses_the_request(
    keeping: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    first = await ask(keeping, FIRST)
    assert await stored(plane) == 1
    database = (await plane.trail.databases())[-1]
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE stored_answer RENAME COLUMN digest TO gone"))
    body = {"model": "assistant", "input": "En nu?", "previous_response_id": first["id"]}
    refused = await keeping.post(body, "responses")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "service_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert len(provider.bodies) == 1
    async with database.write() as connection:  # the trail goes on in the same file
        await connection.execute(text("ALTER TABLE stored_answer RENAME COLUMN gone TO digest"))


async def test_an_erasure_during_the_request_does_not_hide_its_conversation(
    keeping: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    provider.gate.clear()
    first = asyncio.create_task(keeping.post(FIRST, "responses"))
    await asyncio.to_thread(provider.arrived.acquire)
    await plane.subjects.erase(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    provider.gate.set()
    assert (await first).status_code == 200
    assert keeping.trail.of(CLOSE)[-1].fields["outcome"] == "ok"
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 8")
    assert [one.answers for one in found.subjects] == [1]
