"""Requests of data subjects as cases: their terms, their answers, and who may read them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.person_requests.service import NewPersonRequest
from tests.integration.governance.test_incidents import client, everything
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"data_protection_officer"}), "sign-on")
JAN = "Jan Kwijtelaar"


def new(**changed: Any) -> NewPersonRequest:
    stated = {"kind": "access", "received": NOW - DAY, "person": JAN, "text": f"wat weet u, {JAN}"}
    return NewPersonRequest(**{**stated, **changed})


def months_after(ms: int, months: int) -> int:
    start = datetime.fromtimestamp(ms / 1000, UTC)
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    for day in range(start.day, 0, -1):
        try:
            return int(start.replace(year=year, month=month, day=day).timestamp()) * 1000
        except ValueError:  # the month has no such day
            continue
    raise AssertionError


async def test_the_term_runs_from_receipt_and_is_extended_once_and_in_time(kept: Retained) -> None:
    requests = kept.plane.person_requests
    made = await requests.create(new(), OFFICER)
    deadline = months_after(NOW - DAY, 1)
    assert (made.article, made.deadline, made.state) == ("gdpr-12-3", deadline, "open")
    shown = await requests.extend(made.id, OFFICER, reason="many requests")
    assert shown.deadline == months_after(deadline, 2)
    with pytest.raises(InvalidRequest, match="no further extension"):
        await requests.extend(made.id, OFFICER, reason="more still")
    late = await requests.create(new(received=NOW - 40 * DAY), OFFICER)
    assert late.state == "overdue"
    with pytest.raises(InvalidRequest, match="has passed"):
        await requests.extend(late.id, OFFICER, reason="too late")
    told = await kept.told("control:person_request:open")
    assert [(one["kind"], one["article"]) for one in told] == [("access", "gdpr-12-3")] * 2


async def test_it_is_identified_answered_and_decided_once(kept: Retained) -> None:
    requests = kept.plane.person_requests
    made = await requests.create(new(kind="automated_decision"), OFFICER)
    assert (await requests.identify(made.id, OFFICER, how=f"paspoort van {JAN}")).identified
    with pytest.raises(AlreadyClosed):
        await requests.identify(made.id, OFFICER, how="again")
    await requests.write(made.id, OFFICER, text=f"Beste {JAN}", sent=True)
    done = await requests.decide(
        made.id, OFFICER, outcome="granted", reasons="a person decided anew", answer="toegewezen"
    )
    assert (done.state, done.outcome, done.decided_by) == ("decided", "granted", OFFICER.id)
    assert [one.direction for one in done.messages] == ["sent", "sent"]
    with pytest.raises(AlreadyClosed):
        await requests.decide(made.id, OFFICER, outcome="refused", reasons="again")
    with pytest.raises(AlreadyClosed):
        await requests.extend(made.id, OFFICER, reason="again")
    texts = await requests.reveal(made.id, OFFICER, reason="to check the answer")
    assert texts == {
        "person": JAN,
        "text": f"wat weet u, {JAN}",
        "identity": f"paspoort van {JAN}",
        "message.1": f"Beste {JAN}",
        "reasons": "a person decided anew",
        "message.2": "toegewezen",
    }
    assert "Kwijtelaar" not in await everything(kept)
    (told,) = await kept.told("control:person_request:reveal")
    assert told["reason"] == "to check the answer"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"kind": "sabotage"}, "no such kind"), ({"received": NOW + 1}, "lies ahead")],
    ids=["kind", "future"],
)
async def test_a_request_that_cannot_be_leaves_nothing(
    kept: Retained, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.person_requests.create(new(**wrong), OFFICER)
    assert not (await kept.plane.person_requests.list()).requests


async def test_officers_handle_auditors_look_and_others_do_not(kept: Retained) -> None:
    body = {"kind": "erasure", "received": NOW, "person": JAN, "text": "wis alles"}
    async with await client(kept, "data_protection_officer") as officer:
        made = await officer.post("/person-requests", json=body)
        assert made.status_code == 201
        path = f"/person-requests/{made.json()['id']}"
        bad = {"outcome": "maybe", "reasons": "because"}
        assert (await officer.post(f"{path}/decide", json=bad)).status_code == 400
    async with await client(kept, "auditor") as auditor:
        (shown,) = (await auditor.get("/person-requests")).json()["requests"]
        assert "Kwijtelaar" not in str(shown)
        assert (
            await auditor.post(f"{path}/reveal", json={"reason": "audit 12"})
        ).status_code == 403
    async with await client(kept, "platform_admin") as admin:
        assert (await admin.get("/person-requests")).status_code == 403
