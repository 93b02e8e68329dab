"""On behalf of: the narrower rights of an application and its user, who is proven."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from gateway.core.decision import Decision
from gateway.core.errors import Denied, Unauthenticated
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import GroupRights, Issuer, Limits, Rights, Snapshot
from gateway.identity import Authenticator, NoRights, narrowed

pytestmark = pytest.mark.unit
NOW = 1_800_000_000.0
ISSUER, AUDIENCE, HEADER = "https://id.example.org", "urn:sluis", "x-sluis-on-behalf-of"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
MADE = Principal(
    id="k_app",
    name="app",
    kind="app",
    team="support",
    roles=frozenset(),
    models=frozenset(),
    purposes=(),
    clearance=Level.RESTRICTED,
    floor=Level.PUBLIC,
    strict=True,
    limits=Limits(60),
)


def authenticator(*groups: GroupRights, **applications: Rights) -> Authenticator:
    keys: Any = KeySet([KEY]).as_dict(private=False)
    issuer = Issuer(
        "staff", ISSUER, AUDIENCE, keys=keys, groups=[*groups], applications=applications
    )
    return Authenticator(Snapshot(created=0.0, bundle={}, issuers=[issuer]), pepper=b"p" * 32)


def token(key: Any = KEY, **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "carla", "exp": NOW + 600, "groups": ["a"]}
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt"}, {**claims, **changes}, key)


AGENTS = GroupRights(group="a", models=["one"])


def test_the_user_is_the_person_that_the_token_is_of() -> None:
    made = authenticator(AGENTS)
    user = made.proven_user_of(token(), by=MADE, now=NOW)
    assert user == made.authenticate(token(), now=NOW)
    assert user.kind == "person"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "k",
        "carla",
        f"Bearer {token()}",
        token(OTHER),
        token(exp=NOW - 120),
        token(aud="urn:other"),
        token()[:-4] + "AAAA",
        "eyJ" + "a" * 20_000 + ".b.c",
        "\u00e9.\u00e9.\u00e9",
        token(sub="bot"),
    ],
)
def test_any_other_token_is_refused_and_not_quoted(raw: str) -> None:
    made = authenticator(AGENTS, bot=Rights())
    with pytest.raises(Unauthenticated) as refused:
        made.proven_user_of(raw, by=MADE, now=NOW)
    assert refused.value.param == HEADER
    assert len(raw) < 4 or raw not in refused.value.message


def test_a_user_without_rights_gives_none_to_the_application() -> None:
    with pytest.raises(NoRights) as refused:
        authenticator().proven_user_of(token(), by=MADE, now=NOW)
    assert refused.value.param == HEADER


@pytest.mark.parametrize("kind", ["person", "admin"])
def test_only_an_application_acts_for_others(kind: str) -> None:
    with pytest.raises(Denied) as refused:
        authenticator(AGENTS).proven_user_of(token(), by=replace(MADE, kind=kind), now=NOW)
    assert refused.value.param == HEADER


def test_both_must_still_be_valid() -> None:
    made = authenticator(AGENTS, bot=Rights())
    bot = made.authenticate(token(sub="bot"), now=NOW)
    user = made.proven_user_of(token(exp=NOW + 60), by=bot, now=NOW)
    both = narrowed(bot, user)
    assert made.is_still_valid(both, now=NOW)
    assert not made.is_still_valid(both, now=NOW + 120)  # the token of the user ended
    assert made.is_still_valid(bot, now=NOW + 120)
    assert not authenticator(AGENTS).is_still_valid(both, now=NOW)
    assert not authenticator(bot=Rights()).is_still_valid(both, now=NOW)
    assert not authenticator(AGENTS).is_still_valid(replace(MADE, on_behalf_of=user), now=NOW)


def test_what_two_have_not_in_common_is_refused() -> None:
    one, two = replace(MADE, models=frozenset({"one"})), replace(MADE, models=frozenset({"two"}))
    with pytest.raises(Denied, match="model"):
        narrowed(one, two)
    with pytest.raises(Denied, match="purpose"):
        narrowed(replace(MADE, purposes=("x",)), replace(MADE, purposes=("y",)))


_NAMES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True)
_PRINCIPALS = st.builds(
    lambda models, purposes, clearance, floor, team: replace(
        MADE,
        models=frozenset(models),
        purposes=tuple(purposes),
        clearance=clearance,
        floor=floor,
        team=team,
    ),
    _NAMES,
    _NAMES,
    st.sampled_from(Level),
    st.sampled_from(Level),
    st.sampled_from([None, "support", "press"]),
)


@given(_PRINCIPALS, _PRINCIPALS)
def test_together_they_may_nothing_that_one_may_not(app: Principal, user: Principal) -> None:
    try:
        both = narrowed(app, user)
    except Denied:
        assert (app.models and user.models and not app.models & user.models) or (
            app.purposes and user.purposes and not set(app.purposes) & set(user.purposes)
        )
        return
    for model in ("a", "b", "c", "d"):
        assert both.may_use(model) == (app.may_use(model) and user.may_use(model))
    for purpose in ("a", "b", "c", "d"):
        wanted = [not one.purposes or purpose in one.purposes for one in (app, user)]
        assert (not both.purposes or purpose in both.purposes) == all(wanted)
    assert both.clearance is min(app.clearance, user.clearance)
    assert both.floor is max(app.floor, user.floor)
    kept = ("id", "kind", "team", "roles", "strict", "limits")
    assert [getattr(both, name) for name in kept] == [getattr(app, name) for name in kept]
    assert both.on_behalf_of == user


_DECISIONS = st.builds(
    Decision, st.booleans(), st.booleans(), st.sampled_from([(), ("p",), ("q",)]), st.just("b")
)


@given(_DECISIONS, _DECISIONS)
def test_two_decisions_are_allowed_by_both_and_redacted_for_either(
    one: Decision, other: Decision
) -> None:
    both = one.narrowed_by(other)
    assert both.allowed == (one.allowed and other.allowed)
    if both.allowed:
        assert both.redact == (one.redact or other.redact)
    else:
        against = {
            p for decision in (one, other) if not decision.allowed for p in decision.policies
        }
        assert set(both.policies) == against
