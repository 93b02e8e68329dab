"""Nobody locks everybody out by their own change, whatever the door."""

import pytest

from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.lock_out import WouldLockOut
from gateway.governance.keys.service import NewKey
from tests.support.persons import ALICE, applied, issued_key, secret_of
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
    await kept.plane.catalogue.apply(config, ALICE, resolve=secret_of)
    return key.id


async def test_the_last_approving_key_is_not_revoked(kept: Retained, last: str) -> None:
    with pytest.raises(WouldLockOut, match="nobody could approve"):
        await kept.plane.keys.revoke(last, ALICE)
    assert last in {key.id for key in await kept.plane.keys.list() if key.revoked is None}
    await issued_key(kept.plane, NewKey(name="next", kind="admin", roles=("policy_approver",)))
    await kept.plane.keys.revoke(last, ALICE)


async def test_a_group_of_the_sign_on_counts(kept: Retained, last: str) -> None:
    await applied(kept.plane, parse("version: 1\n" + ISSUER, source="sluis.yaml"))
    await kept.plane.keys.revoke(last, ALICE)
