"""A mandate covers what two persons bounded; gateways prove that from the records alone."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.mandates import use_of
from gateway.approvals.objects import objects_of
from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.records import ChangeRecord, sign
from gateway.approvals.rules import judge
from gateway.core.objects.effects import Effect
from gateway.core.objects.kinds import KINDS
from gateway.core.objects.mandates import (
    MANDATE,
    Grant,
    Mandate,
    Widest,
    is_within,
)
from gateway.core.snapshot import Budget, Key, SignedChange, Snapshot, Team
from tests.support.effort import examples

KEY = Ed25519PrivateKey.generate()
DAY_S = 86_400
AT = 1_800_000_000.0  # 2027-01-15
GRANTS = [
    Grant("key", ["press"], Widest(clearance="restricted", models=["chat"])),
    Grant("team", ["press"], Widest(budget=Budget(500.0))),
]
GIVEN = Mandate("daily", GRANTS, "2027-06-30", holder="ada@example.nl")
FULL: dict[str, Any] = {"requests_per_minute": 9, "tokens_per_minute": 9, "concurrent": 9}
# By kind and field: a bound, a value within it, and values that are not.
BOUNDS: list[tuple[str, str, Any, Any, list[Any]]] = [
    ("key", "models", ["a", "b"], ["a"], [[], ["c"], ["a", "c"]]),
    ("key", "purposes", ["a"], ["a"], [[], ["c"]]),
    ("key", "clearance", "confidential", "internal", ["restricted"]),
    ("key", "floor", "internal", "internal", ["public"]),
    ("key", "expires", 30, 30, [31, None]),
    ("key", "limits", FULL, FULL, [{}, {**FULL, "concurrent": 10}, {"concurrent": 1}]),
    ("key", "budget", {"amount": 5}, {"amount": 5}, [None, {"amount": 6}]),
    ("team", "limits", FULL, FULL, [{}, {**FULL, "concurrent": None}]),
    ("team", "budget", {"amount": 5}, {"amount": 4}, [{"amount": 5, "currency": "USD"}, {}]),
]


def granted() -> set[tuple[str, str]]:
    """What may be granted, by kind and field: the bounds here find it."""
    return {
        (kind, field)
        for kind in KINDS
        for _, field, most, inside, _ in BOUNDS
        if is_within(kind, field, most, inside)
    }


def test_every_field_that_may_be_granted_is_here() -> None:
    fields = {field for _, field, *_ in BOUNDS}
    assert fields == set(Widest.__struct_fields__)
    assert {(kind, field) for kind, field, *_ in BOUNDS} == granted()


@pytest.mark.parametrize(("kind", "field", "most", "inside", "outside"), BOUNDS)
def test_a_bound_holds(kind: str, field: str, most: Any, inside: Any, outside: list[Any]) -> None:
    assert is_within(kind, field, most, inside)
    for value in outside:
        assert not is_within(kind, field, most, value)
    nothing: Any
    for nothing in (None, [], {}, "", "no level", True):
        assert not is_within(kind, field, nothing, inside)


def test_no_other_field_is_ever_granted() -> None:
    """None of them decides who counts as a person, or where bytes or credentials go."""
    for kind in KINDS.values():
        for field in {*(one.name for one in kind.fields()), "new"}:
            if (kind.name, field) not in granted():
                assert not is_within(kind.name, field, "restricted", "public")
                assert not is_within(kind.name, field, [1], [1])


def test_giving_and_widening_a_mandate_needs_two_persons_and_ending_it_one() -> None:
    before = objects_of(state())
    given_ = objects_of(state(mandate=GIVEN))
    assert {line.power for line in lines_between(before, given_) if line.widens} == {"mandates"}
    assert not any(line.widens for line in lines_between(given_, before))
    for change, widens in (
        ({"until": "2027-07-01"}, True),
        ({"until": "2027-06-29"}, False),
        ({"holder": "bert@example.nl"}, True),
        ({"holder": None, "role": "platform_admin"}, True),
        ({"grants": GRANTS[:1]}, False),
        ({"grants": [Grant("team", ["press"], Widest(budget=Budget(400.0)))]}, False),
        ({"grants": [Grant("team", ["press"], Widest(budget=Budget(501.0)))]}, True),
        ({"grants": [Grant("team", ["press", "law"], Widest(budget=Budget(5.0)))]}, True),
        ({"grants": [Grant("key", ["press"], Widest(floor="internal"))]}, True),
    ):
        after = objects_of(state(mandate=msgspec.structs.replace(GIVEN, **change)))
        assert any(line.widens for line in lines_between(given_, after)) == widens, change


MOST = st.fixed_dictionaries(
    {},
    optional={
        "models": st.lists(st.sampled_from("ab"), min_size=1, unique=True),
        "clearance": st.sampled_from(["internal", "confidential", "restricted"]),
        "expires": st.integers(1, 3),
        "budget": st.fixed_dictionaries({"amount": st.integers(1, 3)}),
    },
)
TEAMS = st.lists(st.sampled_from(["x", "y"]), min_size=1, unique=True)
SOME_GRANTS = st.lists(
    st.fixed_dictionaries({"kind": st.just("key"), "teams": TEAMS, "most": MOST}), max_size=2
)
VALUES: dict[str, list[Any]] = {
    "models": [["a"], ["b"], ["a", "b"], []],
    "clearance": ["internal", "confidential", "restricted"],
    "expires": [1, 2, 3, None],
    "budget": [{"amount": 1}, {"amount": 2}, {"amount": 3}, None],
}


def allowed(grants: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    """What grants permit: teams, fields and values."""
    return {
        (team, field, number)
        for grant in grants
        for team in grant["teams"]
        for field, values in VALUES.items()
        for number, value in enumerate(values)
        if field in grant["most"] and is_within("key", field, grant["most"][field], value)
    }


@given(SOME_GRANTS, SOME_GRANTS)
def test_what_one_person_changes_of_a_mandate_permits_no_more(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    if judge(MANDATE, "grants", before, after)[0] is not Effect.WIDENS:
        assert allowed(after) <= allowed(before)
    assert judge(MANDATE, "grants", before, [*before])[0] is Effect.NARROWS


def state(
    *,
    mandate: Mandate | None = None,
    budget: int = 50,
    clearance: str | None = None,
    team: str = "press",
) -> Snapshot:
    """A state with a team, perhaps a mandate, and a key where it has a clearance."""
    key = Key("k_1", "bot", "1" * 64, team=team, models=["chat"], clearance=clearance or "internal")
    return Snapshot(
        created=0,
        bundle={},
        teams=[Team("press", budget=Budget(budget)), Team("law")],
        mandates=[mandate] if mandate else [],
        keys=[key] if clearance else [],
    )


class Installation:
    """The states of an installation, each with the records that explain it."""

    def __init__(self) -> None:
        self.history: list[Snapshot] = []
        self.changes: list[SignedChange] = []

    def change(
        self,
        after: Snapshot,
        basis: str = records.TWO,
        *,
        under: Mandate | None = None,
        at: float = AT,
        **values: Any,
    ) -> Snapshot:
        """The next state, by a record of that basis."""
        before = objects_of(self.history[-1]) if self.history else {}
        lines = lines_between(before, objects_of(after))
        approver = "bob" if basis == records.TWO else None
        made: dict[str, Any] = {
            "number": len(self.history) + 1,
            "at": at,
            "basis": basis,
            "lines": records.digests_of(lines),
            "author": "u_ada",
            "approver": approver,
            "mandate": use_of(under, lines, objects_of(after)) if under else None,
            **values,
        }
        self.changes.append(sign(ChangeRecord(**made), KEY))
        number = made["number"]
        done = msgspec.structs.replace(after, number=number, changes=list(self.changes))
        self.history.append(done)
        return done

    def accepts(self, new: Snapshot) -> list[bool]:
        """Whether gateways take a state over: one that starts, and one that runs since before."""
        return [
            _accepts(new, before)
            for before in (None, *[one for one in self.history if one is not new])
        ]


def _accepts(new: Snapshot, before: Snapshot | None) -> bool:
    try:
        check_provenance(new, before, KEY.public_key(), one_person=False)
    except ProvenanceError:
        return False
    return True


@pytest.fixture
def house() -> Installation:
    """Two persons gave a mandate."""
    made = Installation()
    made.change(state(), records.BOOTSTRAP)
    made.change(state(mandate=GIVEN))
    return made


def test_gateways_take_over_what_one_person_did_within_a_mandate(house: Installation) -> None:
    under = state(mandate=GIVEN, budget=500, clearance="restricted")
    assert all(house.accepts(house.change(under, MANDATE, under=GIVEN)))


def test_what_was_changed_stays_when_the_mandate_ends_or_narrows(house: Installation) -> None:
    wide = state(mandate=GIVEN, budget=500, clearance="restricted")
    house.change(wide, MANDATE, under=GIVEN)
    narrow = msgspec.structs.replace(GIVEN, grants=GRANTS[1:], until="2027-03-01")
    both = state(mandate=narrow, budget=500, clearance="restricted")
    assert all(house.accepts(house.change(both, records.ONE)))
    less = state(mandate=narrow, budget=400, clearance="restricted")
    assert all(house.accepts(house.change(less, records.ONE)))
    ended = state(budget=400, clearance="restricted")
    assert all(house.accepts(house.change(ended, records.ONE)))
    moved = state(budget=400, clearance="restricted", team="law")
    assert all(house.accepts(house.change(moved)))


WIDE = state(mandate=GIVEN, budget=500, clearance="restricted")


@pytest.mark.parametrize(
    ("after", "values"),
    [
        (state(mandate=GIVEN, clearance="restricted", team="law"), {}),
        (WIDE, {"at": AT + 365 * DAY_S}),
        (WIDE, {"mandate": None}),
        (WIDE, {"under": msgspec.structs.replace(GIVEN, until="2027-07-01")}),
        (WIDE, {"under": msgspec.structs.replace(GIVEN, name="other")}),
        (WIDE, {"under": msgspec.structs.replace(GIVEN, role="auditor")}),
    ],
    ids=["team", "day", "none", "longer", "unknown", "both"],
)
def test_no_gateway_takes_over_what_lies_outside(
    house: Installation, after: Snapshot, values: dict[str, Any]
) -> None:
    claimed: dict[str, Any] = {"under": GIVEN, **values}
    new = house.change(after, MANDATE, **claimed)
    assert not any(house.accepts(new))


def test_no_running_gateway_takes_over_a_higher_amount(house: Installation) -> None:
    before = house.history[-1]
    assert not _accepts(
        house.change(state(mandate=GIVEN, budget=501), MANDATE, under=GIVEN), before
    )


def test_another_person_gives_it_and_never_its_holder() -> None:
    told: tuple[dict[str, Any], ...] = (
        {"basis": records.ONE},
        {"basis": records.ALONE, "approver": "u_ada"},
        {"basis": records.BOOTSTRAP},
        {"approver": "ada@example.nl"},
        {"author": "bob"},
    )
    for number, values in enumerate(told):
        made = Installation()
        made.change(state(), records.BOOTSTRAP)
        made.change(state(mandate=GIVEN), **values)
        new = made.change(WIDE, MANDATE, under=GIVEN)
        assert not _accepts(new, None), number


def test_a_mandate_that_ended_is_used_no_more(house: Installation) -> None:
    raised: dict[str, Any] = {"clearance": "restricted", "mandate": GIVEN}
    ended = house.change(state(clearance="internal"), records.ONE)
    new = house.change(state(clearance="restricted"), MANDATE, under=GIVEN)
    assert not _accepts(new, ended)
    assert not _accepts(new, None)
    house.change(state(clearance="internal"), records.ONE)
    again = house.change(state(clearance="internal", mandate=GIVEN))
    wider = house.change(state(**raised), MANDATE, under=GIVEN)
    assert _accepts(wider, again)
    assert _accepts(wider, None)


@pytest.mark.parametrize(
    "narrow",
    [
        {"until": "2027-01-20"},
        {"grants": GRANTS[:1]},
        {"grants": [Grant("team", ["press"], Widest(budget=Budget(60.0)))]},
    ],
    ids=["until", "fewer", "less"],
)
def test_no_gateway_takes_over_a_use_of_bounds_that_were_narrowed_before_it(
    house: Installation, narrow: dict[str, Any]
) -> None:
    """Also not one that did not see the narrowing by itself."""
    less = msgspec.structs.replace(GIVEN, **narrow)
    house.change(state(mandate=less), records.ONE)
    assert not any(
        house.accepts(house.change(state(mandate=less, budget=500), MANDATE, under=GIVEN))
    )


def test_every_gateway_takes_over_a_use_of_bounds_that_were_narrowed(house: Installation) -> None:
    grants = [Grant("team", ["press"], Widest(budget=Budget(60.0)))]
    less = msgspec.structs.replace(GIVEN, grants=grants, until="2027-01-20")
    house.change(state(mandate=less), records.ONE)
    assert all(house.accepts(house.change(state(mandate=less, budget=60), MANDATE, under=less)))


def test_a_value_between_is_not_laundered_by_narrowing_it(house: Installation) -> None:
    """Outside the bounds first, and then narrowed into them by a record that would do."""
    before = house.history[-1]
    house.change(state(mandate=GIVEN, budget=900), MANDATE, under=GIVEN)
    assert not _accepts(house.change(state(mandate=GIVEN, budget=500), records.ONE), before)


def test_a_row_gives_no_mandate(house: Installation) -> None:
    wider = msgspec.structs.replace(GIVEN, grants=[Grant("key", ["law"], Widest(floor="public"))])
    forged = msgspec.structs.replace(house.history[-1], mandates=[wider])
    assert not any(house.accepts(forged))


STEPS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "raise": lambda one: _with(one, clearance="restricted"),
    "lower": lambda one: _with(one, clearance="internal"),
    "open": lambda one: _with(one, floor="public"),
    "close": lambda one: _with(one, floor="internal"),
    "end": lambda one: msgspec.structs.replace(one, mandates=[]),
    "shorten": lambda one: msgspec.structs.replace(
        one, mandates=[msgspec.structs.replace(m, until="2027-02-01") for m in one.mandates]
    ),
    "give": lambda one: msgspec.structs.replace(one, mandates=[GIVEN]),
}


def _with(one: Snapshot, **values: str) -> Snapshot:
    return msgspec.structs.replace(one, keys=[msgspec.structs.replace(one.keys[0], **values)])


@given(st.lists(st.sampled_from(list(STEPS)), max_size=examples(10)))
def test_under_any_sequence_of_one_person_only_what_a_mandate_covers_is_in_force(
    steps: list[str],
) -> None:
    """Two persons gave the first mandate. Whoever does the rest claims to have one each time."""
    made = Installation()
    made.change(state(clearance="internal"), records.BOOTSTRAP)
    made.change(state(clearance="internal", mandate=GIVEN))
    given_, covered, opened = True, True, False
    for step in steps:
        before = made.history[-1]
        after = msgspec.structs.replace(STEPS[step](before), number=0, changes=[])
        lines = lines_between(objects_of(before), objects_of(after))
        if not lines:
            continue
        wider = any(line.widens for line in lines)
        claimed = before.mandates[0] if before.mandates else GIVEN
        new = made.change(
            after, MANDATE if wider else records.ONE, under=claimed if wider else None
        )
        if step == "raise":
            covered = given_ and bool(before.mandates)
        opened = opened or step == "open"
        given_ = given_ and bool(after.mandates) and step != "give"
        sound = covered and not opened and (given_ or not after.mandates)
        assert _accepts(new, None) == sound
