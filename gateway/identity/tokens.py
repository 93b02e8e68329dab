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
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Issuer, Limits
from gateway.identity.cut_offs import sign_on_of, subject_key

ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_PUBLIC_KEY_TYPES = ("RSA", "EC", "OKP")
_ACCESS_TOKEN_TYPES = ("at+jwt", "application/at+jwt")
_LEEWAY_S = 30
_MAX_TOKEN = 16_384
_ALIASES = ("email", "preferred_username", "upn")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token. Times are epoch seconds; ``issued`` is 0 when not stated.

    ``aliases`` are the user names and e-mail addresses of the subject, in lower case.
    """

    issuer: str
    subject: str
    name: str
    roles: frozenset[str]
    is_application: bool
    expires: float
    issued: float = 0.0
    session: str | None = None
    aliases: frozenset[str] = frozenset()


class TokenVerifier:
    """Verifies tokens of the issuers in one snapshot; their keys come with the snapshot."""

    def __init__(self, issuers: list[Issuer]) -> None:
        self._issuers = {issuer.issuer: (issuer, key_set(issuer.keys)) for issuer in issuers}

    def verify(self, raw: str, *, now: float) -> Claims:
        """Returns the claims of a valid access token.

        Raises:
            Unauthenticated: for any other token; the message never holds it.
        """
        if len(raw) > _MAX_TOKEN:
            raise Unauthenticated("The token is too long.")
        issuer, keys = self._issuer_of(raw)
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
        return _claims(issuer, token.claims)

    def _issuer_of(self, raw: str) -> tuple[Issuer, KeySet]:
        try:
            payload_part = raw.split(".")[1]
            payload = orjson.loads(
                base64.urlsafe_b64decode(payload_part + "=" * (-len(payload_part) % 4))
            )
            return self._issuers[payload["iss"]]
        except (IndexError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise Unauthenticated("The token is of no issuer that this gateway trusts.") from error


def key_set(published: Mapping[str, Any]) -> KeySet:
    """Returns the keys that can verify a token; unknown kinds are ignored (RFC 7517, section 5)."""
    listed = published.get("keys")
    keys = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("kty") in _PUBLIC_KEY_TYPES:
            with suppress(JoseError, ValueError, TypeError, KeyError):
                keys.append(import_key(one))
    return KeySet(keys)


def _claims(issuer: Issuer, claims: dict[str, object]) -> Claims:
    claim: object = claims
    for step in issuer.roles_claim.split("."):
        claim = claim.get(step, []) if isinstance(claim, dict) else []
    groups = claim if isinstance(claim, list) else [claim]
    groups_named = {group for group in groups if isinstance(group, str)}
    roles = frozenset(issuer.roles[group] for group in groups_named if group in issuer.roles)
    subject = str(claims["sub"])
    expires = claims["exp"]
    return Claims(
        issuer=issuer.name,
        subject=subject,
        name=str(claims.get("name") or claims.get("email") or subject),
        roles=roles,
        is_application=claims.get("client_id") == subject,
        expires=_seconds(expires),
        issued=_seconds(claims.get("iat")),
        session=_text(claims.get("sid")),
        aliases=frozenset(
            alias.casefold() for name in _ALIASES if (alias := _text(claims.get(name)))
        ),
    )


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def principal_of(claims: Claims, pepper: bytes) -> Principal:
    """Returns the principal of a token: default rights, and a pseudonymous id."""
    subject = subject_key(pepper, claims.issuer, claims.subject)
    return Principal(
        id=subject,
        name=claims.name,
        kind="app" if claims.is_application else "person",
        team=None,
        roles=claims.roles,
        models=frozenset(),
        purposes=(),
        clearance=Level.CONFIDENTIAL,
        floor=Level.INTERNAL,
        strict=False,
        limits=Limits(),
        expires=claims.expires,
        sign_on=sign_on_of(
            pepper,
            issuer=claims.issuer,
            subject=subject,
            session=claims.session,
            names=claims.aliases,
            issued=claims.issued,
        ),
    )
