"""What the tokens of each provider look like: one table, and no code for a single provider.

A setting of the issuer in ``sluis.yaml`` takes precedence over its profile. Sources: RFC 9068, and
the public reference of each provider's tokens.
"""

from dataclasses import dataclass

ACCESS_TOKEN_TYPE = "at+jwt"
NO_TYPE = "none"  # the header names no type
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
_HOUR_S = 3600
_HASHES = ("at_hash", "c_hash")  # OpenID Connect Core, sections 3.1.3.6 and 3.3.2.11


@dataclass(frozen=True, slots=True)
class TokenProfile:
    """The shape of one provider's access tokens.

    Attributes:
        typ: types in the header, in lower case and without ``application/``; ``none`` where the
            provider names none.
        max_age: seconds; the longest life, and the greatest age, of a token.
        subject: the claim that names the principal.
        name: claims with a name to show; the first that the token has counts.
        groups: paths to the groups (see ``claim_rules``); all of them count.
        roles: paths to what the issuer's ``roles`` maps to roles of the console.
        client: claims that name the client; the first that the token has counts.
        application: conditions (see ``claim_rules``); the principal is an application when one
            holds, else a person.
        access: an access token meets at least one condition of each of these.
        identity: an access token meets none of these conditions.
        hint: how to get an access token, for who sent another token.
        issuers: forms of the issuer's address that all mean the same tenant, where ``{}`` is its
            id.
        slash: groups are paths that begin with a slash; they count with and without it.
        restricted: anyone can get a token of this issuer for any audience, so its setting
            ``require`` must say whose tokens count.
    """

    typ: tuple[str, ...] = (ACCESS_TOKEN_TYPE,)
    max_age: int = 24 * _HOUR_S
    subject: str = "sub"
    name: tuple[str, ...] = ("name", "email")
    groups: tuple[str, ...] = ("groups",)
    roles: tuple[str, ...] = ("roles",)
    client: tuple[str, ...] = ("client_id", "azp")
    application: tuple[str, ...] = ("client_id==sub",)
    access: tuple[tuple[str, ...], ...] = ()
    identity: tuple[str, ...] = ("nonce", *_HASHES)
    hint: str = "ask the provider for an access token with this audience"
    issuers: tuple[str, ...] = ()
    slash: bool = False
    restricted: bool = False


DEFAULT = "rfc9068"
PROFILES: dict[str, TokenProfile] = {
    DEFAULT: TokenProfile(),
    "entra": TokenProfile(
        typ=("jwt", ACCESS_TOKEN_TYPE),
        max_age=29 * _HOUR_S,  # with continuous access evaluation they live up to 28 hours
        subject="oid",  # one id in the whole tenant; `sub` differs by application
        name=("name", "preferred_username", "unique_name", "app_displayname"),
        client=("azp", "appid"),
        application=("idtyp=app", "!scp"),
        access=(("azp", "appid"),),
        hint=(
            "ask for the scope api://<application id>/<scope>, or for an application "
            "api://<application id>/.default"
        ),
        issuers=(
            "https://login.microsoftonline.com/{}/v2.0",
            "https://sts.windows.net/{}/",
        ),
    ),
    "keycloak": TokenProfile(
        typ=("jwt", ACCESS_TOKEN_TYPE),
        name=("name", "preferred_username", "email"),
        roles=("realm_access.roles",),
        client=("azp", "client_id"),
        application=("preferred_username=service-account-*", "clientAddress"),
        access=(("typ=Bearer",),),
        identity=_HASHES,  # older versions put the nonce into access tokens too
        hint="send access_token of the token endpoint, not id_token or refresh_token",
        slash=True,
    ),
    "okta": TokenProfile(
        typ=(NO_TYPE, "jwt", ACCESS_TOKEN_TYPE, "okta-internal-at+jwt"),
        name=("name", "preferred_username", "sub"),
        roles=("groups",),
        client=("cid",),
        application=("cid==sub",),
        access=(("cid",),),
        hint="use a custom authorization server, and send its access_token",
    ),
    "google": TokenProfile(
        typ=("jwt",),
        name=("email",),
        client=("azp",),
        application=("sub",),
        access=(("azp",),),
        hint=(
            "access tokens of Google are opaque: only service accounts are accepted, with an "
            "identity token for this audience (`gcloud auth print-identity-token --audiences=…`)"
        ),
        restricted=True,
    ),
    "kubernetes": TokenProfile(
        typ=(NO_TYPE, "jwt"),
        name=("sub",),
        client=("sub",),
        application=("sub",),
        access=(("kubernetes.io",), ("sub=system:serviceaccount:*",)),
        hint="mount a projected service account token with this audience",
    ),
    "github": TokenProfile(
        typ=("jwt",),
        max_age=_HOUR_S,
        name=("repository", "sub"),
        client=("repository",),
        application=("sub",),
        access=(("repository",), ("job_workflow_ref", "workflow_ref", "workflow")),
        hint="request the token in a workflow with this audience (permission id-token: write)",
        restricted=True,
    ),
}
