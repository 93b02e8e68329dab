"""A proposal that is not decided within its term expires, on record."""

import typing

import pytest
from sqlalchemy import update

from gateway.governance.actor import Actor
from gateway.governance.policies.proposal_terms import Kind
from gateway.governance.proposals.tables import proposal
from tests.integration.governance.test_stops import Desk
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
TERM = {"add": [{"kind": "deny", "text": "woord"}], "remove": [], "reason": "a test"}


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    desk = Desk(kept)
    for role in ("auditor", "compliance_officer", "policy_approver"):
        await desk.key(role)
    return desk


async def propose(desk: Desk) -> str:
    made = await desk.ask("compliance_officer", "POST", "/terms", TERM)
    assert made.is_success, made.text
    return str(made.json()["id"])


async def listed(desk: Desk, state: str) -> list[str]:
    found = (await desk.ask("auditor", "GET", f"/proposals?state={state}&kind=terms")).json()
    return [one["id"] for one in found["proposals"]]


async def waiting(desk: Desk) -> list[str]:
    found = (await desk.ask("policy_approver", "GET", "/home")).json()["proposals"]
    return [one["id"] for one in found["items"] if one["kind"] == "terms"]


async def test_what_was_not_decided_in_time_cannot_be_approved(desk: Desk) -> None:
    clock = desk.kept.clock
    identity = await propose(desk)
    ends = clock.ms + 30 * DAY
    path = f"/proposals/{identity}"
    assert (await desk.ask("auditor", "GET", path)).json()["expires"] * 1000 == ends
    clock.ms = ends - 1000
    assert await listed(desk, "pending") == [identity]
    assert await waiting(desk) == [identity]
    clock.ms = ends
    for verb, body in (("approve", {}), ("reject", {}), ("reviewers", {"roles": ["auditor"]})):
        late = await desk.ask("policy_approver", "POST", f"{path}/{verb}", body)
        assert (late.status_code, late.json()["error"]["code"]) == (409, "proposal_expired")
        assert "Propose it again" in late.json()["error"]["message"]
    said = await desk.ask("auditor", "POST", f"{path}/comments", {"text": "too late"})
    assert said.status_code == 404
    assert await listed(desk, "pending") == []
    assert await waiting(desk) == []
    assert (await desk.ask("auditor", "GET", path)).json()["state"] == "expired"
    assert await desk.kept.told("control:terms:activate") == []


async def test_an_expiry_is_on_record_once(desk: Desk) -> None:
    clock, plane = desk.kept.clock, desk.kept.plane
    identity = await propose(desk)
    ends = clock.ms + 30 * DAY
    await plane.proposal_expiry.run()
    assert await desk.kept.told("control:proposal:expire") == []
    clock.ms = ends + DAY
    await plane.proposal_expiry.run()
    await plane.proposal_expiry.run()
    (entry,) = await desk.kept.told("control:proposal:expire")
    assert (entry["proposal"], entry["kind"], entry["expires"]) == (identity, "terms", ends)
    assert await listed(desk, "expired") == [identity]
    shown = (await desk.ask("auditor", "GET", f"/proposals/{identity}")).json()
    assert (shown["state"], shown["decided"] * 1000, shown["decider"]) == ("expired", ends, None)
    late = await desk.ask("policy_approver", "POST", f"/proposals/{identity}/approve", {})
    assert late.json()["error"]["code"] == "proposal_expired"
    again = await propose(desk)
    done = await desk.ask("policy_approver", "POST", f"/proposals/{again}/approve", {})
    assert done.status_code == 200, done.text


async def test_a_proposal_from_before_an_upgrade_gets_its_term_from_then_on(desk: Desk) -> None:
    clock, plane = desk.kept.clock, desk.kept.plane
    identity = await propose(desk)
    async with plane.database.write() as connection:
        old = update(proposal).where(proposal.c.id == identity)
        await connection.execute(old.values(expires=None))
    clock.ms += 60 * DAY
    assert await listed(desk, "pending") == [identity]
    await plane.proposal_expiry.run()
    shown = (await desk.ask("auditor", "GET", f"/proposals/{identity}")).json()
    assert (shown["state"], shown["expires"] * 1000) == ("pending", clock.ms + 30 * DAY)


async def test_the_policies_in_force_give_the_term_by_kind(desk: Desk) -> None:
    clock, plane = desk.kept.clock, desk.kept.plane
    files = await plane.policies.active()
    own = "version: 1\nterm_days: 30\nkinds: {terms: 3}\n"
    draft = await plane.policies.draft({**files, "proposals.yaml": own})
    made = await plane.proposals.create(draft, actor("author"), comment="")
    await plane.proposals.decide(made, actor("approver"), approve=True, comment="")
    identity = await propose(desk)
    shown = (await desk.ask("auditor", "GET", f"/proposals/{identity}")).json()
    assert shown["expires"] * 1000 == clock.ms + 3 * DAY


async def test_every_kind_of_proposal_may_have_a_term_of_its_own(kept: Retained) -> None:
    assert set(typing.get_args(Kind)) == set(kept.plane.proposals.kinds)


def actor(name: str) -> Actor:
    return Actor(f"k_{name}", name, frozenset({f"policy_{name}"}), "sign-on")
