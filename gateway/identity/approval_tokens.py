"""Identity tokens of sign-ons that approve something (OpenID Connect Core 1.0, section 2)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer
from gateway.core.text.look_alikes import name_forms
from gateway.identity.token_checks import (
    LEEWAY_S,
    check_header,
    check_signature,
    of_issuer,
    taken_apart,
)
from gateway.identity.tokens import aliases_of
from gateway.identity.trusted_issuer import TrustedIssuer
from gateway.identity.verification_keys import VerificationKeys, is_signed

# What the offline verifier checks without a library: by algorithm, the curve of the key.
_PROVABLE = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    "ES256": "P-256",
    "EdDSA": "Ed25519",
}
MAX_AGE_S = 900  # from the sign-on to the approval


class ApprovalToken(msgspec.Struct, frozen=True):
    """Who signed on: the name of the issuer, the subject, and other names, in lower case."""

    issuer: str
    subject: str
    aliases: frozenset[str]


class ApprovalPins(msgspec.Struct, frozen=True):
    """The keys (JWK) and clients with which a provider signs approvals, whatever records say.

    After the change number ``since`` each approval must be signed; None leaves that to records.
    """

    keys: list[dict[str, Any]]
    clients: list[str]
    since: int | None = None

    @classmethod
    def read(cls, path: Path) -> "ApprovalPins":
        """The pins in a JSON file: a JWK set that also has ``clients``.

        Raises:
            ValueError: when the file cannot be read or holds something else.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise ValueError(
                f'{path} must hold JSON such as {{"keys": [{{"kty": …}}], "clients": ["…"]}}'
            ) from error

    def sign(self, raw: str, *, nonce: str, author: str) -> bool:
        """Whether a token signs what has the nonce, by another person than its author."""
        try:
            token = taken_apart(raw)
        except Unauthenticated:
            return False
        claims = token.payload
        given = claims.get("aud")
        audience = given if isinstance(given, list) else [given]
        names = {*aliases_of(claims), str(claims.get("sub"))}
        signed = (str(token.header.get("alg")), token.signed, token.signature)
        return (
            claims.get("nonce") == nonce
            and any(client in audience for client in self.clients)
            and name_forms(author).isdisjoint(*map(name_forms, names))
            and any(
                is_signed(VerificationKeys({"keys": [key]}).named(None), *signed)
                for key in self.keys
            )
        )


def key_of(raw: str, published: Mapping[str, Any]) -> dict[str, Any] | None:
    """The key of a JWK set that a token names; None when there is none."""
    kid = taken_apart(raw).header.get("kid")
    found = [key for key in published.get("keys", ()) if kid is None or key.get("kid") == kid]
    return dict(found[0]) if len(found) == 1 else None


def verify_approval_token(
    raw: str, key: Mapping[str, Any], issuer: Issuer, *, nonce: str, at: float
) -> ApprovalToken:
    """Who signed on with this nonce, shortly before ``at`` (epoch seconds).

    ``key`` is the JWK that must have signed it.

    Raises:
        Unauthenticated: when another token was given, or the issuer signs no approvals.
        ValueError: when the settings of the issuer cannot be read.
    """
    client = issuer.approvals
    if client is None:
        raise Unauthenticated(f"{issuer.name} signs no approvals.")
    trusted = TrustedIssuer(msgspec.structs.replace(issuer, keys={"keys": [dict(key)]}))
    token = of_issuer(taken_apart(raw), dict.fromkeys(trusted.addresses, trusted), now=at)
    check_header(token)
    algorithm = str(token.header.get("alg"))
    if algorithm not in _PROVABLE or key.get("crv") != _PROVABLE[algorithm]:
        raise Unauthenticated(
            f"{trusted.name} signs identity tokens with {algorithm}: have it use RS256, ES256 with "
            "P-256 or EdDSA with Ed25519 for the client of approvals."
        )
    check_signature(token)
    claims = token.payload
    if claims.get("nonce") != nonce:
        raise Unauthenticated("The sign-on was for something else: it has another nonce.")
    given = claims.get("aud")
    audience = given if isinstance(given, list) else [given]
    if client.client_id not in audience or claims.get("azp", client.client_id) != client.client_id:
        raise Unauthenticated("The sign-on was for another application (aud, azp).")
    _check_times(claims, at)
    if client.acr_values and claims.get("acr") not in client.acr_values:
        raise Unauthenticated(
            f"The sign-on was not strong enough: {issuer.name} must say acr "
            f"{' or '.join(client.acr_values)}."
        )
    subject = claims.get(trusted.subject)
    if not isinstance(subject, str) or not subject:
        raise Unauthenticated(f"The identity token does not say who signed on ({trusted.subject}).")
    return ApprovalToken(trusted.name, subject, aliases_of(claims))


def _check_times(claims: Mapping[str, Any], at: float) -> None:
    """Both its time and that of the sign-on: a session from before approves nothing."""
    for claim in ("iat", "auth_time"):
        value = claims.get(claim)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unauthenticated(f"The identity token does not say when that was ({claim}).")
        if not at - MAX_AGE_S - LEEWAY_S <= value <= at + LEEWAY_S:
            raise Unauthenticated(f"The sign-on is not a fresh one ({claim}). Sign on again.")
