"""Approved changes are in force, and undo no change of another approval."""

import asyncio

import pytest

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.proposals.service import Proposals
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
