"""Providers: upstream accounts, with their addresses, sign-ons and contracts."""

import datetime
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from gateway.core.days import end_of_day
from gateway.core.level import Zone
from gateway.core.objects.declare import Bounds, ChangeRule, Choice, Label, Mark, Read
from gateway.core.objects.effects import any_change, no_longer, stated, towards_internal
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import Day, Days, Name, ProxyUrl, Reference, Text, Url

GUARDRAIL_KINDS = frozenset({"guardrail", "moderations"})  # of providers that judge texts
WORKER = "worker"  # of providers: serves versions by their files
_ADDRESS, _CONTRACT = "provider.address", "provider.contract"
_KINDS = Choice((
    "openai",
    "azure",
    "anthropic",
    "bedrock",
    WORKER,
    "vllm",
    "guardrail",
    "moderations",
))
_APIS = Choice(("chat_completions", "responses", "embeddings"))
# As curl writes it: the SHA-256 of the public key.
_Pin = Annotated[str, Bounds(pattern=r"^sha256//[A-Za-z0-9+/]{43}=$")]


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, datetime.date) else value  # YAML reads it as a date


class Contract(SnapshotValue, frozen=True):
    """What is stated about a provider's contract; ``review`` is a day (ISO 8601).

    It covers confidential text until the end of that day (UTC). ``retention`` is in days, or in
    words; ``training`` says whether the provider trains on the data, or under which terms.
    """

    region: Annotated[Text, Label("Region", "Regio")]
    transfer_basis: Annotated[Text, Label("Basis of a transfer", "Grondslag van doorgifte")]
    review: Annotated[Day, Label("Day of the next review", "Dag van de volgende herziening")]
    subprocessors: Annotated[list[Text] | None, Label("Subprocessors", "Subverwerkers")] = None
    retention: Annotated[
        Days | Text | None, Label("Retention, in days or words", "Bewaartermijn, dagen of tekst")
    ] = None
    training: Annotated[
        bool | Text | None, Label("Whether it trains on the data", "Of het op de data traint")
    ] = None
    reference: Annotated[Text | None, Label("Reference", "Kenmerk")] = None


class EntraSignOn(SnapshotValue, frozen=True):
    """How the gateway signs on to Entra ID: by ``secret`` (``env:NAME``) or ``token_file``.

    ``token_file`` is the path of the token of a workload; ``authority`` and ``scope`` differ in
    national clouds.
    """

    tenant: Annotated[
        str, Bounds(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$"), Label("Tenant", "Tenant")
    ]
    client: Annotated[Text, Label("Client id", "Client-id")]
    secret: Annotated[Reference | None, Label("Variable of the secret", "Variabele")] = None
    token_file: Annotated[Text | None, Label("File of the token", "Bestand met het token")] = None
    authority: Annotated[Url, Label("Authority", "Aanmeldadres")] = (
        "https://login.microsoftonline.com"
    )
    scope: Annotated[Text | None, Label("Scope", "Scope")] = None

    def check(self) -> None:
        """Refuse none or two proofs."""
        if bool(self.secret) == bool(self.token_file):
            raise ValueError(
                "state secret (env:NAME) or token_file (the path of the workload's token)"
            )


class AwsSignOn(SnapshotValue, frozen=True):
    """How the gateway signs for AWS: by an access key, by a role, or by both.

    ``access_key``, ``secret_key`` and ``session_token`` are ``env:NAME``. ``token_file`` is the
    path of the token of a workload that may take ``role``; ``sts`` the URL of the token service,
    None for the one of the region.
    """

    region: Annotated[str, Bounds(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$"), Label("Region", "Regio")]
    access_key: Annotated[Reference | None, Label("Access key", "Access key")] = None
    secret_key: Annotated[Reference | None, Label("Secret key", "Secret key")] = None
    session_token: Annotated[Reference | None, Label("Session token", "Sessietoken")] = None
    role: Annotated[
        Annotated[str, Bounds(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+$")] | None,
        Label("Role", "Rol"),
    ] = None
    token_file: Annotated[Text | None, Label("File of the token", "Bestand met het token")] = None
    sts: Annotated[Url | None, Label("Token service", "Tokendienst")] = None

    def check(self) -> None:
        """Refuse what does not go together."""
        if bool(self.access_key) != bool(self.secret_key):
            raise ValueError("access_key and secret_key belong together")
        if bool(self.access_key) == bool(self.token_file):
            raise ValueError(
                "state access_key and secret_key, or role and token_file (the path of the "
                "workload's token)"
            )
        if self.token_file and not self.role:
            raise ValueError("a token_file needs the role that it may take")


@lru_cache(maxsize=1024)
def _is_openai(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith(".openai.com")


class Provider(SnapshotValue, frozen=True):
    """An upstream account. ``api_key`` is ``env:NAME`` or None; ``ca`` a PEM file's path.

    A provider that ``needs_contract`` gets confidential text while a contract covers it. One that
    does not is from before contracts were registered. ``apis`` are the dialects that it has, None
    for all of its kind; the others are translated. ``api_version`` is of an Azure resource without
    the v1 API. ``entra`` and ``aws`` sign on where there is no ``api_key``. ``private_address``
    says whether a provider outside may resolve to a private address, None for one from before that
    was asked; ``plain_http`` whether an internal one may be called without TLS. ``proxy`` is a
    proxy for CONNECT, ``proxy_auth`` the ``env:NAME`` of its ``user:password``; ``pins`` are public
    keys of which the provider must show one.
    """

    name: Annotated[Name, Label("Name", "Naam")]
    kind: Annotated[str, _KINDS, Label("Kind", "Soort")]
    base_url: Annotated[Url, Mark.OPTIONAL, Label("Address", "Adres")]
    zone: Annotated[Zone, Label("Zone", "Zone"), ChangeRule("provider.zone", towards_internal)]
    api_key: Annotated[
        Reference | None, Label("Variable of its credential", "Variabele met de toegangssleutel")
    ] = None
    ca: Annotated[Text | None, Label("File with its CA", "Bestand met de CA")] = None
    needs_contract: Annotated[bool, Mark.DERIVED, ChangeRule(_CONTRACT, no_longer, False)] = False
    contract: Annotated[
        Contract | None, Label("Contract", "Contract"), ChangeRule(_CONTRACT, any_change)
    ] = None
    apis: Annotated[
        list[Annotated[str, _APIS]] | None, Label("APIs that it has", "API's die het heeft")
    ] = None
    api_version: Annotated[
        Annotated[str, Read(_as_text), Bounds(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$")]
        | None,
        Label("Version of Azure's API", "Versie van Azure's API"),
    ] = None
    entra: Annotated[EntraSignOn | None, Label("Sign-on at Entra ID", "Aanmelding bij Entra")] = (
        None
    )
    aws: Annotated[AwsSignOn | None, Label("Signatures for AWS", "Handtekening voor AWS")] = None
    private_address: Annotated[
        bool | None,
        Label("May have a private address", "Mag een privaat adres hebben"),
        ChangeRule(_ADDRESS, stated),
    ] = None
    plain_http: Annotated[
        bool,
        Label("May be called without TLS", "Mag zonder TLS"),
        ChangeRule(_ADDRESS, stated, False),
    ] = False
    proxy: Annotated[ProxyUrl | None, Label("Proxy", "Proxy")] = None
    proxy_auth: Annotated[
        Reference | None, Label("Variable of the proxy's credential", "Variabele voor de proxy")
    ] = None
    pins: Annotated[
        list[_Pin], Label("Public keys that it must show", "Publieke sleutels die het toont")
    ] = []

    @property
    def is_openai(self) -> bool:
        """Whether OpenAI's own service answers: others, on Azure too, refuse some of its fields."""
        return _is_openai(self.base_url)

    @property
    def is_guardrail(self) -> bool:
        """Whether it judges texts for content rules, and answers no request."""
        return self.kind in GUARDRAIL_KINDS

    def covered(self, now: float) -> bool:
        """Returns whether confidential text may go there, as far as its contract goes."""
        if self.zone is Zone.INTERNAL or not self.needs_contract:
            return True
        return self.contract is not None and now < end_of_day(self.contract.review)


class StatedProvider(Provider, frozen=True):
    """A provider as a file states it: with statements for registers from before contracts.

    They make it a recipient of personal data (GDPR article 30, paragraph 1, d and e), and never
    reach the data plane.
    """

    region: Annotated[Text | None, Label("Region", "Regio")] = None
    subprocessors: Annotated[list[Text] | None, Label("Subprocessors", "Subverwerkers")] = None
    retention_days: Annotated[
        Days | None, Label("Retention, in days", "Bewaartermijn, in dagen")
    ] = None
    trains_on_data: Annotated[
        bool | None, Label("Whether it trains on the data", "Of het op de data traint")
    ] = None
    transfer_basis: Annotated[
        Text | None, Label("Basis of a transfer", "Grondslag van doorgifte")
    ] = None
