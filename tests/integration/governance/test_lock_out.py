"""Nobody locks everybody out by their own change, whatever the door."""

import pytest

from gateway.approvals.provenance import check_provenance
from gateway.core.errors import Denied
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.lock_out import WouldLockOut
from gateway.governance.changes.recovery import RECOVERY, digest_of_code, new_code
from gateway.governance.changes.settings import store_setting
from gateway.governance.stops.schemas import Stoppable
from tests.support.persons import ALICE, BOB, TWO_PERSONS, applied, issued_key, secret_of
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
NEVER_ALONE = "version: 1\napprovals: {one_person: never}\n"
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
        kept.plane, NewKey(name="last", kind="admin", roles=["policy_approver"])
    )
    await issued_key(kept.plane, NewKey(name="other", kind="admin", roles=["auditor"]))
    config = parse(NEVER_ALONE, source="sluis.yaml")
    await kept.plane.catalogue.apply(config, ALICE, resolve=secret_of, may_lock_out=True)
    return key.id


async def test_the_last_approving_key_is_not_stopped(kept: Retained, last: str) -> None:
    with pytest.raises(WouldLockOut, match="no one could approve"):
        await kept.plane.stops.stop(Stoppable.KEY, last, ALICE, reason="it is lost")
    assert not await kept.plane.stops.list()
    await issued_key(kept.plane, NewKey(name="next", kind="admin", roles=["policy_approver"]))
    await kept.plane.stops.stop(Stoppable.KEY, last, ALICE, reason="it is lost")
    assert [one.name for one in await kept.plane.stops.list()] == [last]


async def test_the_end_of_an_exception_is_not_held_back(kept: Retained, last: str) -> None:
    config = parse(NEVER_ALONE + ISSUER, source="sluis.yaml")
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
    await issued_key(kept.plane, NewKey(name="next", kind="admin", roles=["policy_approver"]))
    await kept.plane.keys.revoke(last, ALICE)


async def test_a_group_of_the_sign_on_counts(kept: Retained, last: str) -> None:
    await applied(kept.plane, parse("version: 1\n" + ISSUER, source="sluis.yaml"))
    await kept.plane.keys.revoke(last, ALICE)


LOCKED = """\
version: 1
approvals:
  recovery:
    - {{person: anna, digest: "{anna}"}}
    - {{person: bram, digest: "{bram}"}}
"""


async def test_a_file_that_was_cut_off_is_refused_unless_it_is_meant(kept: Retained) -> None:
    cut = parse(NEVER_ALONE, source="sluis.yaml")
    await applied(kept.plane, parse(NEVER_ALONE + TWO_PERSONS, source="sluis.yaml"))
    for actor in (ALICE, LOCAL_OPERATOR):
        with pytest.raises(WouldLockOut, match="--may-lock-out"):
            await kept.plane.catalogue.apply(cut, actor, resolve=secret_of)
    await kept.plane.catalogue.apply(cut, ALICE, resolve=secret_of, may_lock_out=True)


async def test_two_persons_open_the_way_back_once(kept: Retained) -> None:
    plane, codes = kept.plane, {"anna": new_code(), "bram": new_code()}
    digests = {person: digest_of_code(code) for person, code in codes.items()}
    locked = parse(LOCKED.format(**digests), source="sluis.yaml")
    await applied(plane, locked)  # nobody is left to approve
    await plane.snapshots.publish()
    right = parse(NEVER_ALONE + ISSUER, source="sluis.yaml")
    both = [codes["bram"], codes["anna"]]
    for wrong in ([codes["anna"]], [codes["anna"]] * 2, [codes["anna"], new_code()]):
        with pytest.raises(Denied, match="two persons"):
            await plane.catalogue.apply(right, LOCAL_OPERATOR, resolve=secret_of, recovery=wrong)
    with pytest.raises(Denied, match="on the machine"):
        await plane.catalogue.apply(right, ALICE, resolve=secret_of, recovery=both)
    done = await plane.catalogue.apply(right, LOCAL_OPERATOR, resolve=secret_of, recovery=both)
    assert done.done.proposal is None
    await plane.snapshots.publish()
    published = await plane.snapshots.published()
    assert published is not None
    assert [issuer.name for issuer in published.issuers] == ["staff"]
    key = plane.secrets.signing.public_key()
    check_provenance(published, None, key, one_person=plane.database.is_sqlite)
    (used,) = await kept.told("control:recovery:use")
    assert (used["author"], used["approver"]) == ("anna", "bram")
    with pytest.raises(Denied, match="works once"):
        await plane.catalogue.apply(locked, LOCAL_OPERATOR, resolve=secret_of, recovery=both)


async def test_a_row_that_somebody_wrote_opens_no_way_back(kept: Retained) -> None:
    plane, codes = kept.plane, {"anna": new_code(), "bram": new_code()}
    await plane.snapshots.publish()
    sealed = {"sealed": {person: digest_of_code(code) for person, code in codes.items()}}
    async with plane.database.write() as connection:
        await store_setting(connection, RECOVERY, sealed)
    right = parse("version: 1\n" + ISSUER, source="sluis.yaml")
    for _ in range(2):
        with pytest.raises(Denied, match="two persons"):
            await plane.catalogue.apply(
                right, LOCAL_OPERATOR, resolve=secret_of, recovery=[*codes.values()]
            )
        await plane.snapshots.publish()  # refused: no record explains the row


async def test_a_code_is_proven_and_stays_in_force(kept: Retained) -> None:
    plane, codes = kept.plane, {"anna": new_code(), "bram": new_code()}
    digests = {person: digest_of_code(code) for person, code in codes.items()}
    await applied(plane, parse(LOCKED.format(**digests), source="sluis.yaml"))
    with pytest.raises(Denied, match="not the code of a person"):
        await plane.recovery_proofs.prove(codes["anna"], LOCAL_OPERATOR)  # not published yet
    await plane.snapshots.publish()
    assert await plane.recovery_proofs.proven() == {"anna": None, "bram": None}
    for _ in range(2):
        kept.clock.ms += 60_000
        assert await plane.recovery_proofs.prove(f" {codes['anna']}\n", LOCAL_OPERATOR) == "anna"
    assert await plane.recovery_proofs.proven() == {"anna": kept.clock(), "bram": None}
    for wrong in (new_code(), "", digests["bram"]):
        with pytest.raises(Denied, match="not the code of a person"):
            await plane.recovery_proofs.prove(wrong, LOCAL_OPERATOR)
    with pytest.raises(Denied, match="on the machine"):
        await plane.recovery_proofs.prove(codes["bram"], ALICE)
    told = await kept.told("control:recovery:prove")
    assert [one["of_person"] for one in told] == ["anna", "anna"]
    assert not any(code in str(told) or digest in str(told) for code, digest in both(codes))
    both_codes = [*codes.values()]
    right = parse("version: 1\n" + ISSUER, source="sluis.yaml")
    await plane.catalogue.apply(right, LOCAL_OPERATOR, resolve=secret_of, recovery=both_codes)
    with pytest.raises(Denied, match="not the code of a person"):
        await plane.recovery_proofs.prove(codes["anna"], LOCAL_OPERATOR)  # used
    await plane.snapshots.publish()
    assert await plane.recovery_proofs.proven() == {}


def both(codes: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, digest_of_code(code)) for code in codes.values()]


async def test_a_new_code_was_never_proven(kept: Retained) -> None:
    plane, codes = kept.plane, {"anna": new_code(), "bram": new_code()}
    digests = {person: digest_of_code(code) for person, code in codes.items()}
    file = LOCKED + ISSUER.replace("{", "{{").replace("}", "}}")
    await applied(plane, parse(file.format(**digests), source="sluis.yaml"))
    await plane.snapshots.publish()
    for code in codes.values():
        await plane.recovery_proofs.prove(code, LOCAL_OPERATOR)
    replaced = digests | {"bram": digest_of_code(new_code())}
    await applied(plane, parse(file.format(**replaced), source="sluis.yaml"))
    await plane.snapshots.publish()
    assert await plane.recovery_proofs.proven() == {"anna": kept.clock(), "bram": None}
