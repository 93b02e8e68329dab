"""Deployments of ``sluis.yaml`` as the snapshot holds them."""

from collections.abc import Sequence

import msgspec

from gateway.core.level import Zone
from gateway.core.snapshot import (
    GUARDRAIL_KINDS,
    Capabilities,
    ClearanceSetting,
    Deployment,
    Prices,
    Provider,
    Timeouts,
)
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.catalogue.prices import default_price, known_capabilities
from gateway.governance.catalogue.provider_nodes import WORKER, DeploymentNode
from gateway.governance.catalogue.statements import Stored, needs_version

_COMMERCIAL = frozenset({"openai", "azure", "anthropic", "bedrock"})  # prices may be known


def deployments_of(
    config: ConfigFile, providers: list[Provider], stored: Stored, warnings: list[str]
) -> list[Deployment]:
    """The deployments of a file; ``warnings`` gets those whose price is not known."""
    named = {provider.name: provider for provider in providers}
    return [
        msgspec.structs.replace(
            _deployment(node, named[node.provider].kind, warnings),
            needs_version=needs_version(node, named[node.provider], stored),
        )
        for node in config.deployments
    ]


def _deployment(node: DeploymentNode, kind: str, warnings: list[str]) -> Deployment:
    price = Prices(**node.price.model_dump()) if node.price else None
    model = node.model or ""
    if price is None and kind in _COMMERCIAL:
        price = default_price(model, kind)
        if price is None:
            warnings.append(f"deployment {node.name}: no price is known for {model}; it costs 0")
    clearance = ClearanceSetting(**node.clearance.model_dump()) if node.clearance else None
    return Deployment(
        name=node.name,
        provider=node.provider,
        model=(node.version or "") if kind == WORKER and not model else model,
        price=price or Prices(),
        clearance=clearance,
        capabilities=_capabilities(model, node, kind),
        timeouts=Timeouts(**node.timeouts.model_dump()) if node.timeouts else Timeouts(),
        version=None if kind == WORKER else node.version,
    )


def _capabilities(model: str, node: DeploymentNode, kind: str) -> Capabilities:
    """What is stated; for the rest what is known of a commercial model, or of a worker."""
    known = known_capabilities(model, kind) if kind in _COMMERCIAL else Capabilities()
    if kind == WORKER:
        known = Capabilities(images=False)
    stated = node.capabilities.model_dump(exclude_none=True) if node.capabilities else {}
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
