"""The difference of two sets of authorisation rules, as boxes over all that they mention."""

import pytest

from gateway.decisions import Authoriser
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.lattice import LatticeBox, LatticeDifference, compare

BUNDLE = read_bundle()
RULE = '@id("own") @reason_en("x") @reason_nl("x") {effect} (principal, action, resource) {when};'


def compared(*conditions: str) -> LatticeDifference:
    rules = "".join(
        RULE.format(effect="forbid", when=f"when {{ {one} }}").replace("own", f"own{index}")
        for index, one in enumerate(conditions)
    )
    files = {**BUNDLE, "authorisation/own.cedar": rules}
    before, after = (Authoriser(one, bundle="") for one in (BUNDLE, files))
    return compare(before, after, (BUNDLE, files))


@pytest.mark.parametrize(
    ("condition", "only"),
    [
        ('principal.team == "press"', {"team": ("press",)}),
        ('"press" != principal.team', {"team": ("*",)}),
        ('["a", "b"].contains(context.purpose)', {"purpose": ("a", "b")}),
        ('principal.roles.contains("intern")', {"roles": ("intern",)}),
        ('context.risk == "high"', {"risk": ("high",)}),
        ('resource.provider == "far"', {"provider": ("far",)}),
        ('principal == Sluis::Principal::"k_1"', {"principal": ("k_1",)}),
        ('resource == Sluis::Deployment::"d"', {"deployment": ("d",)}),
        ('principal.kind == "person"', {"kind": ("person",)}),
        ("context.level >= 0", {}),
    ],
)
def test_a_change_names_only_what_it_depends_on(
    condition: str, only: dict[str, tuple[str, ...]]
) -> None:
    found = compared(f'{condition} && resource.zone == "eu" && context.level == 2')
    assert found.boxes == [
        LatticeBox("redact", "refuse", {**only, "level": ("confidential",), "zone": ("eu",)})
    ]
    assert found.whole


def test_equal_rules_differ_nowhere() -> None:
    assert compared().boxes == []


def test_a_pattern_cannot_be_enumerated_and_the_report_says_so() -> None:
    assert not compared('principal.team like "press*"').whole


def test_many_names_are_compared_one_at_a_time() -> None:
    teams = [f'principal.team == "t{index}" && context.purpose == "p{index}"' for index in range(8)]
    alone = compared(*teams, 'principal.team == "t9" && resource.zone == "eu"')
    assert not alone.whole
    assert {box.only["team"] for box in alone.boxes} == {("t9",)}
