"""A repeated request with an ``Idempotency-Key`` gets the first answer, on both databases."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.core.snapshot import Stops
from gateway.evidence import CLOSE, INTENT, Claim
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.holds.service import NewHold
from gateway.governance.person_keys import DataSubject
from gateway.governance.plane import ControlPlane
from gateway.request import response
from gateway.request.idempotency import REPLAY
from gateway.request.refusal_log import REFUSAL
from tests.integration.api.conftest import Make
from tests.integration.evidence.test_leases import link
from tests.support.gateways import Clock, GatedApi, Gateway
from tests.support.link import Link
from tests.support.spools import ALL, back

__all__ = ["link"]
pytestmark = pytest.mark.integration
EMAIL = "jan.kwijt@example.nl"
PERSON = f"Schrijf naar {EMAIL}."
DAY_S = 86_400
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"model": "assistant", "messages": [{"role": "user", "content": PERSON}]},
    "messages": {
        "model": "assistant",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": PERSON}],
    },
    "responses": {"model": "assistant", "input": PERSON},
    "embeddings": {"model": "assistant", "input": PERSON},
}
CHAT = BODIES["chat"]
SUBJECT = [DataSubject("EMAIL", EMAIL)]


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_repetition_gets_the_same_answer_without_a_second_call(
    gateway: Gateway, provider: GatedApi, api: str, *, stream: bool
) -> None:
    body = BODIES[api] if api == "embeddings" else {**BODIES[api], "stream": stream}
    first = await gateway.post(body, api, idempotency_key="k-1")
    again = await gateway.post(body, api, idempotency_key="k-1")
    assert (first.status_code, again.status_code) == (200, 200), (first.text, again.text)
    assert again.content == first.content
    assert api == "embeddings" or EMAIL in again.text
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "x-sluis-replayed" not in first.headers
    assert again.headers["x-sluis-replayed"] == "true"
    for name in ("x-sluis-deployment", "x-sluis-zone", "x-sluis-sensitivity", "x-sluis-redacted"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["x-sluis-audit-id"] != first.headers["x-sluis-audit-id"]
    assert len(provider.bodies) == 1
    assert len(gateway.trail.of(INTENT)) == len(gateway.trail.of(CLOSE)) == 1
    (replay,) = gateway.trail.of(REPLAY)
    assert replay.request == again.headers["x-sluis-audit-id"]
    assert replay.fields["replay_of"] == first.headers["x-sluis-audit-id"]
    assert "cost_micros" not in replay.fields


async def test_without_the_header_every_request_is_a_new_one(
    gateway: Gateway, provider: GatedApi, plane: ControlPlane
) -> None:
    for _ in range(2):
        assert (await gateway.post(CHAT)).status_code == 200
    assert len(provider.bodies) == 2
    for table in ("stored_answer", "answer_claim"):
        rows = await plane.trail.rows(f"SELECT COUNT(*) AS n FROM {table}", {})
        assert sum(row["n"] for row in rows) == 0


@pytest.mark.parametrize("api", BODIES)
async def test_another_request_under_the_same_key_is_refused(
    gateway: Gateway, provider: GatedApi, api: str
) -> None:
    await gateway.post(BODIES[api], api, idempotency_key="k-1")
    other = {**BODIES[api], "user": "somebody"}
    refused = await gateway.post(other, api, idempotency_key="k-1")
    assert code_of(refused) == (422, "idempotency_mismatch")
    assert ("type" in refused.json()) == (api == "messages")  # the shape of its dialect
    assert len(provider.bodies) == 1
    (entry,) = gateway.trail.of(REFUSAL)
    assert entry.fields["outcome"] == "idempotency_mismatch"


async def test_headers_that_change_the_answer_are_part_of_the_request(gateway: Gateway) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    for headers in (
        {"x_sluis_sensitivity": "restricted"},
        {"x_sluis_purpose": "service"},
        {"x_sluis_conversation": "c"},
    ):
        refused = await gateway.post(CHAT, idempotency_key="k-1", **headers)
        assert code_of(refused) == (422, "idempotency_mismatch"), headers
    asked = {"model": "assistant", "input": PERSON}
    await gateway.post(asked, "responses", idempotency_key="k-2")
    path = await gateway.post(asked, "embeddings", idempotency_key="k-2")
    assert code_of(path) == (422, "idempotency_mismatch")


async def test_a_key_belongs_to_its_caller_and_to_the_user_behind_it(
    gateway: Gateway, provider: GatedApi
) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    for given in ({"key": "other"}, {"x_sluis_user": "jan"}, {"x_sluis_user": "petra"}):
        answer = await gateway.post(CHAT, idempotency_key="k-1", **given)
        assert answer.status_code == 200
        assert "x-sluis-replayed" not in answer.headers
    assert len(provider.bodies) == 4


@pytest.mark.parametrize("key", ["", "k" * 256, "sleutel-é", "a\tb"])
async def test_a_malformed_key_is_refused(gateway: Gateway, provider: GatedApi, key: str) -> None:
    headers = {b"authorization": b"Bearer " + b"k" * 24, b"idempotency-key": key.encode("latin-1")}
    refused = await gateway.client.post("/v1/chat/completions", json=CHAT, headers=headers)
    assert code_of(refused) == (400, "invalid_request")
    assert refused.json()["error"]["param"] == "idempotency-key"
    assert not provider.bodies


async def test_a_key_that_comes_twice_is_refused(gateway: Gateway, provider: GatedApi) -> None:
    twice = ("Idempotency-Key", "k-1")
    headers = [("authorization", "Bearer " + "k" * 24), twice, twice]
    refused = await gateway.client.post("/v1/chat/completions", json=CHAT, headers=headers)
    assert code_of(refused) == (400, "duplicate_header")
    assert not provider.bodies


async def test_of_two_requests_at_once_one_calls_the_provider(
    make: Make, plane: ControlPlane, provider: GatedApi
) -> None:
    one = await make()
    other = one if plane.database.is_sqlite else await make()
    provider.gate.clear()
    first = asyncio.create_task(one.post(CHAT, idempotency_key="k-1"))
    await asyncio.to_thread(provider.arrived.acquire)
    refused = await other.post(CHAT, idempotency_key="k-1")
    assert code_of(refused) == (409, "idempotency_in_progress")
    assert int(refused.headers["retry-after"]) > 0
    mismatch = await other.post({**CHAT, "n": 2}, idempotency_key="k-1")
    assert code_of(mismatch) == (422, "idempotency_mismatch")
    provider.gate.set()
    assert (await first).status_code == 200
    replay = await other.post(CHAT, idempotency_key="k-1")
    assert replay.headers["x-sluis-replayed"] == "true"
    assert replay.content == (await first).content
    assert len(provider.bodies) == 1


async def test_many_requests_at_once_make_one_call(
    make: Make, plane: ControlPlane, provider: GatedApi
) -> None:
    one = await make()
    other = one if plane.database.is_sqlite else await make()
    asked = (gate.post(CHAT, idempotency_key="k-1") for gate in (one, other) * 4)
    statuses = {answer.status_code for answer in await asyncio.gather(*asked)}
    assert 200 in statuses
    assert statuses <= {200, 409}
    assert len(provider.bodies) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failed_request_frees_its_key(
    gateway: Gateway, provider: GatedApi, *, stream: bool
) -> None:
    body = {**CHAT, "stream": stream}
    provider.down = True
    assert (await gateway.post(body, idempotency_key="k-1")).status_code == 503
    provider.down = False
    answer = await gateway.post(body, idempotency_key="k-1")
    assert answer.status_code == 200
    assert "x-sluis-replayed" not in answer.headers


async def test_a_stream_that_breaks_frees_its_key(gateway: Gateway, provider: GatedApi) -> None:
    wish = "example: once cut then say goed # broken"
    body = {"model": "gpt-eu", "messages": [{"role": "user", "content": wish}], "stream": True}
    broken = await gateway.post(body, idempotency_key="k-1")
    assert '"error"' in broken.text
    answer = await gateway.post(body, idempotency_key="k-1")
    assert "x-sluis-replayed" not in answer.headers
    assert '"error"' not in answer.text
    assert len(provider.bodies) == 2


async def test_a_stream_that_is_too_large_to_store_frees_its_key(
    gateway: Gateway, provider: GatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response, "_LARGEST_STORED", 100)
    for _ in range(2):
        answer = await gateway.post({**CHAT, "stream": True}, idempotency_key="k-1")
        assert answer.text.endswith("data: [DONE]\n\n")
        assert "x-sluis-replayed" not in answer.headers
    assert len(provider.bodies) == 2


async def test_a_caller_that_leaves_frees_its_key(gateway: Gateway, provider: GatedApi) -> None:
    provider.gate.clear()
    first = asyncio.create_task(gateway.post(CHAT, idempotency_key="k-1"))
    await asyncio.to_thread(provider.arrived.acquire)
    first.cancel()
    await asyncio.wait([first])
    provider.gate.set()
    answer = await gateway.post(CHAT, idempotency_key="k-1")
    assert answer.status_code == 200
    assert "x-sluis-replayed" not in answer.headers


async def test_the_claim_of_a_killed_gateway_lapses(
    gateway: Gateway, clock: Clock, plane: ControlPlane, provider: GatedApi
) -> None:
    provider.gate.clear()
    first = asyncio.create_task(gateway.post(CHAT, idempotency_key="k-1"))
    await asyncio.to_thread(provider.arrived.acquire)
    (row,) = [
        row
        for row in await plane.trail.rows("SELECT name, digest, request FROM answer_claim", {})
        if row
    ]
    first.cancel()
    await asyncio.wait([first])
    provider.gate.set()
    now = int(clock() * 1000)
    dead = Claim(row["name"], row["digest"], "d" * 32)  # nobody renews or frees it
    assert await gateway.answers.claim(dead, now_ms=now, until_ms=now + 30_000) is None
    assert (await gateway.post(CHAT, idempotency_key="k-1")).status_code == 409
    clock.now += 31
    assert (await gateway.post(CHAT, idempotency_key="k-1")).status_code == 200


async def test_a_claim_is_prolonged_by_its_own_request_only(gateway: Gateway) -> None:
    one, other = Claim("n", "d", "1" * 32), Claim("n", "d", "2" * 32)
    store = gateway.answers
    assert await store.claim(one, now_ms=0, until_ms=30) is None
    assert await store.claim(one, now_ms=20, until_ms=50) is None
    assert await store.claim(other, now_ms=40, until_ms=70) == "d"
    await store.free(other)  # not its own
    assert await store.claim(other, now_ms=49, until_ms=79) == "d"
    assert await store.claim(other, now_ms=50, until_ms=80) is None
    assert await store.claim(one, now_ms=60, until_ms=90) == "d"


async def test_an_answer_is_kept_for_a_day(
    gateway: Gateway, clock: Clock, plane: ControlPlane, provider: GatedApi
) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    clock.now += DAY_S - 1
    assert "x-sluis-replayed" in (await gateway.post(CHAT, idempotency_key="k-1")).headers
    clock.now += 2
    assert "x-sluis-replayed" not in (await gateway.post(CHAT, idempotency_key="k-1")).headers
    assert len(provider.bodies) == 2
    await plane.subjects.sweep()
    assert await stored(plane) == 1
    clock.now += DAY_S + 1
    await plane.subjects.sweep()
    assert await stored(plane) == 0


async def test_a_hold_keeps_an_answer_past_its_end(
    gateway: Gateway, clock: Clock, plane: ControlPlane
) -> None:
    first = await gateway.post(CHAT, idempotency_key="k-1")
    audit_id = first.headers["x-sluis-audit-id"]
    hold = NewHold("claim 7", 4_000_000_000_000, requests=(audit_id,))
    identity = await plane.holds.create(hold, LOCAL_OPERATOR)
    clock.now += DAY_S + 1
    await plane.subjects.sweep()
    assert await stored(plane) == 1
    assert "x-sluis-replayed" not in (await gateway.post(CHAT, idempotency_key="k-1")).headers
    await plane.holds.release(identity, LOCAL_OPERATOR, reason="settled")
    await plane.subjects.sweep()
    assert await stored(plane) == 1  # the newer one


async def test_the_retention_class_ends_answers_too(
    gateway: Gateway, clock: Clock, plane: ControlPlane
) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    clock.now += 93 * DAY_S
    await plane.expiry.run()
    assert await stored(plane) == 0


async def test_an_answer_is_found_by_person_and_erased(
    gateway: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    assert [one.answers for one in found.subjects] == [1]
    await plane.subjects.erase(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    refused = await gateway.post(CHAT, idempotency_key="k-1")
    assert code_of(refused) == (410, "answer_erased")
    assert len(provider.bodies) == 1
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 8")
    assert [one.answers for one in found.subjects] == [0]


@pytest.mark.parametrize("plane", ["sqlite"], indirect=True)
async def test_no_file_keeps_the_key_of_an_erased_answer(
    gateway: Gateway, plane: ControlPlane, tmp_path: Path
) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    (row,) = await plane.trail.rows("SELECT ciphertext, wrapped FROM stored_answer", {})
    await plane.subjects.erase(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    for file in (one for one in tmp_path.rglob("*") if one.is_file()):
        data = file.read_bytes()
        assert not any(bytes(part) in data for part in row.values()), file


async def test_an_erasure_during_the_request_does_not_hide_its_answer(
    gateway: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    provider.gate.clear()
    first = asyncio.create_task(gateway.post(CHAT, idempotency_key="k-1"))
    await asyncio.to_thread(provider.arrived.acquire)
    await plane.subjects.erase(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    provider.gate.set()
    assert (await first).status_code == 200
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 8")
    assert [one.answers for one in found.subjects] == [1]


async def test_persons_are_findable_where_policy_records_no_mentions(
    make: Make, plane: ControlPlane
) -> None:
    from gateway.governance.policies.bundle import read_bundle

    table = read_bundle()["redaction.yaml"].replace("mentions: true", "mentions: false")
    gateway = await make(redaction=table)
    await gateway.post(CHAT)
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    assert [one.entries for one in found.subjects] == [0]
    await gateway.post(CHAT, idempotency_key="k-1")
    found = await plane.subjects.find(SUBJECT, LOCAL_OPERATOR, reason="nr 7")
    assert [one.answers for one in found.subjects] == [1]


async def test_nothing_of_an_answer_is_stored_in_clear(
    gateway: Gateway, plane: ControlPlane
) -> None:
    await gateway.post(CHAT, idempotency_key="k-secret-name")
    for row in await plane.trail.rows("SELECT * FROM stored_answer", {}):
        stored_bytes = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in row.values()
        )
        assert EMAIL.encode() not in stored_bytes
        assert b"k-secret-name" not in stored_bytes
    async with (await plane.trail.databases())[-1].write() as connection:
        await connection.execute(text("UPDATE stored_answer SET digest = 'x' || digest"))
    refused = await gateway.post(CHAT, idempotency_key="k-secret-name")
    assert code_of(refused) == (503, "service_unavailable")  # it is bound to its place


@pytest.mark.parametrize(
    "stops",
    [
        Stops(use_cases=["service"]),
        Stops(aliases=["assistant"]),
        Stops(deployments=["gpt-eu"]),
        Stops(keys=["k_app"]),
    ],
)
async def test_what_was_stopped_is_not_given_again(
    gateway: Gateway, provider: GatedApi, stops: Stops
) -> None:
    asked = {"idempotency_key": "k-1", "x_sluis_purpose": "service"}
    assert (await gateway.post(CHAT, **asked)).status_code == 200
    gateway.take(gateway.snapshot, stops=stops)
    refused = await gateway.post(CHAT, **asked)
    assert code_of(refused) == (403, "access_denied")
    assert gateway.trail.of(REFUSAL)[-1].fields["outcome"] == "stopped"
    assert len(provider.bodies) == 1


async def test_a_revoked_key_gets_nothing_again(gateway: Gateway) -> None:
    await gateway.post(CHAT, idempotency_key="k-1")
    keys = [one for one in gateway.snapshot.keys if one.name != "app"]
    gateway.take(gateway.snapshot, keys=keys)
    refused = await gateway.post(CHAT, idempotency_key="k-1")
    assert code_of(refused) == (401, "invalid_api_key")


async def test_a_store_that_fails_refuses_the_request(
    gateway: Gateway, plane: ControlPlane, provider: GatedApi
) -> None:
    async with (await plane.trail.databases())[-1].write() as connection:
        await connection.execute(text("ALTER TABLE answer_claim RENAME COLUMN digest TO gone"))
    refused = await gateway.post(CHAT, idempotency_key="k-1")
    assert code_of(refused) == (503, "service_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert not provider.bodies
    assert (await gateway.post(CHAT)).status_code == 200


@pytest.mark.parametrize("plane", ["postgres"], indirect=True)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_the_database_does_not_have_is_not_given(
    make: Make, plane: ControlPlane, provider: GatedApi, link: Link, *, stream: bool
) -> None:
    gateway = await make(link.url)
    await gateway.trail.allow(ALL, clock_ms=int(gateway.clock() * 1000))
    body = {**CHAT, "stream": stream}
    provider.gate.clear()
    first = asyncio.create_task(gateway.post(body, idempotency_key="k-1"))
    await asyncio.to_thread(provider.arrived.acquire)
    await link.cut()
    provider.gate.set()
    refused = await first
    assert "service_unavailable" in refused.text
    assert (refused.status_code, "[DONE]" in refused.text) == (
        (200, True) if stream else (503, False)
    )
    assert gateway.trail.degraded
    assert (await gateway.post(body, idempotency_key="k-1")).status_code == 503
    await link.restore()
    await back(gateway.trail)
    replay = await gateway.post(body, idempotency_key="k-1")
    assert replay.headers["x-sluis-replayed"] == "true"
    assert len(provider.bodies) == 1


async def stored(plane: ControlPlane) -> int:
    """Answers with content."""
    query = "SELECT COUNT(*) AS n FROM stored_answer WHERE ciphertext IS NOT NULL"
    return sum(row["n"] for row in await plane.trail.rows(query, {}))
