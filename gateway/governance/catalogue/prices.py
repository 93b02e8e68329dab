"""Default prices from litellm's packaged map, read as a file: litellm itself is not imported."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from gateway.core.snapshot import Prices

_FILE = "model_prices_and_context_window_backup.json"


@cache
def _table() -> dict[str, Any]:
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / _FILE
    return dict(orjson.loads(path.read_bytes())) if path.exists() else {}


def default_price(model: str, kind: str) -> Prices | None:
    """The price of a commercial model in US dollars, or None when it is not known."""
    for name in (model, f"{kind}/{model}"):
        found = _table().get(name)
        if found and "input_cost_per_token" in found:
            return Prices(
                input_per_million=found["input_cost_per_token"] * 1_000_000,
                output_per_million=found.get("output_cost_per_token", 0.0) * 1_000_000,
                currency="USD",
            )
    return None
