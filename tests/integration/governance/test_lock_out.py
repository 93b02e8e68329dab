"""Nobody locks everybody out by their own change, whatever the door."""

import pytest

from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.lock_out import WouldLockOut
from gateway.governance.keys.service import NewKey
from gateway.governance.stops.schemas import Stoppable
from tests.support.persons import ALICE, BOB, applied, issued_key, secret_of
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
ISSUER = """\
identity:
  issuers:
    - {name: staff, issuer: "https://id.example.nl", audience: sluis, roles_claim: groups,
       roles: {approvers: policy_approver}}
"""


@pytest.fixture
async def last(kept: Retained) -> str:
    """The id of the only key with an approving role, in an installation of two persons."""
    key, _ = await issued_key(
        kept.plane, NewKey(name="last", kind="admin", roles=("policy_approver",))
    )
    await issued_key(kept.plane, NewKey(name="other", kind="admin", roles=("auditor",)))
    config = parse("version: 1\napprovals: {one_person: never}\n", source="sluis.yaml")
    await kept.plane.catalogue.apply(config, ALICE, resolve=secret_of, may_lock_out=True)
    return key.id


async def test_the_last_approving_key_is_not_stopped(kept: Retained, last: str) -> None:
    with pytest.raises(WouldLockOut, match="no one could approve"):
        await kept.plane.stops.stop(Stoppable.KEY, last, ALICE, reason="it is lost")
    assert not await kept.plane.stops.list()
    await issued_key(kept.plane, NewKey(name="next", kind="admin", roles=("policy_approver",)))
    await kept.plane.stops.stop(Stoppable.KEY, last, ALICE, reason="it is lost")
    assert [one.name for one in await kept.plane.stops.list()] == [last]


async def test_the_end_of_an_exception_is_not_held_back(kept: Retained, last: str) -> None:
    config = parse("version: 1\napprovals: {one_person: never}\n" + ISSUER, source="sluis.yaml")
    applied_ = await kept.plane.catalogue.apply(
        config, ALICE, resolve=secret_of, comment="incident 12", exception_minutes=60
    )
    assert applied_.done.proposal is not None
    await kept.plane.proposals.decide(applied_.done.proposal, BOB, approve=True, comment="agreed")
    await kept.plane.keys.revoke(last, ALICE)  # the group approves now
    kept.clock.ms += 3_600_000
    await kept.plane.break_glass.end_due()
    assert [one.state for one in await kept.plane.break_glass.list()] == ["ended"]


async def test_the_last_approving_key_is_not_revoked(kept: Retained, last: str) -> None:
    with pytest.raises(WouldLockOut, match="no one could approve"):
        await kept.plane.keys.revoke(last, ALICE)
    assert last in {key.id for key in await kept.plane.keys.list() if key.revoked is None}
    await issued_key(kept.plane, NewKey(name="next", kind="admin", roles=("policy_approver",)))
    await kept.plane.keys.revoke(last, ALICE)


async def test_a_group_of_the_sign_on_counts(kept: Retained, last: str) -> None:
    await applied(kept.plane, parse("version: 1\n" + ISSUER, source="sluis.yaml"))
    await kept.plane.keys.revoke(last, ALICE)
