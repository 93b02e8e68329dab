"""Persons and roles that may approve a proposal are asked to review it."""

import pytest

from tests.integration.governance.test_stops import Desk
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
ROLES = ("auditor", "compliance_officer", "policy_approver", "policy_approver#2")


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    desk = Desk(kept)
    for who in ROLES:
        role, _, number = who.partition("#")
        await desk.key(role, int(number or 1))
    return desk


async def propose(desk: Desk, word: str = "woord") -> str:
    desk.kept.clock.ms += 1_000
    body = {"add": [{"kind": "deny", "text": word}], "remove": [], "reason": "a test"}
    return str((await desk.ask("compliance_officer", "POST", "/terms", body)).json()["id"])


async def home(desk: Desk, who: str) -> tuple[int, list[tuple[str, bool]]]:
    found = (await desk.ask(who, "GET", "/home")).json()["proposals"]
    items = [(one["id"], one["asked"]) for one in found["items"] if one["kind"] == "terms"]
    return found["asked"], items


async def asked_of(desk: Desk, who: str) -> list[str]:
    found = (await desk.ask(who, "GET", "/proposals?asked=true")).json()["proposals"]
    assert all(one["asked"] for one in found)
    return [one["id"] for one in found]


async def test_a_person_who_was_asked_sees_it_first(desk: Desk) -> None:
    first, second = await propose(desk), await propose(desk, "ander")
    path = f"/proposals/{second}/reviewers"
    body = {"persons": ["Owner of policy_approver-1"]}
    done = await desk.ask("compliance_officer", "POST", path, body)
    assert done.status_code == 201, done.text
    (one,) = done.json()["reviewers"]
    assert (one["kind"], one["label"]) == ("person", "owner of policy_approver-1")
    assert one["by"] == "compliance_officer-1"
    assert await home(desk, "policy_approver") == (1, [(second, True), (first, False)])
    assert await home(desk, "policy_approver#2") == (0, [(first, False), (second, False)])
    assert await asked_of(desk, "policy_approver") == [second]
    assert await asked_of(desk, "policy_approver#2") == []
    shown = (await desk.ask("auditor", "GET", f"/proposals/{second}")).json()
    assert shown["reviewers"] == [one]
    assert not shown["asked"]
    assert shown["may_review"] == ["policy_approver"]


async def test_a_role_is_asked_by_who_may_approve_too(desk: Desk) -> None:
    identity = await propose(desk)
    path, body = f"/proposals/{identity}/reviewers", {"roles": ["policy_approver"]}
    assert (await desk.ask("policy_approver", "POST", path, body)).status_code == 201
    again = await desk.ask("policy_approver", "POST", path, body)
    assert len(again.json()["reviewers"]) == 1
    assert await asked_of(desk, "policy_approver#2") == [identity]
    (entry,) = await desk.kept.told("control:proposal:ask")
    assert (entry["proposal"], entry["reviewer_roles"]) == (identity, ["policy_approver"])
    await desk.ask("policy_approver", "POST", f"/proposals/{identity}/approve", {})
    assert await asked_of(desk, "policy_approver#2") == []
    late = await desk.ask("policy_approver", "POST", path, body)
    assert late.status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"roles": ["auditor"]}, 400, "reviewer_may_not_approve", "policy_approver"),
        ({"persons": ["owner of auditor-1"]}, 400, "reviewer_may_not_approve", "policy_approver"),
        (
            {"persons": ["owner of compliance_officer-1"]},
            400,
            "reviewer_may_not_approve",
            "another person",
        ),
        ({"persons": ["not@example.nl"]}, 404, "not_found", "No persons are called so"),
        ({"roles": ["nobody"]}, 400, "invalid_request", "no role"),
        ({}, 400, "invalid_request", "at least one"),
        ({"roles": ["policy_approver"] * 21}, 400, "invalid_request", "roles"),
    ],
)
async def test_who_may_not_approve_is_not_asked(
    desk: Desk, body: dict[str, list[str]], status: int, code: str, words: str
) -> None:
    path = f"/proposals/{await propose(desk)}/reviewers"
    refused = await desk.ask("compliance_officer", "POST", path, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code), refused.text
    assert words in refused.json()["error"]["message"]
    assert await desk.kept.told("control:proposal:ask") == []


async def test_a_person_who_neither_proposes_nor_approves_asks_nobody(desk: Desk) -> None:
    path, body = f"/proposals/{await propose(desk)}/reviewers", {"roles": ["policy_approver"]}
    assert (await desk.ask("auditor", "POST", path, body)).status_code == 403
