"""A name that looks like another one is no second person, wherever two are needed."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals.lines import lines_between
from gateway.approvals.records import TWO, ChangeRecord, decides
from gateway.core.errors import ConfigError
from gateway.core.text.look_alikes import LOOK_ALIKES, distinct_names, name_forms
from gateway.evidence import verify
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.basis import Author

pytestmark = pytest.mark.unit
_OTHER = {latin: other for other, latin in LOOK_ALIKES.items()}
DISGUISES: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "look-alikes": lambda name: "".join(_OTHER.get(one, one) for one in name),
    "capital look-alikes": lambda name: "".join(_OTHER.get(one, one) for one in name.upper()),
    "wide letters": lambda name: "".join(
        chr(ord(one) + 0xFEE0) if one in string.ascii_letters else one for one in name
    ),
    "nothing that shows": lambda name: "\u200b".join(name) + "\u2060",
    "blanks around": lambda name: f" {name} ",
}
NAMES = st.text(string.ascii_letters + string.digits + "@.-_ ", min_size=1).filter(str.strip)
(LINE,) = [
    line
    for line in lines_between(
        {("provider", "p"): {"zone": "global"}}, {("provider", "p"): {"zone": "eu"}}
    )
    if line.field == "zone"
]


def _person(name: str) -> Actor:
    return Actor("k1", "key", frozenset(), "api", person=name)


def _are_two(author: str, approver: str) -> list[bool]:
    """Whether they are two persons for the control plane, for gateways and for the verifier."""
    record = ChangeRecord(
        number=1,
        at=0,
        basis=TWO,
        lines={LINE.id: LINE.digest},
        author=author,
        approver=approver,
        proposal="p",
    )
    written = {"person": author, "name": "A"}
    decided = {"person": approver, "name": "B", "author_person": author}
    return [
        not Author.of(_person(author)).is_person_of(_person(approver)),
        decides(record, LINE, one_person=False),
        verify.two_persons(written, decided)[0] == "approved",
    ]


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@given(NAMES)
def test_who_looks_the_same_is_the_same(disguise: Callable[[str], str], name: str) -> None:
    assert _are_two(name, disguise(name)) == [False] * 3
    assert _are_two(disguise(name), name) == [False] * 3
    assert len(distinct_names([name, disguise(name), name.upper()])) == 1


@given(NAMES)
def test_who_only_looks_the_same_may_do_nothing_for_it(name: str) -> None:
    other = DISGUISES["look-alikes"](name)
    if other != name:
        assert not Author.of(_person(name)).is_named(_person(other))
        assert _person(name).persons.isdisjoint(_person(other).persons)


@given(NAMES, NAMES)
def test_other_names_are_other_persons(one: str, other: str) -> None:
    apart = one.casefold().strip() != other.casefold().strip()
    assert _are_two(one, other) == [apart] * 3


def test_the_verifier_compares_alike() -> None:
    assert verify.LOOK_ALIKES == LOOK_ALIKES
    for letter in map(chr, range(0x2100)):
        assert verify.name_forms(letter) == name_forms(letter)


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\u2060", "\u00ad", "\u2028"])
def test_the_owner_of_a_key_has_a_name_that_shows(unseen: str) -> None:
    key = f'{{name: k, kind: admin, owner: "an{unseen}na", secret: "env:K", roles: [auditor]}}'
    with pytest.raises(ConfigError, match="does not show"):
        parse(f"version: 1\nkeys: [{key}]\n", source="sluis.yaml")
