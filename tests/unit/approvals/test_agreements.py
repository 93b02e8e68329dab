"""A gateway takes over what starts a use case only from a record that names who agreed."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals import records
from gateway.approvals.agreements import Agreement
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.records import ChangeRecord, sign
from gateway.core.snapshot import SignedChange, Snapshot, UseCase

KEY = Ed25519PrivateKey.generate()
LETTERS = UseCase("letters", "ada", "contract", "limited")
OWNER_AGREED = Agreement("dora", owners={"letters": "ada"}, others=["ada"])
PERSONS = st.sampled_from(["adam", "ada", "dora", "carl", "Dora", "ԁora", "", "\u200b"])


def snapshot(*cases: UseCase, number: int, changes: list[SignedChange]) -> Snapshot:
    return Snapshot(created=0, bundle={}, use_cases=list(cases), number=number, changes=changes)


def check(before: Snapshot | None, after: UseCase, *, earlier: Any = (), **said: Any) -> None:
    """Check a snapshot with one use case whose record says this."""
    bare = snapshot(after, number=2, changes=[])
    lines = lines_between(objects_of(before) if before else {}, objects_of(bare))
    values = {"basis": records.TWO, "author": "adam", "approver": "dora", **said}
    record = sign(ChangeRecord(2, 0.0, lines=records.digests_of(lines), **values), KEY)
    check_provenance(
        snapshot(after, number=2, changes=[*earlier, record]),
        before,
        KEY.public_key(),
        one_person=False,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"agreement": OWNER_AGREED},
        {"agreement": Agreement("dora", owners={"letters": "ada"}), "author": "ada"},
        {"agreement": Agreement("dora", others=["carl"])},
        {"basis": records.BOOTSTRAP, "approver": None},
        {"basis": records.ADOPTED, "approver": None},
        {"basis": records.RECOVERY},
    ],
)
def test_whose_agreement_is_enough(said: dict[str, Any]) -> None:
    check(None, LETTERS, **said)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"agreement": Agreement("dora")},  # two persons, and no owner
        {"agreement": Agreement("dora", owners={"other": "ada"})},
        {"agreement": Agreement("ada", owners={"letters": "ada"}, others=["ada"])},
        {"agreement": Agreement("dora", owners={"letters": "dora"}, others=["ada"])},
        {"agreement": Agreement("dora", owners={"letters": "eve"}, others=["ada"])},
        {"agreement": Agreement("adam", owners={"letters": "ada"}, others=["ada"])},
        {"agreement": Agreement("dora", others=["carl"]), "author": "dora"},
        {"agreement": Agreement("dora", others=["adam"])},
        {"agreement": Agreement("dora", others=["Dora"])},
        {"agreement": OWNER_AGREED, "basis": records.ONE},
        {"agreement": OWNER_AGREED, "basis": records.OWNER},
        {"agreement": OWNER_AGREED, "approver": None},
    ],
)
def test_whose_is_not(said: dict[str, Any]) -> None:
    with pytest.raises(ProvenanceError, match="use_case letters: "):
        check(None, LETTERS, **said)


@pytest.mark.parametrize(("before", "after"), [("minimal", "high"), ("high", "limited")])
def test_another_class_needs_it_as_well(before: str, after: str) -> None:
    first = msgspec.structs.replace(LETTERS, risk=before)
    bare = snapshot(first, number=1, changes=[])
    lines = records.digests_of(lines_between({}, objects_of(bare)))
    begun = sign(ChangeRecord(1, 0.0, records.BOOTSTRAP, lines, "adam"), KEY)
    in_force = snapshot(first, number=1, changes=[begun])
    changed = msgspec.structs.replace(LETTERS, risk=after)
    with pytest.raises(ProvenanceError, match="use_case letters: risk"):
        check(in_force, changed, earlier=[begun])
    check(in_force, changed, earlier=[begun], agreement=OWNER_AGREED)


def test_minimal_risk_needs_two_persons() -> None:
    check(None, msgspec.structs.replace(LETTERS, risk="minimal"))


@given(
    author=PERSONS,
    approver=PERSONS,
    officer=PERSONS,
    others=st.lists(PERSONS, max_size=3),
    owner=st.none() | PERSONS,
)
def test_no_fewer_than_two_persons_ever_agree(
    author: str, approver: str, officer: str, others: list[str], owner: str | None
) -> None:
    """An officer who approved and did not propose it, and an owner or a third person beside."""
    agreement = Agreement(officer, others, {} if owner is None else {"letters": owner})
    if not agreement.holds("letters", author, approver):
        return
    plain = {"Dora": "dora", "ԁora": "dora", "\u200b": ""}
    people = {plain.get(one, one) for one in (author, approver, *others)} - {""}
    own, first = plain.get(officer, officer), plain.get(author, author)
    assert own in people - {first}
    if owner is None:
        assert len(people) > 2
    else:
        assert plain.get(owner, owner) in people - {own}
