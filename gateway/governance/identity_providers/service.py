"""What identity providers are trusted with, and what becomes of a token."""

from collections.abc import Awaitable, Callable

from gateway.core.objects.token_profiles import PROFILES, TokenProfile
from gateway.core.principal import Principal
from gateway.core.snapshot import Issuer
from gateway.governance.identity_providers.schemas import (
    IssuerResponse,
    ProfileResponse,
    ProvidersResponse,
    TokenCheckResponse,
    TokenOwnerResponse,
    TokenTrialResponse,
)
from gateway.governance.issuer_keys.service import IssuerKeys
from gateway.identity import Claims, NoRights, TokenRights, TokenVerifier, UnknownSigningKey
from gateway.identity.tokens import Explanation
from gateway.identity.trusted_issuer import TrustedIssuer

_RIGHTS = "It may use the data plane, with the rights below."
_PASSED = {
    "format": "It is a signed JWT.",
    "issuer": "It is of an issuer that is trusted here.",
    "algorithm": "It is signed with an algorithm that is accepted.",
    "type": "Its type (typ) is one of those accepted.",
    "signature": "A published key of the issuer made the signature.",
    "audience": "It is meant for this installation.",
    "kind of token": "It is an access token.",
    "times": "It is valid now, and neither too old nor too long-lived.",
    "claims": "It has a subject, its groups, and what the issuer's settings require.",
}


class IdentityProviders:
    """Explains tokens, and shows the settings in force."""

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        verifier: Callable[[], Awaitable[TokenVerifier]],
        rights: Callable[[], Awaitable[TokenRights]],
        wall: Callable[[], float],
    ) -> None:
        """``verifier`` and ``rights`` are those in force; ``wall`` is epoch seconds."""
        self._keys = keys
        self._verifier = verifier
        self._rights = rights
        self._wall = wall

    async def explain(self, token: str) -> TokenTrialResponse:
        """What is accepted of a token and what not; a new key is fetched as at a sign-in."""
        raw = token.strip().removeprefix("Bearer ").strip()
        found = (await self._verifier()).explain(raw, now=self._wall())
        if isinstance(found.refusal, UnknownSigningKey):
            await self._keys.refresh_one(found.refusal.issuer)
            found = (await self._verifier()).explain(raw, now=self._wall())
        return _trial(found, await self._rights())

    async def list(self) -> ProvidersResponse:
        """The issuers with the settings in force, and the profiles."""
        fetched = await self._keys.fetched()
        return ProvidersResponse(
            issuers=[
                _issuer(issuer, fetched.get(issuer.issuer)) for issuer in await self._keys.issuers()
            ],
            profiles=[_profile(name, profile) for name, profile in PROFILES.items()],
        )


def _trial(found: Explanation, rights: TokenRights) -> TokenTrialResponse:
    checks = [
        TokenCheckResponse(
            check=one.name, passed=not one.problem, says=one.problem or _PASSED[one.name]
        )
        for one in found.checks
    ]
    owner = None
    if found.claims is not None:
        principal, problem = _granted(found.claims, rights)
        checks.append(
            TokenCheckResponse(check="rights", passed=not problem, says=problem or _RIGHTS)
        )
        owner = _owner(found.claims, principal)
    return TokenTrialResponse(
        accepted=found.claims is not None, checks=checks, seen=dict(found.seen), principal=owner
    )


def _granted(claims: Claims, rights: TokenRights) -> tuple[Principal | None, str]:
    """The principal that a token becomes on the data plane, or why it may use nothing there."""
    try:
        return rights.principal_of(claims), ""
    except NoRights as refusal:
        return None, refusal.message


def _owner(claims: Claims, principal: Principal | None) -> TokenOwnerResponse:
    return TokenOwnerResponse(
        id=principal.id if principal else None,
        issuer=claims.issuer,
        kind=claims.kind,
        name=claims.name,
        client=claims.client,
        groups=sorted(claims.groups),
        console_roles=sorted(claims.roles),
        team=principal.team if principal else None,
        models=sorted(principal.models) if principal else [],
        purposes=list(principal.purposes) if principal else [],
        clearance=principal.clearance.label if principal else None,
        expires=claims.expires,
    )


def _issuer(issuer: Issuer, fetched: float | None) -> IssuerResponse:
    trusted = TrustedIssuer(issuer)
    listed = issuer.keys.get("keys", [])
    return IssuerResponse(
        name=issuer.name,
        issuer=issuer.issuer,
        profile=issuer.profile,
        audience=sorted(trusted.audiences),
        typ=sorted(trusted.types),
        algorithms=list(trusted.algorithms),
        max_age=trusted.max_age,
        keys=[str(key.get("kid", "")) for key in listed],
        fetched=fetched,
    )


def _profile(name: str, profile: TokenProfile) -> ProfileResponse:
    return ProfileResponse(
        name=name,
        typ=list(profile.typ),
        max_age=profile.max_age,
        subject=profile.subject,
        groups=list(profile.groups),
        roles=list(profile.roles),
        application=list(profile.application),
        access=[" or ".join(one) for one in profile.access],
        identity=list(profile.identity),
        needs_require=profile.restricted,
    )
