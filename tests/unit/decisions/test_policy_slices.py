"""Slices of policies decide as all policies together do, whatever the policies begin with."""

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.clearance import Clearance
from gateway.core.level import Level, Zone
from gateway.decisions.authorisation import AuthorisationRequest, Authoriser
from gateway.decisions.policy_slices import PolicySlices
from gateway.governance.policies.bundle import read_bundle

SCHEMA = read_bundle()["schema.cedarschema"]
FACTS = {
    "principal.team": ["sales", "legal", ""],
    "principal.kind": ["app", "person"],
    "resource.zone": ["eu", "internal"],
    "resource.provider": ["one", "two"],
    "context.purpose": ["service", "research"],
    "context.risk": ["none", "high"],
}


def _quoted(values: list[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


@st.composite
def conjunct(draw: st.DrawFn) -> str:
    fact = draw(st.sampled_from(sorted(FACTS)))
    value = draw(st.sampled_from(FACTS[fact]))
    some = draw(st.lists(st.sampled_from(FACTS[fact]), max_size=2, unique=True))
    return draw(
        st.sampled_from([
            f'{fact} == "{value}"',
            f'"{value}" == {fact}',
            f'{fact} != "{value}"',
            f'!({fact} == "{value}")',
            f'({fact} == "{value}" || context.level > 1)',
            f"[{_quoted(some)}].contains({fact})" if some else f'{fact} == "{value}"',
            f"{fact} == {fact}",
            "context.level + 9223372036854775807 > 0",  # fails above the level public
            "context.level >= 1",
            'principal.roles.contains("r")',
        ])
    )


@st.composite
def policy(draw: st.DrawFn) -> str:
    effect = draw(st.sampled_from(["permit", "forbid"]))
    who = draw(st.sampled_from(["principal", 'principal == Sluis::Principal::"k_1"']))
    what = draw(st.sampled_from(["resource", 'resource == Sluis::Deployment::"d_1"']))
    text = f'{effect} ({who}, action == Sluis::Action::"send", {what})'
    for kind in draw(st.lists(st.sampled_from(["when", "unless"]), max_size=2)):
        joined = draw(st.sampled_from([" && ", " || "]))
        text += f" {kind} {{ {joined.join(draw(st.lists(conjunct(), min_size=1, max_size=3)))} }}"
    return text


@st.composite
def request(draw: st.DrawFn) -> AuthorisationRequest:
    return AuthorisationRequest(
        principal_id=draw(st.sampled_from(["k_1", "k_2"])),
        kind=draw(st.sampled_from(FACTS["principal.kind"])),
        team=draw(st.sampled_from(FACTS["principal.team"])),
        roles=frozenset(draw(st.sampled_from([[], ["r"]]))),
        clearance=Level.CONFIDENTIAL,
        level=draw(st.sampled_from([Level.PUBLIC, Level.INTERNAL, Level.CONFIDENTIAL])),
        purpose=draw(st.sampled_from(FACTS["context.purpose"])),
        risk=draw(st.sampled_from(FACTS["context.risk"])),
        zones=("eu",),
        deployment=draw(st.sampled_from(["d_1", "d_2"])),
        provider=draw(st.sampled_from(FACTS["resource.provider"])),
        zone=draw(st.sampled_from([Zone.EU, Zone.INTERNAL])),
        cleared=Clearance(clear=Level.INTERNAL, redacted=Level.CONFIDENTIAL),
    )


class Whole(PolicySlices):
    """All policies, for every request."""

    def __init__(self, policies: str) -> None:
        super().__init__(policies)
        self._whole = cedarpy.PolicySet.from_str(policies)

    def of(self, facts: object) -> cedarpy.PolicySet:
        return self._whole


@given(st.lists(policy(), min_size=1, max_size=8), st.lists(request(), min_size=1, max_size=6))
def test_a_slice_decides_as_all_policies_do(
    policies: list[str], requests: list[AuthorisationRequest]
) -> None:
    text = "\n".join(f'@id("p{number}") {one};' for number, one in enumerate(policies))
    files = {"schema.cedarschema": SCHEMA, "authorisation/all.cedar": text}
    sliced, whole = Authoriser(files, bundle="b"), Authoriser(files, bundle="b")
    whole._policies = Whole(text)
    for one in requests:
        found, expected = sliced.decide(one), whole.decide(one)
        assert (found.allowed, found.redact, found.policies, bool(found.errors)) == (
            expected.allowed,
            expected.redact,
            expected.policies,
            bool(expected.errors),
        )


@pytest.mark.parametrize("count", [3, 300])
def test_policies_about_others_are_left_out(count: int) -> None:
    text = "\n".join(
        f'@id("p{n}") forbid (principal, action, resource) when {{ principal.team == "t{n}" }};'
        for n in range(count)
    )
    facts = {("principal", "team"): "t1"}
    assert len(list(PolicySlices(text).of(facts).to_pst().static_policies)) == 1
