"""Access tokens of the organisation's sign-on: only good ones, of the right kind, count."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from gateway.core.errors import Unauthenticated
from gateway.core.level import Level
from gateway.core.snapshot import GroupRights, Issuer, Snapshot
from gateway.identity import Authenticator

NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://id.example.org", "urn:sluis"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
GOOD = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "carla",
    "exp": NOW + 600,
    "iat": NOW,
    "name": "Carla de Vries",
    "groups": ["officers", "strangers"],
}


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    head = {"alg": "RS256", "kid": "one", "typ": "at+jwt", **(header or {})}
    return jwt.encode(head, claims, key)


def by(*keys: Any) -> Callable[[str], Any]:
    """Authenticates by an issuer that publishes these keys."""
    issuer = Issuer(
        "staff",
        ISSUER,
        AUDIENCE,
        "groups",
        {"officers": "compliance_officer"},
        {"keys": [*keys]},
        groups=[GroupRights(when={"iss": ISSUER})],
    )
    made = Authenticator(Snapshot(created=0.0, bundle={}, issuers=[issuer]), pepper=b"p" * 32)
    return lambda raw: made.authenticate(raw, now=NOW)


PUBLIC = KeySet([KEY]).as_dict(private=False)["keys"][0]


@pytest.fixture
def authenticate() -> Callable[[str], Any]:
    return by(PUBLIC)


def test_a_good_token_becomes_a_person_under_a_pseudonym(
    authenticate: Callable[[str], Any],
) -> None:
    person = authenticate(token())
    assert person.kind == "person"
    assert person.roles == {"compliance_officer"}
    assert person.clearance is Level.CONFIDENTIAL
    assert "carla" not in person.id
    assert authenticate(token()).id == person.id


def test_a_token_counts_as_long_before_a_departure_as_at_the_start() -> None:
    issuer = Issuer("staff", ISSUER, AUDIENCE, keys={"keys": [PUBLIC]})
    made = Authenticator(Snapshot(created=0.0, bundle={}, issuers=[issuer]), pepper=b"p" * 32)
    for late in (-1, 0, 20, 29):
        person = made.authenticate(token(), now=NOW + 600 + late)
        assert made.is_still_valid(person, now=NOW + 600 + late)
    assert not made.is_still_valid(person, now=NOW + 630)
    with pytest.raises(Unauthenticated, match="expired 30 seconds ago"):
        made.authenticate(token(), now=NOW + 630)


def test_only_an_unknown_key_of_a_known_issuer_is_noted() -> None:
    noted: list[str] = []
    issuer = Issuer("staff", ISSUER, AUDIENCE, keys={"keys": [PUBLIC]})
    snapshot = Snapshot(created=0.0, bundle={}, issuers=[issuer])
    made = Authenticator(snapshot, pepper=b"p" * 32, unknown_key=noted.append)
    strangers = (token(iss="https://evil.example", header={"kid": "two"}), token(OTHER))
    for raw in (*strangers, token(header={"kid": "two"}), "eyJ.eyJ.x"):
        with pytest.raises(Unauthenticated):
            made.authenticate(raw, now=NOW)
    assert noted == [ISSUER]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(token(OTHER), id="another key"),
        pytest.param(token(aud="urn:other"), id="another audience"),
        pytest.param(token(iss="https://evil.example"), id="another issuer"),
        pytest.param(token(exp=NOW - 120), id="expired"),
        pytest.param(token(exp=None), id="without an end"),
        pytest.param(token(sub=None), id="without a subject"),
        pytest.param(token(nbf=NOW + 600), id="not yet"),
        pytest.param(token(header={"typ": "JWT"}), id="an identity token"),
        pytest.param(token(header={"kid": "two"}), id="an unknown key id"),
        pytest.param("eyJhbGciOiJub25lIn0." + token().split(".")[1] + ".", id="no signature"),
        pytest.param(token()[:-4] + "AAAA", id="tampered"),
        pytest.param("eyJ.eyJ.x", id="nonsense"),
        pytest.param("eyJ" + "a" * 20_000 + ".b.c", id="too long"),
        pytest.param(
            jwt.encode(
                {"alg": "HS256", "kid": "one", "typ": "at+jwt"},
                GOOD,
                OctKey.import_key(b"x" * 32),
            ),
            id="symmetric",
        ),
    ],
)
def test_any_other_token_is_refused(authenticate: Callable[[str], Any], raw: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        authenticate(raw)
    assert raw not in refused.value.message


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        {"kty": "RSA", "n": "!!", "e": "AQAB"},
        {"kty": ["RSA"]},
        {"kty": "oct", "k": "c2VjcmV0"},
        {**PUBLIC, "kid": 7},
        {**PUBLIC, "kid": "two", "use": "weird"},
        {},
        None,
        "key",
    ],
)
def test_an_unknown_key_type_is_ignored(odd: Any) -> None:
    """RFC 7517, section 5: it must not make the others useless."""
    assert by(odd, PUBLIC)(token()).kind == "person"
    with pytest.raises(Unauthenticated):
        by(odd)(token())


def test_an_issuer_that_publishes_no_key_signs_nothing() -> None:
    with pytest.raises(Unauthenticated):
        by()(token())


@pytest.mark.parametrize(
    "groups", [[{"id": "officers"}, ["officers"], 7, None, "officers"], "officers"]
)
def test_groups_of_any_form_are_read(groups: Any) -> None:
    assert by(PUBLIC)(token(groups=groups)).roles == {"compliance_officer"}


@pytest.mark.parametrize("groups", [{"officers": 1}, 7, True, [], None, [[[]]]])
def test_invalid_groups_give_no_role(groups: Any) -> None:
    assert by(PUBLIC)(token(groups=groups)).roles == frozenset()
