"""Providers and deployments in ``sluis.yaml``, and what of them contradicts itself."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.core.level import Zone
from gateway.core.snapshot import GUARDRAIL_KINDS
from gateway.governance.catalogue.config_values import (
    Currency,
    LevelName,
    Money,
    Name,
    Node,
    ProxyUrl,
    Reference,
    Text,
    Url,
)
from gateway.governance.catalogue.processing_register import ProviderRecord
from gateway.governance.catalogue.use_case_fields import ContractNode

Fault = tuple[tuple[Any, ...], str]
_HAS_ADDRESS = frozenset({"anthropic", "openai"})
_SIGN_ON = {"entra": "azure", "aws": "bedrock"}
_SOME_APIS = frozenset({"openai", "azure"})
_CHAT = "chat_completions"
WORKER = "worker"  # of providers: serves versions by their files
_ApiVersion = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, datetime.date) else value),
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$"),
]
# As curl writes them: the SHA-256 of the public key.
VERSION_REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}@[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_Pin = Annotated[str, Field(pattern=r"^sha256//[A-Za-z0-9+/]{43}=$")]
_Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
_Role = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+$")]


class EntraNode(Node):
    """The sign-on of the gateway at Entra ID, by a secret or by the token of its workload."""

    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")]
    client: Text
    secret: Reference | None = None
    token_file: Text | None = None
    authority: Url | None = None
    scope: Text | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if bool(self.secret) == bool(self.token_file):
            raise ValueError(
                "state secret (env:NAME) or token_file (the path of the workload's token)"
            )
        return self


class AwsNode(Node):
    """The signatures of the gateway for AWS, by an access key, a role, or both."""

    region: _Region
    access_key: Reference | None = None
    secret_key: Reference | None = None
    session_token: Reference | None = None
    role: _Role | None = None
    token_file: Text | None = None
    sts: Url | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if bool(self.access_key) != bool(self.secret_key):
            raise ValueError("access_key and secret_key belong together")
        if bool(self.access_key) == bool(self.token_file):
            raise ValueError(
                "state access_key and secret_key, or role and token_file (the path of the "
                "workload's token)"
            )
        if self.token_file and not self.role:
            raise ValueError("a token_file needs the role that it may take")
        return self


class ProviderNode(ProviderRecord):
    """An upstream account."""

    name: Name
    kind: Literal[
        "openai", "azure", "anthropic", "bedrock", "worker", "vllm", "guardrail", "moderations"
    ]
    zone: Zone
    base_url: Url | None = None
    api_key: Reference | None = None
    ca: Text | None = None
    contract: ContractNode | None = None
    apis: list[Literal["chat_completions", "responses", "embeddings"]] | None = None
    api_version: _ApiVersion | None = None
    entra: EntraNode | None = None
    aws: AwsNode | None = None
    private_address: bool | None = None
    plain_http: bool = False
    proxy: ProxyUrl | None = None
    proxy_auth: Reference | None = None
    pins: list[_Pin] = Field(default=[])


class PriceNode(Node):
    """Cost per million tokens; parts of the input without a price cost as the rest."""

    input_per_million: Money = 0.0
    cached_input_per_million: Money | None = None
    cache_write_per_million: Money | None = None
    cache_write_1h_per_million: Money | None = None
    output_per_million: Money = 0.0
    currency: Currency = "EUR"


class ClearanceNode(Node):
    """The levels that a deployment may receive unredacted and redacted."""

    clear: LevelName
    redacted: LevelName


class CapabilitiesNode(Node):
    """What a model takes; ``context`` in tokens."""

    context: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    images: bool | None = None
    tools: bool | None = None


class TimeoutsNode(Node):
    """The longest waits for a deployment, in seconds."""

    connect: Annotated[float, Field(gt=0, le=60)] | None = None
    first_token: Annotated[float, Field(gt=0, le=300)] | None = None
    idle: Annotated[float, Field(gt=0, le=300)] | None = None
    total: Annotated[float, Field(gt=0, le=86_400)] | None = None


class DeploymentNode(Node):
    """One model on one provider; ``version`` is the registered one, ``model`` the name on the wire.

    Inside, ``model`` may be left out: the version then says under which name it is served.
    """

    name: Name
    provider: Name
    model: Text | None = None
    version: Annotated[str, Field(pattern=VERSION_REFERENCE)] | None = None
    price: PriceNode | None = None
    clearance: ClearanceNode | None = None
    capabilities: CapabilitiesNode | None = None
    timeouts: TimeoutsNode | None = None


def provider_faults(providers: Iterable[ProviderNode]) -> Iterator[Fault]:
    """What each provider lacks, and what does not go together."""
    for index, provider in enumerate(providers):
        for field, what in _faults(provider):
            yield ("providers", index, *filter(None, [field])), what


def deployment_faults(
    deployments: Iterable[DeploymentNode], providers: Mapping[str, ProviderNode]
) -> Iterator[Fault]:
    """Deployments that name no model, or two."""
    for index, one in enumerate(deployments):
        where = ("deployments", index)
        provider = providers.get(one.provider)
        if provider is not None and provider.kind in GUARDRAIL_KINDS:
            yield from _guardrail_faults(where, one)
        elif one.model is None and one.version is None:
            yield where, "state model, or version for a registered model inside"
        elif provider is None:
            continue
        elif one.model is None and provider.zone is not Zone.INTERNAL:
            yield where, "state model: the name by which the provider knows it"
        elif provider.kind == WORKER and one.model and one.version not in (None, one.model):
            yield (*where, "version"), "on a worker the model is the version: state one of them"


def _guardrail_faults(where: tuple[Any, ...], one: DeploymentNode) -> Iterator[Fault]:
    """What a deployment that judges texts lacks, or cannot have."""
    if one.model is None:
        yield where, "state model: the name that the guardrail gets"
    for field in ("version", "price", "capabilities"):
        if getattr(one, field) is not None:
            yield (*where, field), "is for deployments that answer requests, not for a guardrail"


def _faults(provider: ProviderNode) -> Iterator[tuple[str, str]]:
    if provider.base_url is None and provider.kind not in _HAS_ADDRESS:
        yield "", f"a {provider.kind} provider needs base_url"
    for field, kind in _SIGN_ON.items():
        if getattr(provider, field) is None:
            continue
        if provider.kind != kind:
            yield field, f"is for providers of kind {kind}"
        if provider.api_key:
            yield field, "state this or api_key, not both"
    if provider.private_address is not None and provider.zone is Zone.INTERNAL:
        yield "private_address", "is for providers outside; internal_networks has those inside"
    if provider.plain_http and provider.zone is not Zone.INTERNAL:
        yield "plain_http", "is for internal engines: nothing leaves without TLS"
    yield from _proxy_faults(provider)
    if provider.api_version and provider.kind != "azure":
        yield "api_version", "is for providers of kind azure"
    if provider.apis is not None:
        if provider.kind not in _SOME_APIS:
            yield "apis", "is for providers of kind openai or azure"
        if _CHAT not in provider.apis:
            yield "apis", f"must contain {_CHAT}: what the provider lacks is translated to it"


def _proxy_faults(provider: ProviderNode) -> Iterator[tuple[str, str]]:
    if provider.proxy_auth and not provider.proxy:
        yield "proxy_auth", "is the credential of a proxy, and there is none"
    if not provider.proxy:
        return
    if provider.zone is Zone.INTERNAL:
        yield "proxy", "is for providers outside: behind one nothing shows that a host is internal"
    if not (provider.ca or provider.pins):
        yield "proxy", "state ca or pins too: only the certificate shows who answers behind it"
    if provider.base_url and not provider.base_url.startswith("https://"):
        yield "proxy", "is for https only"
