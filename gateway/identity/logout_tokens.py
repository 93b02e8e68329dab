"""Logout tokens of an identity provider (OpenID Connect Back-Channel Logout 1.0)."""

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.identity.tokens import ALGORITHMS, key_set

CODE = "invalid_logout_token"
MAX_AGE_S = 300
LEEWAY_S = 30
_MAX_TOKEN = 16_384
_MAX_ID = 255
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES = ("logout+jwt", "application/logout+jwt", "jwt", "")  # not every provider sends the first


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
    """
    if len(raw) > _MAX_TOKEN:
        raise _refused("it is too long")
    try:
        token = jwt.decode(raw, key_set(issuer.keys), algorithms=ALGORITHMS)
        jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer.issuer},
            aud={"essential": True, "values": [issuer.audience, *issuer.logout_clients]},
            iat={"essential": True},
        ).validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused("its signature, issuer, audience or time is not right") from error
    if str(token.header.get("typ", "")).lower() not in _TYPES:
        raise _refused("its type is not logout+jwt")
    return _content(token.claims, now)


def _content(claims: dict[str, Any], now: float) -> LogoutToken:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise _refused("it has no logout event")
    if "nonce" in claims:
        raise _refused("it has a nonce, as only identity tokens have")
    issued = claims["iat"]
    if not isinstance(issued, int | float) or not issued > now - MAX_AGE_S - LEEWAY_S:
        raise _refused("it is older than five minutes")
    token_id = _identifier(claims, "jti")
    subject, session = _identifier(claims, "sub"), _identifier(claims, "sid")
    if token_id is None:
        raise _refused("it has no jti")
    if subject is None and session is None:
        raise _refused("it names neither a subject nor a session")
    return LogoutToken(token_id, int(issued), subject, session)


def _identifier(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        raise _refused(f"its {name} is not a text of at most {_MAX_ID} characters")
    return value


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(f"The logout token is not accepted: {why}.", code=CODE)
