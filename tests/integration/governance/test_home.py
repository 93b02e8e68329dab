"""Home: what waits for whom, and the state of the installation."""

from typing import Any

import pytest
from sqlalchemy import insert, text

from gateway.core.errors import TrailDamaged
from gateway.evidence import CLOSE, INTENT, Entry
from gateway.evidence.entry import Value
from gateway.governance.actor import Actor
from gateway.governance.cases.tables import complaint, incident
from tests.integration.governance.test_usage import api
from tests.support.cards import CARD
from tests.support.office import Office
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
HOUR = 3_600_000


async def cases(kept: Retained, count: int) -> None:
    """So many incidents and complaints, of which each tenth is open."""
    now = kept.clock.ms
    rows: list[dict[str, Any]] = [
        {
            "id": f"incident_{number}",
            "kind": "data_breach",
            "article": "gdpr-33",
            "requests": "[]",
            "aware": now - DAY,
            "deadline": now + (number - 5) * HOUR,
            "due": now + (number - 5) * HOUR,
            "opened": now - DAY,
            "opened_by": "k_ada",
            "closed": None if number % 10 == 0 else now,
        }
        for number in range(count)
    ]
    complaints: list[dict[str, Any]] = [
        {
            "id": f"complaint_{number}",
            "request": "a" * 32,
            "language": "nl",
            "hold": "hold_1",
            "deadline": now + number * HOUR,
            "opened": now - DAY,
            "decided": None if number % 10 == 0 else now,
        }
        for number in range(count)
    ]
    async with kept.plane.database.write() as connection:
        await connection.execute(insert(incident), rows)
        await connection.execute(insert(complaint), complaints)


async def test_open_cases_come_by_deadline_with_their_number(kept: Retained) -> None:
    await cases(kept, 200)
    found = (await api(kept, "/home")).json()
    incidents, complaints = found["incidents"], found["complaints"]
    assert (incidents["count"], incidents["overdue"]) == (20, 1)
    assert [one["id"] for one in incidents["items"][:2]] == ["incident_0", "incident_10"]
    assert len(incidents["items"]) == 10
    assert (complaints["count"], complaints["overdue"]) == (20, 0)


async def test_a_proposal_waits_for_another_person_and_not_for_its_author(office: Office) -> None:
    _, author = await office.key("author", "otto@example.nl", "compliance_officer")
    _, approver = await office.key("approver", "tess@example.nl", "policy_approver")
    _, model_owner = await office.key("owner", "mia@example.nl", "model_owner")
    body = {"add": [{"kind": "deny", "text": "Kwijtelaar"}], "remove": [], "reason": "a test"}
    proposed = await office.ask(author, "POST", "/terms", body)
    assert proposed.is_success, proposed.text
    identity = proposed.json()["id"]

    async def waiting(who: str) -> list[str]:
        found = (await office.ask(who, "GET", "/home")).json()["proposals"]
        assert found["count"] == len(found["items"])
        return [one["id"] for one in found["items"]]

    assert identity in await waiting(approver)
    assert identity not in await waiting(author)
    assert identity not in await waiting(model_owner)
    await office.ask(approver, "POST", f"/proposals/{identity}/approve", {"comment": "agreed"})
    assert identity not in await waiting(approver)


async def test_roles_decide_what_is_shown(office: Office) -> None:
    _, author = await office.key("author", "otto@example.nl", "model_owner")
    found = (await office.ask(author, "GET", "/home")).json()
    assert found["incidents"] is None
    assert found["complaints"] is None
    assert found["state"] is not None
    _, developer = await office.key("dev", "dora@example.nl", "developer")
    found = (await office.ask(developer, "GET", "/home")).json()
    shown = ("proposals", "incidents", "complaints", "state", "figures")
    assert [found[part] for part in shown] == [None] * 5


async def test_today_stands_beside_the_same_hours_of_last_week(kept: Retained) -> None:
    kept.clock.ms += 10 * HOUR
    now = kept.clock.ms
    fields: dict[str, Value] = {"provider": "example-eu", "deployment": "gpt-eu"}
    done: dict[str, Value] = {"outcome": "ok", "latency_ms": 800}
    moments = (now - HOUR, now - 60_000, now - 7 * DAY, now - 7 * DAY + 6 * HOUR, now - 2 * DAY)
    async with kept.trail() as trail:
        for number, at in enumerate(moments):
            await trail.record(Entry(INTENT, f"{number:032x}", at, fields))
            await trail.record(Entry(CLOSE, f"{number:032x}", at + 1, done))
        failed: dict[str, Value] = {"outcome": "upstream_error", "failed": ["classifier"]}
        await trail.record(Entry(INTENT, "f" * 32, now - 1000, fields))
        await trail.record(Entry(CLOSE, "f" * 32, now - 900, failed))
    found = (await api(kept, "/home")).json()
    assert found["figures"]["today"]["requests"] == 3
    assert found["figures"]["last_week"]["requests"] == 1  # the later one is not yet comparable
    (provider,) = found["state"]["providers"]
    assert (provider["requests"], provider["failed"]) == (3, 1)
    assert found["state"]["failing"] == [{"control": "classifier", "requests": 1}]


async def test_damage_of_the_trail_is_told_to_everybody(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "c" * 32, age=1)
    await kept.plane.trail.log.advance()
    found = (await api(kept, "/home")).json()
    assert (found["damage"], found["state"]["trail"]["damage"]) == (None, None)
    assert found["state"]["trail"]["signed"] is not None
    async with kept.plane.database.write() as connection:
        await connection.execute(text("UPDATE log_tile SET hashes = :bad"), {"bad": b"x" * 32})
    with pytest.raises(TrailDamaged):
        await kept.plane.trail.log.advance()
    found = (await api(kept, "/home")).json()
    assert found["damage"] == found["state"]["trail"]["damage"]
    assert "tree" in found["damage"]
    powerless = Actor("k_dev", "dev", frozenset({"developer"}), "sign-on")
    assert (await kept.plane.home.show(powerless)).damage == "sluis doctor"


async def test_a_version_waits_for_each_person_who_may_still_approve_it(office: Office) -> None:
    _, owner = await office.key("owner", "mia@example.nl", "model_owner", "policy_approver")
    _, first = await office.key("first", "otto@example.nl", "policy_approver")
    _, second = await office.key("second", "tess@example.nl", "compliance_officer")
    _, auditor = await office.key("auditor", "aad@example.nl", "auditor")
    engine = {"served_name": "chat-v1", "engine": "vllm", "source": "example/chat", "revision": "1"}
    body = {"name": "chat", "version": "1", "card": CARD, "engine": engine}
    made = await office.ask(owner, "POST", "/models", body)
    assert made.is_success, made.text

    async def waiting(who: str) -> list[str]:
        found = (await office.ask(who, "GET", "/home")).json()["models"]
        assert found["count"] == len(found["items"])
        return [f"{one['name']}@{one['version']} by {one['author']}" for one in found["items"]]

    both = [await waiting(first), await waiting(second)]
    assert both == [["chat@1 by owner"]] * 2
    assert await waiting(owner) == []
    assert (await office.ask(auditor, "GET", "/home")).json()["models"] is None
    approved = await office.ask(first, "POST", "/models/chat/1/approve")
    assert approved.is_success, approved.text
    assert await waiting(first) == []
    assert await waiting(second) == ["chat@1 by owner"]
    done = await office.ask(second, "POST", "/models/chat/1/approve")
    assert done.json()["state"] == "approved", done.text
    assert await waiting(second) == []
