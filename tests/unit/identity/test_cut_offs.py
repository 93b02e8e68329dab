"""Cut-offs: a sign-on that was ended is refused, whatever the token says about its end."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from gateway.core.errors import Unauthenticated
from gateway.core.principal import Principal
from gateway.core.snapshot import GroupRights, Issuer, Key, Snapshot
from gateway.identity import Authenticator
from gateway.identity.cut_offs import (
    issuer_key,
    name_key,
    session_key,
    sessionless_key,
    subject_key,
)

NOW = 1_800_000_000
PEPPER = b"p" * 32
SIGNING = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
PUBLISHED: Any = KeySet([SIGNING]).as_dict(private=False)
ISSUERS = [
    Issuer(
        name,
        f"https://{name}.example.org",
        "urn:sluis",
        keys=PUBLISHED,
        groups=[GroupRights(when={"iss": f"https://{name}.example.org"})],
    )
    for name in ("staff", "guests")
]
SUBJECT = subject_key(PEPPER, "staff", "carla")


def token(issuer: str = "staff", **changes: Any) -> str:
    claims = {
        "iss": f"https://{issuer}.example.org",
        "aud": "urn:sluis",
        "sub": "carla",
        "iat": NOW - 10,
        "exp": NOW + 600,
        "email": "Carla@Example.nl",
        **changes,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt"}, given, SIGNING)


def authenticator(cut_offs: dict[str, int | None]) -> Authenticator:
    snapshot = Snapshot(created=0.0, bundle={}, issuers=ISSUERS, cut_offs=cut_offs)
    return Authenticator(snapshot, pepper=PEPPER)


def admitted(cut_offs: dict[str, int | None], raw: str) -> Principal:
    return authenticator(cut_offs).authenticate(raw, now=NOW)


@pytest.mark.parametrize(
    "cut_offs",
    [
        {SUBJECT: None},
        {SUBJECT: NOW - 10},
        {SUBJECT: NOW},
        {session_key(PEPPER, "staff", "session-1"): NOW},
        {issuer_key("staff"): NOW},
        {name_key(PEPPER, "staff", "carla@example.nl"): None},
    ],
)
def test_a_cut_off_refuses_the_token_and_ends_what_runs(cut_offs: dict[str, int | None]) -> None:
    raw = token(sid="session-1")
    running = admitted({}, raw)
    with pytest.raises(Unauthenticated):
        admitted(cut_offs, raw)
    assert authenticator({}).is_still_valid(running, now=NOW)
    assert not authenticator(cut_offs).is_still_valid(running, now=NOW)


@pytest.mark.parametrize(
    "cut_offs",
    [
        {SUBJECT: NOW - 11},
        {subject_key(PEPPER, "staff", "dirk"): None},
        {subject_key(PEPPER, "guests", "carla"): None},
        {session_key(PEPPER, "staff", "session-2"): None},
        {session_key(PEPPER, "guests", "session-1"): None},
        {sessionless_key(SUBJECT): NOW},
        {issuer_key("guests"): None},
        {name_key(PEPPER, "guests", "carla@example.nl"): None},
    ],
)
def test_the_cut_off_of_another_ends_nothing(cut_offs: dict[str, int | None]) -> None:
    principal = admitted(cut_offs, token(sid="session-1"))
    assert authenticator(cut_offs).is_still_valid(principal, now=NOW)


def test_a_token_without_session_ends_with_any_logout_of_its_subject() -> None:
    with pytest.raises(Unauthenticated):
        admitted({sessionless_key(SUBJECT): NOW}, token())


@pytest.mark.parametrize("issued", [None, "yesterday", float("nan"), True])
def test_a_token_that_does_not_say_when_it_was_issued_is_cut_off(issued: Any) -> None:
    with pytest.raises(Unauthenticated):
        admitted({SUBJECT: 1}, token(iat=issued))


def test_the_message_says_what_happened() -> None:
    with pytest.raises(Unauthenticated, match="deactivated"):
        admitted({SUBJECT: None}, token())
    with pytest.raises(Unauthenticated, match="Sign in again"):
        admitted({SUBJECT: NOW}, token())


def test_the_key_of_a_leaver_is_refused_with_the_reason_and_ends_what_runs() -> None:
    free = Key(id="k_1", name="bot", digest="", owner="carla@example.nl")
    digest = _digest("sk-1")
    before, after = (
        Snapshot(
            created=0.0,
            bundle={},
            keys=[Key(id="k_1", name="bot", digest=digest, owner=free.owner, blocked=blocked)],
        )
        for blocked in (False, True)
    )
    running = Authenticator(before, pepper=PEPPER).authenticate("sk-1", now=NOW)
    blocked = Authenticator(after, pepper=PEPPER)
    assert not blocked.is_still_valid(running, now=NOW)
    with pytest.raises(Unauthenticated, match="its owner has left"):
        blocked.authenticate("sk-1", now=NOW)


def _digest(secret: str) -> str:
    import hashlib
    import hmac

    return hmac.new(PEPPER, secret.encode(), hashlib.sha256).hexdigest()
