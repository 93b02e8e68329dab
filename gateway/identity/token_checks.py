"""The checks of a token, in order; each raises a refusal that says what is wrong.

No message holds the token, or what it says about a person. Only what is configured here, times and
names of standards are quoted.
"""

import base64
import binascii
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.errors import Unauthenticated, Unavailable
from gateway.core.objects.token_profiles import ALGORITHMS, NO_TYPE
from gateway.identity.trusted_issuer import TrustedIssuer, is_access_type, type_of
from gateway.identity.verification_keys import is_signed

LEEWAY_S = 30  # that the clocks of a provider and of this installation may differ
MAX_TOKEN = 16_384  # characters
KEYS_RETRY_S = 5  # a new key of a provider is in force well before
_OWN_KEYS = ("jwk", "jku", "x5u", "x5c")
_BOUND = 4_000_000_000_000  # seconds: a time that a float and a calendar can hold
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


class UnknownSigningKey(Unauthenticated):
    """The token names a key that its issuer is not known to have; ``issuer`` is its address."""

    def __init__(self, issuer: TrustedIssuer) -> None:
        super().__init__(
            "The token is signed with a key that is not among the published keys of "
            f"{issuer.name}. If that key is new, it is fetched within seconds: try again; "
            "otherwise sign in again.",
            retry_after=KEYS_RETRY_S,
        )
        self.issuer = issuer.addresses[0]


@dataclass(slots=True)
class TokenParts:
    """A signed JWT, taken apart."""

    signed: bytes
    signature: bytes
    header: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Token(TokenParts):
    """A token that is being checked; nothing in it may be believed before ``check_signature``."""

    issuer: TrustedIssuer
    now: float


def taken_apart(raw: str) -> TokenParts:
    """Take a token apart.

    Raises:
        Unauthenticated: when it is not a signed JWT.
    """
    if len(raw) > MAX_TOKEN:
        raise Unauthenticated(f"The token has more than {MAX_TOKEN} characters: it is too long.")
    parts = raw.split(".")
    if len(parts) == 5:
        raise Unauthenticated("The token is encrypted; send a signed one (JWS, RFC 7515).")
    if len(parts) != 3:
        raise Unauthenticated(
            "The token is incomplete: a signed JWT has three parts with two dots between them. "
            "Check that it was copied whole."
        )
    try:
        header, payload, signature = (_decoded(part) for part in parts)
        head, claims = orjson.loads(header), orjson.loads(payload)
    except (ValueError, binascii.Error) as error:
        raise Unauthenticated(
            "The token is not a JWT: a part of it cannot be read. Check that it was copied whole."
        ) from error
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise Unauthenticated("The token is not a JWT: its header or payload is no JSON object.")
    return TokenParts(raw[: raw.rindex(".")].encode(), signature, head, claims)


def of_issuer(parts: TokenParts, issuers: Mapping[str, TrustedIssuer], *, now: float) -> Token:
    """Find the issuer by whose settings a token is checked.

    Raises:
        Unauthenticated: when it is not trusted.
    """
    address = parts.payload.get("iss")
    issuer = issuers.get(address) if isinstance(address, str) else None
    if issuer is None:
        raise Unauthenticated(_unknown_issuer(issuers))
    return Token(parts.signed, parts.signature, parts.header, parts.payload, issuer, now)


def check_header(token: Token) -> None:
    """The header asks for nothing unusual, and names an accepted algorithm and type.

    Raises:
        Unauthenticated: otherwise.
    """
    issuer, header = token.issuer, token.header
    if "crit" in header:
        raise Unauthenticated("The token's header has crit: no extension of JWS is supported.")
    if not header.keys().isdisjoint(_OWN_KEYS):
        raise Unauthenticated(
            "The token's header brings its own key (jwk, jku, x5u or x5c). Only the published "
            f"keys of {issuer.name} are used."
        )
    algorithm = header.get("alg")
    if algorithm not in issuer.algorithms:
        raise Unauthenticated(_wrong_algorithm(issuer, algorithm))


def check_type(token: Token) -> None:
    """The type in the header is one of those accepted.

    Raises:
        Unauthenticated: otherwise.
    """
    kind, types = type_of(token.header.get("typ", NO_TYPE)), token.issuer.types
    if kind not in types:
        raise Unauthenticated(
            f"The type in the token's header (typ) is not accepted: {token.issuer.name} takes "
            f"{' or '.join(sorted(types))}. Send an access token, not an identity token; if this "
            "is one, the issuer needs the profile of its provider."
        )


def check_signature(token: Token) -> None:
    """A published key of the issuer made the signature.

    Raises:
        UnknownSigningKey: when the key is not known.
        Unauthenticated: when the signature is not good.
        Unavailable: while no keys of this issuer were ever fetched.
    """
    issuer, kid = token.issuer, token.header.get("kid")
    if not issuer.has_keys:
        raise Unavailable(
            f"No signing keys of {issuer.name} could be fetched yet, so its tokens cannot be "
            "checked. Try again.",
            retry_after=KEYS_RETRY_S,
        )
    keys = issuer.keys.named(kid) if kid is None or isinstance(kid, str) else ()
    if not keys and kid is None:
        raise Unauthenticated(
            f"The token names no signing key (kid), and {issuer.name} has more than one."
        )
    if not keys:
        raise UnknownSigningKey(issuer)
    algorithm = str(token.header.get("alg"))
    if not any(algorithm in algorithms for _, algorithms in keys):
        raise Unauthenticated(
            f"The token is signed with {algorithm}, for which {issuer.name} does not publish "
            "that key."
        )
    if not is_signed(keys, algorithm, token.signed, token.signature):
        raise Unauthenticated(
            "The signature does not match: the token was changed or cut, or is not of "
            f"{issuer.name}."
        )


def check_audience(token: Token) -> None:
    """The token is meant for this installation.

    Raises:
        Unauthenticated: otherwise.
    """
    audience, expected = token.payload.get("aud"), token.issuer.audiences
    given = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in expected for one in given):
        raise Unauthenticated(
            f"The token is for another audience (aud); {token.issuer.name} expects "
            f"{' or '.join(sorted(expected))}. In short: {token.issuer.profile.hint}."
        )


def check_access_token(token: Token) -> None:
    """It is an access token by its shape, where its type does not say so (RFC 8725, 3.12).

    Raises:
        Unauthenticated: for an identity token, or another kind of token.
    """
    if is_access_type(type_of(token.header.get("typ"))):
        return
    issuer, payload = token.issuer, token.payload
    if issuer.identity(payload):
        raise Unauthenticated(
            "This is an identity token, which only tells the application that signed you in who "
            f"you are. Send an access token: {issuer.profile.hint}."
        )
    if not all(check(payload) for check in issuer.access):
        raise Unauthenticated(
            f"The token lacks what an access token of {issuer.name} has, so it may be an identity "
            f"token or another kind: {issuer.profile.hint}."
        )


def check_times(token: Token) -> None:
    """It is valid now, was not issued too long ago, and does not live too long.

    Raises:
        Unauthenticated: otherwise.
    """
    now, issuer = token.now, token.issuer
    ends = _time(token, "exp")
    if ends is None:
        raise Unauthenticated("The token has no end (exp); only tokens that expire are accepted.")
    if ends + LEEWAY_S <= now:
        raise Unauthenticated(
            f"The token expired {_span(now - ends)} ago, at {_moment(ends)}. Get a new one."
        )
    begins, issued = _time(token, "nbf"), _time(token, "iat")
    if begins is not None and begins - LEEWAY_S > now:
        raise Unauthenticated(
            f"The token is not valid before {_moment(begins)}, {_span(begins - now)} from now "
            "(nbf). Check the clocks."
        )
    if issued is not None and issued - LEEWAY_S > now:
        raise Unauthenticated(
            f"The token was issued in the future, at {_moment(issued)} (iat). Check the clocks."
        )
    if issued is None and issuer.requires_age:
        raise Unauthenticated(
            "The token does not say when it was issued (iat), which max_age needs."
        )
    _check_age(issuer, ends, now if issued is None else issued, now)


def _check_age(issuer: TrustedIssuer, ends: float, issued: float, now: float) -> None:
    if now - issued > issuer.max_age + LEEWAY_S:
        raise Unauthenticated(
            f"The token was issued {_span(now - issued)} ago; those of {issuer.name} count for "
            f"{_span(issuer.max_age)} (max_age). Get a new one."
        )
    if ends - issued > issuer.max_age + LEEWAY_S:
        raise Unauthenticated(
            f"The token lives for {_span(ends - issued)}; {issuer.name} may give tokens that live "
            f"{_span(issuer.max_age)} (max_age)."
        )


def check_claims(token: Token) -> None:
    """It names its subject and its groups, and is one of those that ``require`` lets in.

    Raises:
        Unauthenticated: otherwise.
    """
    issuer, payload = token.issuer, token.payload
    subject = payload.get(issuer.subject)
    if not isinstance(subject, str) or not subject:
        raise Unauthenticated(f"The token names no subject ({issuer.subject}).")
    for claim, values in issuer.require.items():
        found = payload.get(claim)
        given = found if isinstance(found, list) else [found]
        if not any(isinstance(one, str) and one in values for one in given):
            raise Unauthenticated(
                f"Only some tokens of {issuer.name} are accepted, and this is not one of "
                f"them: its claim {claim} has none of the required values (require)."
            )
    if is_overage(issuer, payload):
        raise Unauthenticated(
            "This principal is in so many groups that the token refers to them instead of listing "
            "them (groups overage). In Entra ID let the application emit only the groups that are "
            f"assigned to it, or use app roles and set groups_claim: roles for {issuer.name}."
        )


def is_overage(issuer: TrustedIssuer, payload: Mapping[str, Any]) -> bool:
    """Whether groups that are mapped are left out of the token, with a reference in their place."""
    elsewhere = payload.get("_claim_names")
    missing = set(elsewhere) if isinstance(elsewhere, dict) else set()
    if payload.get("hasgroups"):
        missing.add("groups")
    return not missing.isdisjoint(issuer.mapped_claims())


CHECKS: tuple[tuple[str, Callable[[Token], None]], ...] = (
    ("algorithm", check_header),
    ("type", check_type),
    ("signature", check_signature),
    ("audience", check_audience),
    ("kind of token", check_access_token),
    ("times", check_times),
    ("claims", check_claims),
)


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=="[: -len(part) % 4], altchars=b"-_", validate=True)


def _unknown_issuer(issuers: Mapping[str, TrustedIssuer]) -> str:
    known = ", ".join(sorted(issuers)) or "none: sluis.yaml names no issuer under identity"
    return f"The token is of an issuer (iss) that is not trusted here. Trusted are: {known}."


def _wrong_algorithm(issuer: TrustedIssuer, algorithm: object) -> str:
    named = f"with {algorithm}" if algorithm in ALGORITHMS else "with an algorithm that is never"
    ending = "" if algorithm in ALGORITHMS else " accepted (none, symmetric or unknown)"
    accepted = ", ".join(issuer.algorithms) or "none"
    published = f"; it publishes {', '.join(sorted(issuer.published))}" if issuer.published else ""
    return (
        f"The token is signed {named}{ending}. Accepted from {issuer.name}: {accepted}{published}."
    )


def _time(token: Token, claim: str) -> float | None:
    value = token.payload.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _BOUND:
        raise Unauthenticated(f"The token's {claim} is not a time in seconds.")
    return float(value)


def _moment(seconds: float) -> str:
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError):
        return "a time after the year 9999"
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(seconds: float) -> str:
    for unit, length in (("day", _DAY_S), ("hour", _HOUR_S), ("minute", _MINUTE_S)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}s"
    return f"{int(seconds)} seconds"
