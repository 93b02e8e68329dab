"""Which bundle each gateway runs, by its own entries, on both databases."""

import pytest

from gateway.core.snapshot import bundle_digest
from gateway.evidence import Entry, Trail
from gateway.governance.actor import Actor
from gateway.governance.policies.bundle import read_bundle
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
AUTHOR = Actor("k_author", "author", frozenset({"policy_author"}), "sign-on")
APPROVER = Actor("k_approver", "approver", frozenset({"policy_approver"}), "sign-on")


async def swap(kept: Retained, trail: Trail, bundle: str) -> None:
    kept.clock.ms += 1000
    fields = {"snapshot": "s" * 64}
    await trail.record(Entry("gateway:snapshot:swap", "", kept.clock.ms, fields, bundle))


async def test_gateways_converge_on_the_bundle_in_force(kept: Retained) -> None:
    plane, packaged = kept.plane, read_bundle()
    first = bundle_digest(packaged)
    async with kept.trail("gw-a") as one:
        await swap(kept, one, first)
        alone = await plane.policy_status.show()
        assert [(g.gateway, g.bundle) for g in alone.gateways] == [("gw-a", first)]
        assert alone.converged
        assert alone.faults == []
        draft = await plane.policies.draft({"levels.yaml": packaged["levels.yaml"] + "# new\n"})
        identity = await plane.proposals.create(draft, AUTHOR, comment="")
        await plane.proposals.decide(identity, APPROVER, approve=True, comment="")
        behind = await plane.policy_status.show()
        assert not behind.converged
        assert behind.before == first
        await swap(kept, one, behind.digest)
        await swap(kept, one, behind.digest)  # another snapshot, the same policies
        after = await plane.policy_status.show()
        assert after.converged
        assert after.gateways[0].since == kept.clock.ms - 1000
