"""Logout tokens: only good ones, for this service and of now, end a sign-on."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.identity.logout_tokens import LogoutToken, verify_logout_token

NOW = 1_800_000_000
EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
PUBLISHED: Any = KeySet([KEY]).as_dict(private=False)
ISSUER = Issuer(
    "staff", "https://id.example.org", "urn:sluis", keys=PUBLISHED, logout_clients=["console"]
)
GOOD: dict[str, Any] = {
    "iss": "https://id.example.org",
    "aud": "console",
    "iat": NOW - 1,
    "exp": NOW + 120,
    "jti": "j-1",
    "events": {EVENT: {}},
    "sub": "carla",
    "sid": "s-1",
}


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    head = {"alg": "RS256", "kid": "one", "typ": "logout+jwt", **(header or {})}
    return jwt.encode(head, claims, key, algorithms=["RS256", "HS256"])


def verified(raw: str) -> LogoutToken:
    return verify_logout_token(raw, ISSUER, now=NOW)


def test_a_good_token_names_subject_and_session() -> None:
    assert verified(token()) == LogoutToken("j-1", NOW - 1, "carla", "s-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "urn:sluis"},
        {"aud": ["other", "console"]},
        {"sid": None},
        {"sub": None},
        {"exp": None},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "Logout+JWT"}},
        {"iat": NOW - 299},
        {"iat": NOW + 20},
    ],
)
def test_what_providers_send_is_accepted(changes: dict[str, Any]) -> None:
    assert verified(token(**changes)).token_id == "j-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example.org"}, "issuer"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": NOW - 60}, "time"),
        ({"iat": None}, "time"),
        ({"iat": NOW + 600}, "time"),
        ({"iat": NOW - 3600}, "older than five minutes"),
        ({"iat": float("nan")}, "token"),
        ({"jti": None}, "no jti"),
        ({"jti": 7}, "not accepted"),
        ({"jti": "x" * 300}, "jti is not a text"),
        ({"events": None}, "no logout event"),
        ({"events": {}}, "no logout event"),
        ({"events": [EVENT]}, "no logout event"),
        ({"events": {EVENT: "yes"}}, "no logout event"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None, "sid": None}, "neither a subject nor a session"),
        ({"sub": {"a": 1}}, "not accepted"),
        ({"sid": ["s-1"]}, "sid is not a text"),
        ({"header": {"typ": "at+jwt"}}, "type"),
        ({"header": {"typ": "secevent+jwt"}}, "type"),
        ({"key": OTHER}, "signature"),
        (
            {"key": OctKey.import_key(b"x" * 32), "header": {"alg": "HS256"}},
            "sign",
        ),
    ],
)
def test_any_other_token_is_refused_with_the_reason(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(Unauthenticated, match=why) as refused:
        verified(token(**changes))
    assert refused.value.code == "invalid_logout_token"
    assert "carla" not in str(refused.value)


@pytest.mark.parametrize("raw", ["", "x", "a.b.c", "e30.e30.", "x" * 20_000, "é.é.é"])
def test_what_is_no_token_is_refused(raw: str) -> None:
    with pytest.raises(Unauthenticated):
        verified(raw)


def test_a_token_without_signature_is_refused() -> None:
    import base64

    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"logout+jwt"}').rstrip(b"=").decode()
    with pytest.raises(Unauthenticated):
        verified(f"{head}.{token().split('.')[1]}.")
