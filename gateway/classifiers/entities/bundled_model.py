"""The classifier that is part of the product: its folder and its version."""

import hashlib
import json
from pathlib import Path

NAME = "sluis-names"
MODEL = Path(__file__).with_name("model")


def version_of(folder: Path = MODEL) -> str:
    """Return a version that changes with its results: a digest of its files, limits and gate."""
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    settings = [*(card[name] for name in ("files", "limits", "told", "doubt")), card.get("gate")]
    content = json.dumps(settings, sort_keys=True)
    return f"names-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
