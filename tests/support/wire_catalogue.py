"""A catalogue over one scripted provider: an alias for each way a dialect takes to a provider.

``native``: the provider speaks the dialect. ``over_chat``: it has chat completions only. An alias
``WAY`` has a global, a European and an internal deployment; ``WAY-eu`` the European one alone.
"""

from gateway.core.level import Zone
from gateway.core.snapshot import (
    Alias,
    Contract,
    Deployment,
    Key,
    Prices,
    Provider,
    Snapshot,
    Timeouts,
)
from gateway.governance.policies.bundle import read_bundle
from tests.support.wire_provider import WireProvider

PRICE = Prices(input_per_million=1000, output_per_million=2000)
_NO_TIMEOUTS = Timeouts()
_ZONES = {"far": Zone.GLOBAL, "eu": Zone.EU, "house": Zone.INTERNAL}
_KINDS = {"openai": "openai", "anthropic": "anthropic", "over_chat": "vllm"}
_CONTRACT = Contract(region="EU", transfer_basis="none-needed", review="2099-12-31")
# How each dialect reaches providers: the names of its ways.
WAYS = {
    "chat_completions": ["openai"],
    "messages": ["anthropic", "over_chat"],
    "responses": ["openai", "over_chat"],
    "embeddings": ["openai"],
}
PATHS = {
    "chat_completions": "/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
}


def catalogue(server: WireProvider, key: Key, timeouts: Timeouts = _NO_TIMEOUTS) -> Snapshot:
    """The shipped policies over all ways and zones."""
    providers, deployments, aliases = [], [], []
    for way, kind in _KINDS.items():
        for place, zone in _ZONES.items():
            name = f"{way}-{place}"
            providers.append(
                Provider(
                    name,
                    kind,
                    server.base(name),
                    zone,
                    api_key=None if zone is Zone.INTERNAL else "env:KEY",
                    contract=None if zone is Zone.INTERNAL else _CONTRACT,
                )
            )
            deployments.append(Deployment(f"{name}-1", name, "m", PRICE, timeouts=timeouts))
        aliases.append(Alias(way, [f"{way}-{place}-1" for place in _ZONES]))
        aliases.append(Alias(f"{way}-eu", [f"{way}-eu-1"]))
    return Snapshot(
        created=0.0,
        bundle=read_bundle(),
        providers=providers,
        deployments=deployments,
        aliases=aliases,
        keys=[key],
    )
