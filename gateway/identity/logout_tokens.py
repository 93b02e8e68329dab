"""Logout tokens of an identity provider (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.identity.token_checks import (
    LEEWAY_S,
    check_header,
    check_signature,
    of_issuer,
    taken_apart,
)
from gateway.identity.trusted_issuer import TrustedIssuer, type_of

CODE = "invalid_logout_token"
MAX_AGE_S = 300
_BOUND = 4_000_000_000_000  # seconds
_MAX_ID = 255
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES = ("logout+jwt", "jwt", "")  # not every provider sends the first


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """What a verified logout token says; ``issued`` is epoch seconds.

    At least one of ``subject`` and ``session`` is given.
    """

    token_id: str
    issued: int
    subject: str | None
    session: str | None


def verify_logout_token(raw: str, issuer: Issuer, *, now: float) -> LogoutToken:
    """Returns the content of a valid logout token of an issuer; ``now`` is epoch seconds.

    The checks are those of section 2.6, without the one for replays.

    Raises:
        Unauthenticated: for any other token; the message says what is wrong and never holds it.
        Unavailable: when no keys of the issuer are known.
    """
    trusted = TrustedIssuer(issuer)
    try:
        parts = taken_apart(raw)
        token = of_issuer(parts, dict.fromkeys(trusted.addresses, trusted), now=now)
        check_header(token)
        if type_of(token.header.get("typ", "")) not in _TYPES:
            raise _refused("its type is not logout+jwt")
        check_signature(token)
    except Unauthenticated as error:
        raise Unauthenticated(error.message, code=CODE) from error
    _check_audience(token.payload, trusted.audiences | set(issuer.logout_clients))
    _check_times(token.payload, now)
    return _content(token.payload, trusted.subject)


def _check_audience(claims: Mapping[str, Any], expected: frozenset[str]) -> None:
    audience = claims.get("aud")
    given = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in expected for one in given):
        raise _refused("its audience is no client of this installation (logout_clients)")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, ends = _time(claims, "iat"), _time(claims, "exp")
    if issued is None:
        raise _refused("it does not say at what time it was issued")
    if issued > now + LEEWAY_S:
        raise _refused("its time (iat) lies in the future; check the clocks")
    if not issued > now - MAX_AGE_S - LEEWAY_S:
        raise _refused("it is older than five minutes")
    if ends is not None and not ends > now - LEEWAY_S:
        raise _refused("its time (exp) is over")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _BOUND:
        raise _refused(f"its {name} is not a time in seconds")
    return float(value)


def _content(claims: Mapping[str, Any], subject_claim: str) -> LogoutToken:
    """The content; ``subject_claim`` is the claim that names the subject of access tokens."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise _refused("it has no logout event")
    if "nonce" in claims:
        raise _refused("it has a nonce, as only identity tokens have")
    token_id = _identifier(claims, "jti")
    subject, session = _identifier(claims, subject_claim), _identifier(claims, "sid")
    if token_id is None:
        raise _refused("it has no jti")
    if subject is None and session is None:
        raise _refused("it names neither a subject nor a session")
    return LogoutToken(token_id, int(claims["iat"]), subject, session)


def _identifier(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        raise _refused(f"its {name} is not a text of at most {_MAX_ID} characters")
    return value


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(f"The logout token is not accepted: {why}.", code=CODE)
