"""Prices and capabilities from litellm's packaged map, read as a file: litellm is not imported."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from gateway.core.snapshot import Capabilities, Prices

_FILE = "model_prices_and_context_window_backup.json"
_PRICES = {
    "input_per_million": "input_cost_per_token",
    "cached_input_per_million": "cache_read_input_token_cost",
    "cache_write_per_million": "cache_creation_input_token_cost",
    "cache_write_1h_per_million": "cache_creation_input_token_cost_above_1hr",
    "output_per_million": "output_cost_per_token",
}


@cache
def _table() -> dict[str, Any]:
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / _FILE
    return dict(orjson.loads(path.read_bytes())) if path.exists() else {}


def known_capabilities(model: str, kind: str) -> Capabilities:
    """What a commercial model takes, as far as the map says."""
    found = _entry(model, kind) or {}
    context = found.get("max_input_tokens")
    return Capabilities(
        context=context if type(context) is int and found.get("mode") == "chat" else None,
        images=found.get("supports_vision"),
        tools=found.get("supports_function_calling"),
    )


def _entry(model: str, kind: str) -> dict[str, Any] | None:
    for name in (model, f"{kind}/{model}"):
        if found := _table().get(name):
            return dict(found)
    return None


def default_price(model: str, kind: str) -> Prices | None:
    """The price of a commercial model in US dollars, or None when it is not known."""
    found = _entry(model, kind)
    if not found or "input_cost_per_token" not in found:
        return None
    known = {
        name: found[cost] * 1_000_000
        for name, cost in _PRICES.items()
        if isinstance(found.get(cost), int | float)
    }
    return Prices(currency="USD", **known)
