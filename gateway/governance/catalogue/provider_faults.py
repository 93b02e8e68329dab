"""What of the providers and deployments of ``sluis.yaml`` contradicts itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.core.level import Zone
from gateway.core.objects.providers import WORKER
from gateway.core.snapshot import GUARDRAIL_KINDS, Capabilities, Deployment, Prices, Provider

Fault = tuple[tuple[Any, ...], str]
_HAS_ADDRESS = frozenset({"anthropic", "openai"})
_SIGN_ON = {"entra": "azure", "aws": "bedrock"}
_SOME_APIS = frozenset({"openai", "azure"})
_CHAT = "chat_completions"


def provider_faults(providers: Iterable[Provider]) -> Iterator[Fault]:
    """What each provider lacks, and what does not go together."""
    for index, provider in enumerate(providers):
        for field, what in _faults(provider):
            yield ("providers", index, *filter(None, [field])), what


def deployment_faults(
    deployments: Iterable[Deployment], providers: Mapping[str, Provider]
) -> Iterator[Fault]:
    """Deployments that name no model, or two."""
    for index, one in enumerate(deployments):
        where = ("deployments", index)
        provider = providers.get(one.provider)
        if provider is not None and provider.kind in GUARDRAIL_KINDS:
            yield from _guardrail_faults(where, one)
        elif not one.model and one.version is None:
            yield where, "state model, or version for a registered model inside"
        elif provider is None:
            continue
        elif not one.model and provider.zone is not Zone.INTERNAL:
            yield where, "state model: the name by which the provider knows it"
        elif provider.kind == WORKER and one.model and one.version not in (None, one.model):
            yield (*where, "version"), "on a worker the model is the version: state one of them"


def _guardrail_faults(where: tuple[Any, ...], one: Deployment) -> Iterator[Fault]:
    """What a deployment that judges texts lacks, or cannot have."""
    if not one.model:
        yield where, "state model: the name that the guardrail gets"
    for field, none in (("version", None), ("price", Prices()), ("capabilities", Capabilities())):
        if getattr(one, field) != none:
            yield (*where, field), "is for deployments that answer requests, not for a guardrail"


def _faults(provider: Provider) -> Iterator[tuple[str, str]]:
    if not provider.base_url and provider.kind not in _HAS_ADDRESS:
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


def _proxy_faults(provider: Provider) -> Iterator[tuple[str, str]]:
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
