"""The published figures of detection: the share that is missed, and the measured version."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def detection() -> dict[str, Any]:
    """Return the published figures of detection, as evaluation/run.py wrote them."""
    text = files("gateway.governance.reports").joinpath("detection.json").read_text("utf-8")
    return dict(json.loads(text))
