"""The part ``identity`` of ``sluis.yaml``: issuers of tokens, and the console's sign-on."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.core.snapshot import ApprovalClient, ClaimMapping, Issuer, ScimSetting
from gateway.governance.catalogue.config_values import Name, Node, ProxyUrl, Reference, Text, Url
from gateway.governance.catalogue.rights_faults import Groups, Path, RightsNode
from gateway.identity.claim_rules import any_of
from gateway.identity.profiles import ACCESS_TOKEN_TYPE, DEFAULT, PROFILES
from gateway.identity.trusted_issuer import TrustedIssuer

_LONGEST_S = 30 * 86_400
_MOUNTED = "/var/run/secrets/"
Fault = tuple[tuple[Any, ...], str]


def _condition(value: str) -> str:
    any_of([value])
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _known_profile(value: str) -> str:
    if value not in PROFILES:
        raise ValueError(f"there is no such profile; use {', '.join(PROFILES)}")
    return value


def _mounted_token(value: str) -> str:
    """Only a token that the cluster mounts: another file may be a secret of this installation."""
    if not value.startswith(_MOUNTED) or ".." in value:
        raise ValueError(f"must be a file under {_MOUNTED}, where a cluster mounts tokens")
    return value


Texts = Annotated[list[Text], BeforeValidator(_as_list), Field(min_length=1, max_length=50)]
Paths = Annotated[list[Path], BeforeValidator(_as_list), Field(min_length=1, max_length=50)]
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
Profile = Annotated[str, AfterValidator(_known_profile)]


class ClaimsNode(Node):
    """Claims that differ from the profile; ``kind`` states when it is an application.

    ``author`` are those of a pipeline that name the person whose change it makes.
    """

    subject: Text | None = None
    name: Text | None = None
    client: Text | None = None
    session: Text | None = None
    kind: Annotated[Text, AfterValidator(_condition)] | None = None
    author: Paths | None = None


class ScimNode(Node):
    """The persons of the issuer come by SCIM.

    ``subject`` is the attribute that equals the subject of the issuer's tokens; ``none`` where no
    attribute does. ``client`` is the only key that may provision these persons.
    """

    subject: Literal["externalId", "userName", "none"] = "externalId"
    client: Name | None = None


class ApprovalClientNode(Node):
    """The client with which persons sign on to approve something."""

    client_id: Text
    client_secret: Reference | None = None
    acr_values: list[Text] = Field(default=[], max_length=20)


class IssuerNode(Node):
    """An issuer of tokens for the data plane and the control plane. Times are in seconds."""

    name: Name
    issuer: Url
    audience: Texts
    profile: Profile = DEFAULT
    typ: Texts | None = None
    algorithms: list[Algorithm] | None = Field(default=None, min_length=1)
    max_age: int | None = Field(default=None, ge=60, le=_LONGEST_S)
    keys_max_age: int = Field(default=86_400, ge=300, le=_LONGEST_S)
    jwks_uri: Url | None = None
    ca: Text | None = None
    proxy: ProxyUrl | None = None
    bearer_file: Annotated[Text, AfterValidator(_mounted_token)] | None = None
    claims: ClaimsNode = ClaimsNode()
    require: dict[Text, Texts] = Field(default={})
    roles_claim: Paths | None = None
    roles: dict[str, str] = Field(default={})
    groups_claim: Paths | None = None
    groups: Groups = Field(default=[])
    applications: dict[Text, RightsNode] = Field(default={})
    scim: ScimNode | None = None
    logout_clients: list[Text] = Field(default=[])
    approvals: ApprovalClientNode | None = None

    @model_validator(mode="after")
    def _says_whose_tokens_count(self) -> "IssuerNode":
        if PROFILES[self.profile].restricted and not self.require:
            raise ValueError(
                f"anybody can get a token of a {self.profile} issuer for this audience: say with "
                "require whose count, for example require: {repository_owner: [my-organisation]}"
            )
        return self

    def as_issuer(self, console: "ConsoleNode | None" = None) -> Issuer:
        """The issuer of the snapshot; logout tokens for the console's own client count too."""
        of_console = console is not None and console.issuer == self.name
        clients = [*self.logout_clients, *([console.client_id] if console and of_console else [])]
        claims = self.claims.model_dump(exclude_none=True)
        return Issuer(
            name=self.name,
            issuer=self.issuer,
            audience=_plain(self.audience),
            roles_claim=_plain(self.roles_claim or []),
            roles=self.roles,
            profile=self.profile,
            typ=self.typ or [],
            algorithms=list(self.algorithms or []),
            max_age=self.max_age,
            groups_claim=_plain(self.groups_claim or []),
            claims=ClaimMapping(**claims),
            require=self.require,
            keys_max_age=self.keys_max_age,
            jwks_uri=self.jwks_uri or "",
            ca=self.ca or "",
            proxy=self.proxy or "",
            bearer_file=self.bearer_file or "",
            groups=[one.as_rights() for one in self.groups],
            applications={subject: one.as_rights() for subject, one in self.applications.items()},
            scim=ScimSetting(self.scim.subject, self.scim.client) if self.scim else None,
            logout_clients=list(dict.fromkeys(clients)),
            approvals=self._approvals(),
        )

    def _approvals(self) -> ApprovalClient | None:
        one = self.approvals
        if one is None:
            return None
        return ApprovalClient(one.client_id, str(one.client_secret or ""), one.acr_values)


class ConsoleNode(Node):
    """The console's own client at the identity provider.

    ``resource`` is what it asks an access token for (RFC 8707): by default the issuer's audience;
    an empty text where the provider derives the audience from ``scopes``.
    """

    issuer: Name
    client_id: Text
    client_secret: Reference
    resource: str | None = None
    scopes: list[str] = Field(default=[])


class IdentityNode(Node):
    """Identity providers."""

    issuers: list[IssuerNode] = Field(default=[])
    console: ConsoleNode | None = None


def faults_of(identity: IdentityNode) -> Iterator[Fault]:
    """Faults across the values of this part."""
    for field in ("name", "issuer"):
        given = [getattr(issuer, field) for issuer in identity.issuers]
        if len(set(given)) != len(given):
            yield ("identity", "issuers"), f"two have the same {field}"
    console = identity.console
    if console is None:
        return
    for index, issuer in enumerate(identity.issuers):
        if console.client_id in issuer.audience and _takes_identity_tokens(issuer):
            yield (
                ("identity", "issuers", index, "audience"),
                "this is the client id of the console, which identity tokens name too: let the "
                + "provider issue access tokens for an audience of their own",
            )
    if console.issuer not in {issuer.name for issuer in identity.issuers}:
        yield ("identity", "console", "issuer"), f"there is no issuer {console.issuer!r}"


def _takes_identity_tokens(node: IssuerNode) -> bool:
    """Whether neither the type nor the claims of a token prove that it is an access token."""
    issuer = TrustedIssuer(node.as_issuer())
    return issuer.types != {ACCESS_TOKEN_TYPE} and not issuer.access and not issuer.require


def _plain(values: list[str]) -> str | list[str]:
    """A list of one as a text, which is how most settings are written."""
    if len(values) == 1:
        return values[0]
    return values or ""
