"""A snapshot is taken over only when records explain it."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.records import ChangeRecord, sign
from gateway.core.level import Zone
from gateway.core.snapshot import Alias, Key, Provider, SignedChange, Snapshot

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
        "lines": records.digests_of(lines),
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


def test_a_value_of_no_one_is_not_laundered_by_narrowing_it() -> None:
    """The second line was written into the database; one person takes the first one away."""
    first, written = alias("a"), alias("a", "x")
    approved = record(None, first, 1)
    narrowed = record(written, alias("x"), 2, basis=records.ONE, approver=None)
    for before in (aliased(1, [approved], "a"), None):
        with pytest.raises(ProvenanceError, match="candidates"):
            check(aliased(2, [approved, narrowed], "x"), before)


def alias(*candidates: str) -> Snapshot:
    """A state with one alias, or with none."""
    aliases = [Alias("chat", list(candidates))] if candidates else []
    return Snapshot(created=0, bundle={}, aliases=aliases)


def aliased(number: int, changes: list[SignedChange], *candidates: str) -> Snapshot:
    state = alias(*candidates)
    return msgspec.structs.replace(state, number=number, changes=changes)


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=8))
def test_whatever_was_in_force_since_every_gateway_takes_over_what_is(
    states: list[set[str]],
) -> None:
    """Running ones with any earlier state, and new ones: narrowing never stops a start.

    Whoever narrows does it alone; two persons widen. A value of before is not taken over again.
    """
    history, before = [alias()], None
    changes: list[SignedChange] = []
    for state in states:
        after = alias(*sorted(state))
        lines = lines_between(objects_of(before) if before else {}, objects_of(after))
        if not lines:
            continue
        alone = not any(line.widens for line in lines)
        made = {"basis": records.ONE, "approver": None} if alone else {}
        changes.append(record(before, after, len(history), **made))
        history.append(aliased(len(history), list(changes), *sorted(state)))
        before = after
    for earlier in (*history[1:], None):
        check(history[-1], earlier)
    now = set(history[-1].aliases[0].candidates)
    for older in history[1:-1]:
        if not set(older.aliases[0].candidates) <= now:
            back = msgspec.structs.replace(history[-1], aliases=older.aliases)
            for earlier in (history[-1], None):
                with pytest.raises(ProvenanceError, match="candidates"):
                    check(back, earlier)


def test_records_of_an_earlier_release_are_believed_until_they_are_adopted() -> None:
    """It judged fewer fields, so one person may have changed what two have to change now."""
    old = {line.id: line.digest for line in lines_between({}, objects_of(WIDER))}
    changed = record(None, WIDER, 2, basis=records.ONE, approver=None, lines=old)
    check(snapshot(INSIDE, number=2, changes=[changed]), None)
    of_this_release = record(None, alias("a"), 1)
    with pytest.raises(ProvenanceError, match="no approved change"):
        check(snapshot(INSIDE, number=2, changes=[of_this_release, changed]), None)


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


def owned(owner: str | None, number: int, *changes: SignedChange) -> Snapshot:
    """A state with one key of an administrator."""
    key = Key("k_ops", "ops", "1" * 64, kind="admin", roles=["platform_admin"], owner=owner)
    return Snapshot(created=0, bundle={}, keys=[key], number=number, changes=list(changes))


BY_ONE: dict[str, Any] = {"basis": records.FIRST_OWNER, "approver": None}


def test_a_first_owner_is_taken_over_and_takes_the_place_of_no_other() -> None:
    adopted = record(None, owned(None, 1), 1, basis=records.ADOPTED, approver=None)
    old = owned(None, 1, adopted)
    named = record(old, owned("anna", 2), 2, **BY_ONE)
    new = owned("anna", 2, adopted, named)
    for before in (old, None):
        check(new, before)
    forged = record(new, owned("bram", 3), 3, **BY_ONE)
    taken = record(new, owned(None, 3), 3, basis=records.ONE, approver=None)
    again = record(owned(None, 3), owned("bram", 4), 4, **BY_ONE)
    for later in (owned("bram", 3, adopted, forged), owned("bram", 4, adopted, taken, again)):
        with pytest.raises(ProvenanceError, match="owner"):
            check(later, new)
    for before in (old, None):
        with pytest.raises(ProvenanceError, match="owner"):
            check(owned("bram", 3, adopted, forged), before)


def test_a_first_owner_changes_nothing_else() -> None:
    adopted = record(None, owned(None, 1), 1, basis=records.ADOPTED, approver=None)
    old = owned(None, 1, adopted)
    key = msgspec.structs.replace(old.keys[0], roles=["platform_admin", "policy_approver"])
    wider = msgspec.structs.replace(old, keys=[key], number=2)
    named = record(old, wider, 2, **BY_ONE)
    with pytest.raises(ProvenanceError, match="roles"):
        check(msgspec.structs.replace(wider, changes=[adopted, named]), old)
    without_before = record(
        old,
        owned("anna", 2),
        2,
        **BY_ONE,
        lines={
            "admin_key/k_ops/owner": records.digests_of(
                lines_between(objects_of(old), objects_of(owned("anna", 2)))
            )["admin_key/k_ops/owner"]
        },
    )
    with pytest.raises(ProvenanceError, match="owner"):
        check(owned("anna", 2, adopted, without_before), old)
