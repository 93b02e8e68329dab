"""Groups, claims and subjects become rights; who is mapped nowhere may use nothing."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import Denied
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Budget, GroupRights, Issuer, Limits, Rights, Team
from gateway.identity import Claims, NoRights, TokenRights
from gateway.identity.trusted_issuer import TrustedIssuer

pytestmark = pytest.mark.unit
PEPPER = b"p" * 32
TEAMS = [Team("support", limits=Limits(60)), Team("press", floor="public"), Team("hr")]
SLOW = Limits(requests_per_minute=5)


def claims(*groups: str, **changes: Any) -> Claims:
    given: dict[str, Any] = {
        "issuer": "staff",
        "subject": "carla",
        "name": "Carla de Vries",
        "kind": "person",
        "groups": frozenset(groups),
        "roles": frozenset(),
        "client": None,
        "session": None,
        "issued": 0.0,
        "expires": 10.0,
        "aliases": frozenset(),
        "token_id": None,
        **changes,
    }
    return Claims(**given)


def rights(*groups: GroupRights, **applications: Rights) -> TokenRights:
    issuer = Issuer("staff", "https://id", "sluis", groups=[*groups], applications=applications)
    return TokenRights([issuer], TEAMS, pepper=PEPPER)


def issuer_with(groups_claim: str, *groups: GroupRights) -> Issuer:
    return Issuer("staff", "https://id", "sluis", groups_claim=groups_claim, groups=[*groups])


def test_a_mapping_gives_what_it_says_and_the_rest_comes_from_the_team() -> None:
    person = rights(
        GroupRights(
            group="agents",
            team="support",
            models=["assistant"],
            purposes=["service", "letters"],
            clearance="restricted",
            floor="confidential",
            budget=Budget(20.0),
            limits=SLOW,
        )
    ).principal_of(claims("strangers", "agents", roles=frozenset({"auditor"})))
    assert (person.kind, person.team, person.name) == ("person", "support", "Carla de Vries")
    assert person.models == {"assistant"}
    assert person.purposes == ("service", "letters")
    assert (person.clearance, person.floor) == (Level.RESTRICTED, Level.CONFIDENTIAL)
    assert person.limits == Limits(60)  # of the team
    assert (person.person_budget, person.person_limits) == (Budget(20.0), SLOW)
    assert person.roles == {"auditor"}
    assert person.id.startswith("u_")
    assert "carla" not in person.id


def test_the_floor_of_the_team_holds_too() -> None:
    low = rights(GroupRights(group="a", team="press", floor="public")).principal_of(claims("a"))
    assert low.floor is Level.PUBLIC
    higher = rights(GroupRights(group="a", team="support", floor="public"))
    assert higher.principal_of(claims("a")).floor is Level.INTERNAL


@pytest.mark.parametrize(
    ("mappings", "caller"),
    [
        pytest.param([], claims("agents"), id="no mapping at all"),
        pytest.param([GroupRights(group="agents")], claims(), id="no group"),
        pytest.param([GroupRights(group="agents")], claims("Agents", "agents "), id="other case"),
        pytest.param([GroupRights(group="café")], claims("cafe\u0301"), id="another composition"),
        pytest.param([GroupRights()], claims("agents"), id="a mapping of everybody"),
        pytest.param(
            [GroupRights(group="agents")],
            claims("agents", kind="application"),
            id="an application in a group",
        ),
        pytest.param(
            [GroupRights(group="agents", when={"dept": "hr"})], claims("agents"), id="a condition"
        ),
    ],
)
def test_nothing_mapped_means_nothing_allowed(mappings: list[GroupRights], caller: Claims) -> None:
    with pytest.raises(NoRights) as refused:
        rights(*mappings).principal_of(caller)
    assert isinstance(refused.value, Denied)
    assert refused.value.principal.startswith("u_")
    assert "sluis.yaml" in refused.value.message
    assert not [group for group in caller.groups if group in refused.value.message]


def test_the_rights_of_a_team_that_is_gone_are_gone() -> None:
    with pytest.raises(NoRights, match="team"):
        rights(GroupRights(group="a", team="deleted")).principal_of(claims("a"))


def test_the_order_of_the_configuration_decides_between_teams() -> None:
    support = GroupRights(group="a", team="support", models=["one"])
    press = GroupRights(group="b", team="press", models=["two"])
    both = claims("a", "b")
    assert rights(support, press).principal_of(both).models == {"one"}
    assert rights(press, support).principal_of(both).models == {"two"}


def test_mappings_of_one_team_add_models_and_purposes_and_nothing_else() -> None:
    base = GroupRights(
        group="a", team="support", models=["one"], purposes=["x"], clearance="internal"
    )
    more = GroupRights(
        group="b",
        team="support",
        models=["two"],
        purposes=["y", "x"],
        clearance="restricted",
        floor="public",
        budget=Budget(1.0),
    )
    person = rights(base, more).principal_of(claims("a", "b"))
    assert person.models == {"one", "two"}
    assert person.purposes == ("x", "y")  # the default purpose is that of the first
    assert (person.clearance, person.person_budget) == (Level.INTERNAL, None)
    every = rights(base, GroupRights(group="b", team="support")).principal_of(claims("a", "b"))
    assert not every.models  # all
    assert not every.purposes


def test_mappings_without_a_team_are_not_joined() -> None:
    made = rights(GroupRights(group="a", models=["one"]), GroupRights(group="b", models=["two"]))
    assert made.principal_of(claims("a", "b")).models == {"one"}


def test_claims_can_be_asked_for_beside_a_group_or_alone() -> None:
    made = rights(
        GroupRights(group="a", when={"dept": "hr", "site": "ams"}, models=["one"]),
        GroupRights(when={"dept": "hr"}, models=["two"]),
    )
    hr, ams = ("dept", "hr"), ("site", "ams")
    assert made.principal_of(claims("a", attributes=frozenset({hr, ams}))).models == {"one"}
    assert made.principal_of(claims("a", attributes=frozenset({hr}))).models == {"two"}
    with pytest.raises(NoRights):
        made.principal_of(claims("a", attributes=frozenset({ams})))


@pytest.mark.parametrize("kind", ["application", "person"])
def test_a_listed_subject_is_an_application_with_its_own_rights(kind: str) -> None:
    subject = "system:serviceaccount:support:bot"
    made = rights(GroupRights(group="a", models=["one"]), **{subject: Rights(models=["two"])})
    app = made.principal_of(claims("a", subject=subject, kind=kind))
    assert (app.kind, sorted(app.models)) == ("app", ["two"])
    assert made.principal_of(claims("a", subject="carla")).models == {"one"}
    for other in (subject + "2", subject[:-1], subject.upper(), "*"):
        with pytest.raises(NoRights, match="applications"):
            made.principal_of(claims("a", subject=other, kind="application"))


def test_rights_end_with_their_mapping() -> None:
    first, second = GroupRights(group="a"), GroupRights(group="b", when={"dept": "hr"})
    made = rights(first, second, bot=Rights())
    granted = [
        made.principal_of(claims("a")).granted_by,
        made.principal_of(claims("b", attributes=frozenset({("dept", "hr")}))).granted_by,
        made.principal_of(claims(subject="bot")).granted_by,
    ]
    assert [made.still_grant(one) for one in granted] == [True] * 3
    assert [rights(first).still_grant(one) for one in granted] == [True, False, False]
    assert [rights(second, a=Rights()).still_grant(one) for one in granted] == [False, True, False]
    assert not TokenRights([], TEAMS, pepper=PEPPER).still_grant(granted[0])
    assert not made.still_grant(())


# Properties

_GROUPS = st.sampled_from("abcdef")
_NAMES = st.lists(st.sampled_from(["m1", "m2", "m3", "m4"]), max_size=3, unique=True)
_MAPPING = st.builds(
    GroupRights,
    group=_GROUPS,
    team=st.sampled_from([None, *(team.name for team in TEAMS)]),
    models=_NAMES,
    purposes=_NAMES,
    clearance=st.sampled_from([level.label for level in Level]),
)
_MAPPINGS = st.lists(_MAPPING, max_size=6, unique_by=lambda one: one.group)
_HELD = st.frozensets(_GROUPS)


def given_to(mappings: list[GroupRights], held: frozenset[str]) -> Principal | None:
    try:
        return rights(*mappings).principal_of(claims(*held))
    except NoRights:
        return None


def within(narrow: Principal, wide: Principal) -> bool:
    """Whether one may use nothing that the other may not."""
    return all(
        not getattr(wide, field) or (own and set(own) <= set(getattr(wide, field)))
        for field in ("models", "purposes")
        for own in [getattr(narrow, field)]
    )


@given(_MAPPINGS, _HELD)
def test_the_team_is_that_of_the_first_mapping_and_no_other_adds_anything(
    mappings: list[GroupRights], held: frozenset[str]
) -> None:
    matching = [one for one in mappings if one.group in held]
    person = given_to(mappings, held)
    if not matching:
        assert person is None
        return
    assert person is not None
    first = matching[0]
    assert person.team == first.team
    assert person.clearance is Level.parse(first.clearance)
    joined = [one for one in matching if one is first or (first.team and one.team == first.team)]
    assert person == given_to(joined, held)  # as if the others did not exist


@given(_MAPPINGS, _HELD, _GROUPS)
def test_another_group_widens_within_the_team_or_replaces_it(
    mappings: list[GroupRights], held: frozenset[str], another: str
) -> None:
    before, after = given_to(mappings, held), given_to(mappings, held | {another})
    if before is None:
        return
    assert after is not None  # a group more never takes all rights away
    added = next((one for one in mappings if one.group == another), None)
    if after.team != before.team:
        assert added is not None
        assert after.team == added.team
    elif after != before and before.team is not None:
        assert within(before, after)
        assert added is not None
        assert added.team == before.team


@given(_MAPPINGS, _HELD, st.randoms())
def test_the_order_of_groups_in_a_token_and_of_later_teams_does_not_matter(
    mappings: list[GroupRights], held: frozenset[str], random: Any
) -> None:
    person = given_to(mappings, held)
    if person is None:
        return
    others = [one for one in mappings if one.group in held and one.team != person.team]
    kept = [one for one in mappings if one not in others]
    random.shuffle(others)
    assert given_to([*kept, *others], held) == person


@given(_MAPPINGS, _HELD)
def test_without_mappings_nobody_has_rights(
    mappings: list[GroupRights], held: frozenset[str]
) -> None:
    person = given_to(mappings, held)
    assert given_to([], held) is None
    if person is not None:
        fewer = [one for one in mappings if one.group != person.granted_by[2]]
        assert not rights(*fewer).still_grant(person.granted_by)


# Claims of any shape

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=20,
)


@given(_JSON)
def test_groups_of_any_claim_are_its_texts_and_nothing_else(value: Any) -> None:
    found = TrustedIssuer(issuer_with("groups")).groups_of({"groups": value})
    listed = value if isinstance(value, list) else [value]
    assert found == {one for one in listed if isinstance(one, str)}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("groups", {"a", "b"}),
        ("realm_access.roles", {"admin"}),
        ('resource_access."my.client".roles', {"user"}),
        ("resource_access.my.client.roles", set()),
        ("https://example.org/groups", {"namespaced"}),
        ("dept", {"hr"}),
        ("groups.a", set()),
        ("numbers", {"7"}),
    ],
)
def test_groups_and_conditions_find_what_a_path_names(path: str, found: set[str]) -> None:
    token = {
        "groups": ["a", "b", "b"],
        "realm_access": {"roles": ["admin"]},
        "resource_access": {"my.client": {"roles": ["user"]}},
        "https://example.org/groups": ["namespaced"],
        "dept": "hr",
        "numbers": [7, None, True, 7.5, "7", ["8"], {"9": "9"}],
    }
    trusted = TrustedIssuer(issuer_with(path, GroupRights(when={path: "x"})))
    assert trusted.groups_of(token) == found
    assert trusted.attributes_of(token) == {(path, value) for value in found}


def test_only_claims_that_are_asked_for_are_kept() -> None:
    trusted = TrustedIssuer(issuer_with("groups", GroupRights(when={"dept": "hr"})))
    token = {"dept": ["hr", "it"], "birthdate": "1970-01-01"}
    assert trusted.attributes_of(token) == {("dept", "hr"), ("dept", "it")}


@pytest.mark.parametrize(
    "group",
    [
        "6f2b3c1e-8a51-4a57-9e1e-2f6f5f0f9d11",
        "/afdeling/support",
        "CN=Support,OU=Groepen,DC=example,DC=nl",
        "\u7d44\u7e54 \U0001f600",
        string.printable,
        "",
    ],
)
def test_a_group_counts_exactly_as_it_is_written_among_ten_thousand(group: str) -> None:
    many = [f"group-{number}" for number in range(10_000)]
    made = rights(GroupRights(group=group, models=["one"]))
    assert made.principal_of(claims(*many, group)).models == {"one"}
    with pytest.raises(NoRights):
        made.principal_of(claims(*many))
