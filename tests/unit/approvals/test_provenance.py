"""A snapshot is taken over only when records explain it."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.records import ChangeRecord, sign
from gateway.core.level import Zone
from gateway.core.snapshot import Provider, SignedChange, Snapshot

KEY = Ed25519PrivateKey.generate()
EU = Provider("p", "openai", "https://p.example/v1", Zone.EU)
INSIDE = msgspec.structs.replace(EU, zone=Zone.INTERNAL)


def snapshot(*providers: Provider, number: int, changes: list[SignedChange]) -> Snapshot:
    return Snapshot(created=0, bundle={}, providers=list(providers), number=number, changes=changes)


def record(before: Snapshot | None, after: Snapshot, number: int, **changes: Any) -> SignedChange:
    lines = lines_between(objects_of(before) if before else {}, objects_of(after))
    values = {
        "number": number,
        "at": 0.0,
        "basis": records.TWO,
        "lines": {line.id: line.digest for line in lines},
        "author": "alice",
        "approver": "bob",
        **changes,
    }
    return sign(ChangeRecord(**values), values.pop("key", None) or KEY)


FIRST = snapshot(EU, number=1, changes=[])
FIRST_RECORD = record(None, FIRST, 1, basis=records.BOOTSTRAP, approver=None)
IN_FORCE = snapshot(EU, number=1, changes=[FIRST_RECORD])
WIDER = snapshot(INSIDE, number=2, changes=[])


def check(new: Snapshot, before: Snapshot | None = IN_FORCE, *, one_person: bool = False) -> None:
    check_provenance(new, before, KEY.public_key(), one_person=one_person)


def with_record(**changes: Any) -> Snapshot:
    approved = record(IN_FORCE, WIDER, 2, **changes)
    return snapshot(INSIDE, number=2, changes=[FIRST_RECORD, approved])


def test_what_two_persons_approved_is_taken_over_by_running_and_new_gateways() -> None:
    check(with_record())
    check(with_record(), None)


@pytest.mark.parametrize(
    "changes",
    [
        {"approver": None},
        {"approver": "alice"},
        {"basis": records.ONE},
        {"basis": records.ALONE},
        {"basis": records.RELEASE},
        {"basis": "made up"},
        {"lines": {}},
        {"lines": {"provider/p/zone": "0" * 64}},
    ],
)
@pytest.mark.parametrize("before", [IN_FORCE, None], ids=["running", "new"])
def test_what_they_did_not_approve_is_refused(
    changes: dict[str, Any], before: Snapshot | None
) -> None:
    with pytest.raises(ProvenanceError, match="provider p: zone"):
        check(with_record(**changes), before)


def test_a_record_of_a_change_that_is_in_force_already_is_no_approval() -> None:
    approved = record(IN_FORCE, WIDER, 1)
    with pytest.raises(ProvenanceError, match="provider p: zone"):
        check(snapshot(INSIDE, number=1, changes=[FIRST_RECORD, approved]))


def test_one_person_counts_where_the_installation_lets_one_decide() -> None:
    check(with_record(basis=records.ALONE, approver="alice"), one_person=True)


def test_a_value_from_the_database_is_refused_and_narrowing_is_not() -> None:
    with pytest.raises(ProvenanceError, match="zone: eu -> internal"):
        check(snapshot(INSIDE, number=1, changes=[FIRST_RECORD]))
    check(snapshot(number=1, changes=[FIRST_RECORD]))


def test_another_key_signs_nothing() -> None:
    forged = sign(ChangeRecord(2, 0, records.TWO, {}, "a", "b"), Ed25519PrivateKey.generate())
    with pytest.raises(ProvenanceError, match="not signed by this installation"):
        check(snapshot(INSIDE, number=2, changes=[FIRST_RECORD, forged]))


def test_an_older_state_is_refused() -> None:
    wider = with_record()
    check(wider)
    with pytest.raises(ProvenanceError, match="set back"):
        check(IN_FORCE, wider)


def test_an_approval_is_used_once() -> None:
    """What was narrowed since does not come back with the old approval."""
    wider = with_record()
    narrowed = record(wider, FIRST, 3, basis=records.ONE, approver=None)
    later = snapshot(EU, number=3, changes=[FIRST_RECORD, wider.changes[1], narrowed])
    check(later, wider)
    again = snapshot(INSIDE, number=3, changes=later.changes)
    for before in (later, IN_FORCE, None):
        with pytest.raises(ProvenanceError, match="zone"):
            check(again, before)
