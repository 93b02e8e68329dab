"""Access tokens of the organisation's identity provider (RFC 9068, OpenID Connect)."""

import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.identity.claim_values import attributes_at, values_at

ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_PUBLIC_KEY_TYPES = ("RSA", "EC", "OKP")
_ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt")
_LEEWAY_S = 30
_MAX_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token; times are epoch seconds.

    ``kind`` is ``person`` or ``application``. ``groups`` are all values of the issuer's groups
    claim, ``attributes`` the values of the claims that its mappings ask for, by path.
    """

    issuer: str
    subject: str
    name: str
    kind: str
    groups: frozenset[str]
    roles: frozenset[str]
    client: str | None
    session: str | None
    issued: float
    expires: float
    aliases: frozenset[str]
    token_id: str | None
    attributes: frozenset[tuple[str, str]] = frozenset()


class TokenVerifier:
    """Verifies tokens of the issuers in one snapshot; their keys come with the snapshot."""

    def __init__(self, issuers: list[Issuer]) -> None:
        self._issuers = {
            issuer.issuer: (issuer, _key_set(issuer.keys), _paths(issuer)) for issuer in issuers
        }

    def verify(self, raw: str, *, now: float) -> Claims:
        """Returns the claims of a valid access token.

        Raises:
            Unauthenticated: for any other token; the message never holds it.
        """
        if len(raw) > _MAX_TOKEN:
            raise Unauthenticated("The token is too long.")
        issuer, keys, paths = self._issuer_of(raw)
        try:
            token = jwt.decode(raw, keys, algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=int(now),
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": issuer.issuer},
                aud={"essential": True, "value": issuer.audience},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(token.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("The token is not valid; sign in again.") from error
        if str(token.header.get("typ", "")).lower() not in _ACCESS_TOKEN_TYPES:
            raise Unauthenticated("Only access tokens are accepted, not identity tokens.")
        return _claims(issuer, token.claims, paths)

    def _issuer_of(self, raw: str) -> tuple[Issuer, KeySet, frozenset[str]]:
        try:
            payload_part = raw.split(".")[1]
            payload = orjson.loads(
                base64.urlsafe_b64decode(payload_part + "=" * (-len(payload_part) % 4))
            )
            return self._issuers[payload["iss"]]
        except (IndexError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise Unauthenticated("The token is of no issuer that this gateway trusts.") from error


def _key_set(published: Mapping[str, Any]) -> KeySet:
    """Returns the keys that can verify a token; unknown kinds are ignored (RFC 7517, section 5)."""
    listed = published.get("keys")
    keys = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("kty") in _PUBLIC_KEY_TYPES:
            with suppress(JoseError, ValueError, TypeError, KeyError):
                keys.append(import_key(one))
    return KeySet(keys)


def _claims(issuer: Issuer, claims: dict[str, object], paths: frozenset[str]) -> Claims:
    named = values_at(claims, issuer.roles_claim)
    subject, client = str(claims["sub"]), _text(claims.get("client_id"))
    names = (_text(claims.get(name)) for name in ("email", "preferred_username", "upn"))
    return Claims(
        issuer=issuer.name,
        subject=subject,
        name=str(claims.get("name") or claims.get("email") or subject),
        kind="application" if client == subject else "person",
        groups=values_at(claims, issuer.groups_claim),
        roles=frozenset(issuer.roles[group] for group in named if group in issuer.roles),
        client=client,
        session=_text(claims.get("sid")),
        issued=_seconds(claims.get("iat")),
        expires=_seconds(claims["exp"]),
        aliases=frozenset(name.lower() for name in names if name),
        token_id=_text(claims.get("jti")),
        attributes=attributes_at(claims, paths),
    )


def _paths(issuer: Issuer) -> frozenset[str]:
    """Returns the claims that the conditions of an issuer's mappings ask for."""
    return frozenset(path for rights in issuer.groups for path in rights.when)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
