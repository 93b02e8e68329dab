"""Approved changes are in force, and undo no change of another approval."""

import asyncio

import pytest

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.proposals.service import Proposals
from tests.integration.governance.test_stops import Desk
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
AUTHOR = Actor("k_author", "author", frozenset({"policy_author"}), "sign-on")
APPROVER = Actor("k_approver", "approver", frozenset({"policy_approver"}), "sign-on")
PACKAGED = read_bundle()
ONE = {"levels.yaml": PACKAGED["levels.yaml"] + "# one\n"}
OTHER = {"content.yaml": PACKAGED["content.yaml"] + "# other\n"}


async def propose(kept: Retained, files: dict[str, str]) -> str:
    draft = await kept.plane.policies.draft(files)
    return await kept.plane.proposals.create(draft, AUTHOR, comment="")


async def approve(proposals: Proposals, identity: str) -> None:
    await proposals.decide(identity, APPROVER, approve=True, comment="")


async def test_a_bundle_takes_back_nothing_that_was_approved_since_it_was_proposed(
    kept: Retained,
) -> None:
    proposals = kept.plane.proposals
    one = await propose(kept, ONE)
    other = await propose(kept, OTHER)
    await approve(proposals, one)
    with pytest.raises(InvalidRequest, match="propose it again"):
        await approve(proposals, other)
    assert await kept.plane.policies.active() == PACKAGED | ONE
    again = await propose(kept, OTHER)
    document = (await proposals.get(again)).document
    assert list(await kept.plane.policies.changes(document)) == list(OTHER)
    await approve(proposals, again)
    assert await kept.plane.policies.active() == PACKAGED | ONE | OTHER
    await proposals.decide(other, APPROVER, approve=False, comment="")
    assert {row.state for row in await proposals.list()} == {"approved", "rejected"}


async def test_of_two_approvals_at_once_one_is_in_force(kept: Retained) -> None:
    proposals = kept.plane.proposals
    made = [await propose(kept, files) for files in (ONE, OTHER)]
    done = await asyncio.gather(
        *(approve(proposals, identity) for identity in [*made, *made]), return_exceptions=True
    )
    assert sum(one is None for one in done) == 1
    assert await kept.plane.policies.active() in (PACKAGED | ONE, PACKAGED | OTHER)


async def test_proposals_come_in_pages_by_state_and_kind(kept: Retained) -> None:
    desk = Desk(kept)
    made = []
    for number in range(5):
        kept.clock.ms += 1_000
        body = {
            "add": [{"kind": "deny", "text": f"woord{number}"}],
            "remove": [],
            "reason": "a test",
        }
        made.append((await desk.ask("compliance_officer", "POST", "/terms", body)).json()["id"])
    await approve_over(desk, made[0])
    found, before = [], ""
    for _ in range(2):
        path = f"/proposals?state=pending&kind=terms&limit=2{before}"
        page = (await desk.ask("auditor", "GET", path)).json()
        found.append([one["id"] for one in page["proposals"]])
        before = f"&before={page['next']}"
    assert found == [[made[4], made[3]], [made[2], made[1]]]
    assert page["next"] is None
    decided = (await desk.ask("auditor", "GET", "/proposals?state=approved&kind=terms")).json()
    assert [one["id"] for one in decided["proposals"]] == [made[0]]
    wrong = await desk.ask("auditor", "GET", "/proposals?before=nowhere")
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "before")


async def approve_over(desk: Desk, identity: str) -> None:
    path = f"/proposals/{identity}/approve"
    done = await desk.ask("policy_approver", "POST", path, {"comment": "agreed"})
    assert done.status_code == 200, done.text


async def test_persons_comment_until_a_proposal_is_decided(kept: Retained) -> None:
    desk = Desk(kept)
    body = {"add": [{"kind": "deny", "text": "woord"}], "remove": [], "reason": "a test"}
    identity = (await desk.ask("compliance_officer", "POST", "/terms", body)).json()["id"]
    path = f"/proposals/{identity}"
    said = {"text": "<script>alert(1)</script> \u202ewelke teams?"}
    first = await desk.ask("auditor", "POST", f"{path}/comments", said)
    assert first.status_code == 201, first.text
    await desk.ask("policy_approver", "POST", f"{path}/comments", {"text": "all of them"})
    thread = (await desk.ask("auditor", "GET", path)).json()["comments"]
    assert [(one["number"], one["name"], one["text"]) for one in thread] == [
        (1, "auditor-1", said["text"]),
        (2, "policy_approver-1", "all of them"),
    ]
    entries = await kept.told("control:proposal:comment")
    assert [(one["proposal"], one["number"]) for one in entries] == [(identity, 1), (identity, 2)]
    for text in ("", " ", "x" * 1_001):
        refused = await desk.ask("auditor", "POST", f"{path}/comments", {"text": text})
        assert refused.status_code == 400
    assert (await desk.ask("developer", "POST", f"{path}/comments", said)).status_code == 403
    await approve_over(desk, identity)
    late = await desk.ask("auditor", "POST", f"{path}/comments", said)
    assert late.status_code == 404
    assert len((await desk.ask("auditor", "GET", path)).json()["comments"]) == 2
