"""Access tokens of the organisation's identity providers (RFC 9068, OpenID Connect)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import Refusal
from gateway.core.objects.claim_rules import text_of
from gateway.core.snapshot import Issuer
from gateway.identity.token_checks import (
    CHECKS,
    LEEWAY_S,
    Token,
    TokenParts,
    of_issuer,
    taken_apart,
)
from gateway.identity.trusted_issuer import TrustedIssuer

TOKEN_PREFIX = "u_"
PERSON, APPLICATION = "person", "application"
_ALIASES = ("email", "preferred_username", "upn", "unique_name")
_TOKEN_IDS = ("jti", "uti")
_SEEN_HEADER, _SEEN_CLAIMS = ("alg", "typ", "kid"), ("iss", "aud", "iat", "nbf", "exp")
_LONGEST_SEEN = 200  # characters


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says.

    Attributes:
        issuer: name of the issuer.
        subject: the provider's id of the principal.
        name: a name to show.
        kind: ``person`` or ``application``.
        groups: all groups in the token.
        roles: roles of the console, by the issuer's map.
        client: the client that the token was issued to.
        session: the provider's session.
        issued: epoch seconds; 0 when the token does not say.
        expires: epoch seconds from which it is refused, the leeway included.
        aliases: other names of a person, such as e-mail addresses, in lower case.
        token_id: the provider's id of the token.
        attributes: values of the claims that the issuer's mappings ask for, by path.
        authors: the names of the person whose change a pipeline makes, in lower case; None where
            the issuer does not say which claims name it.
        unproven: the aliases that the issuer says it did not verify.
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
    authors: frozenset[str] | None = None
    unproven: frozenset[str] = frozenset()

    @property
    def proven(self) -> frozenset[str]:
        """The names, in lower case, by which a person may be known: none of an application."""
        if self.kind != PERSON:
            return frozenset()
        return self.aliases - self.unproven | {self.subject.lower()}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a token; ``problem`` is None when it passed."""

    name: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All checks of a token; ``claims`` are None unless every one passed.

    ``seen`` is what the token says of itself, for who holds it; ``refusal`` is that of ``verify``.
    """

    checks: tuple[CheckResult, ...]
    claims: Claims | None
    seen: Mapping[str, str]
    refusal: Refusal | None


class TokenVerifier:
    """Verifies tokens of the issuers in one snapshot; their keys come with the snapshot."""

    def __init__(self, issuers: list[Issuer]) -> None:
        trusted = [TrustedIssuer(issuer) for issuer in issuers]
        self._issuers = {address: one for one in trusted for address in one.addresses[1:]}
        self._issuers |= {one.addresses[0]: one for one in trusted}  # own addresses come first

    def verify(self, raw: str, *, now: float) -> Claims:
        """Returns the claims of a valid access token; ``now`` is epoch seconds.

        Raises:
            Unauthenticated: for any other token; the message never holds it.
            Unavailable: when no keys of its issuer are known.
        """
        token = of_issuer(taken_apart(raw), self._issuers, now=now)
        for _, check in CHECKS:
            check(token)
        return _claims(token)

    def explain(self, raw: str, *, now: float) -> Explanation:
        """Returns the outcome of every check, also of those after one that failed."""
        done, seen = [], {}
        try:
            parts = taken_apart(raw)
            done.append(CheckResult("format", None))
            seen = _seen(parts)
            token = of_issuer(parts, self._issuers, now=now)
            done.append(CheckResult("issuer", None))
        except Refusal as refusal:
            name = "issuer" if done else "format"
            return Explanation((*done, CheckResult(name, refusal.message)), None, seen, refusal)
        first: Refusal | None = None
        for name, check in CHECKS:
            try:
                check(token)
                done.append(CheckResult(name, None))
            except Refusal as refusal:
                first = first or refusal
                done.append(CheckResult(name, refusal.message))
        return Explanation(tuple(done), None if first else _claims(token), seen, first)


def looks_like_token(credential: str) -> bool:
    """Whether a credential is meant as a token; keys never look like this."""
    return credential.startswith("eyJ") and "." in credential


def _seen(parts: TokenParts) -> dict[str, str]:
    found = {
        **{name: parts.header.get(name) for name in _SEEN_HEADER},
        **{name: parts.payload.get(name) for name in _SEEN_CLAIMS},
    }
    return {name: str(value)[:_LONGEST_SEEN] for name, value in found.items() if value is not None}


def _claims(token: Token) -> Claims:
    issuer, payload = token.issuer, token.payload
    subject = str(payload[issuer.subject])
    return Claims(
        issuer=issuer.name,
        subject=subject,
        name=text_of(payload, issuer.names) or subject,
        kind=APPLICATION if issuer.is_application(payload) else PERSON,
        groups=issuer.groups_of(payload),
        roles=issuer.roles_of(payload),
        client=text_of(payload, issuer.client),
        session=text_of(payload, issuer.session),
        issued=float(payload.get("iat") or 0.0),
        expires=float(payload["exp"]) + LEEWAY_S,
        aliases=aliases_of(payload),
        token_id=text_of(payload, _TOKEN_IDS),
        attributes=issuer.attributes_of(payload),
        authors=issuer.authors_of(payload),
        unproven=_unproven(payload),
    )


def aliases_of(payload: Mapping[str, Any]) -> frozenset[str]:
    """Other names of a person, such as e-mail addresses, in lower case."""
    found = (payload.get(claim) for claim in _ALIASES)
    return frozenset(value.lower() for value in found if isinstance(value, str) and value)


def _unproven(payload: Mapping[str, Any]) -> frozenset[str]:
    """The e-mail address that the issuer did not verify (OpenID Connect Core 1.0, section 5.1)."""
    address = payload.get("email")
    unverified = payload.get("email_verified") in (False, "false")
    return frozenset((address.lower(),)) if unverified and isinstance(address, str) else frozenset()
