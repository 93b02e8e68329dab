"""Deployments of ``sluis.yaml`` as the snapshot holds them."""

from collections.abc import Sequence

import msgspec

from gateway.core.level import Zone
from gateway.core.objects.providers import WORKER
from gateway.core.snapshot import (
    GUARDRAIL_KINDS,
    Capabilities,
    Deployment,
    Prices,
    Provider,
)
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.catalogue.prices import default_price, known_capabilities
from gateway.governance.catalogue.statements import Stored, needs_version

_COMMERCIAL = frozenset({"openai", "azure", "anthropic", "bedrock"})  # prices may be known


def deployments_of(
    config: ConfigFile, providers: list[Provider], stored: Stored, warnings: list[str]
) -> list[Deployment]:
    """The deployments of a file; ``warnings`` gets those whose price is not known."""
    named = {provider.name: provider for provider in providers}
    return [
        msgspec.structs.replace(
            _deployment(
                node,
                named[node.provider].kind,
                warnings,
                priced=config.states("deployments", index, "price"),
            ),
            needs_version=needs_version(node, named[node.provider], stored),
        )
        for index, node in enumerate(config.deployments)
    ]


def _deployment(node: Deployment, kind: str, warnings: list[str], *, priced: bool) -> Deployment:
    price = node.price if priced else None
    model = node.model
    if price is None and kind in _COMMERCIAL:
        price = default_price(model, kind)
        if price is None:
            warnings.append(f"deployment {node.name}: no price is known for {model}; it costs 0")
    return msgspec.structs.replace(
        node,
        model=(node.version or "") if kind == WORKER and not model else model,
        price=price or Prices(),
        capabilities=_capabilities(model, node, kind),
        version=None if kind == WORKER else node.version,
    )


def _capabilities(model: str, node: Deployment, kind: str) -> Capabilities:
    """What is stated; for the rest what is known of a commercial model, or of a worker."""
    known = known_capabilities(model, kind) if kind in _COMMERCIAL else Capabilities()
    if kind == WORKER:
        known = Capabilities(images=False)
    stated = msgspec.to_builtins(node.capabilities)  # without what is not stated
    return msgspec.structs.replace(known, **stated)


def without_version(
    deployments: Sequence[Deployment], providers: Sequence[Provider], *, serve: bool
) -> list[str]:
    """Warnings about internal deployments that state no version; ``serve`` is the policy."""
    others = {WORKER, *GUARDRAIL_KINDS}
    inside = {one.name for one in providers if one.zone is Zone.INTERNAL and one.kind not in others}
    return [
        f"deployment {one.name}: it states no version, so "
        + (
            "it serves nothing; register one and state it as `version: name@tag`"
            if one.needs_version and not serve
            else "what it serves is recorded as unproven"
        )
        for one in deployments
        if one.provider in inside and one.version is None
    ]
