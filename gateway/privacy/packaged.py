"""The classifier that ships with the product: where it lies, and which version it is."""

import json
from pathlib import Path

NAME = "sluis-names"
MODEL = Path(__file__).with_name("model")


def version_of(folder: Path = MODEL) -> str:
    """Changes with the model's weights: the beginning of their SHA-256."""
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return f"names-{card['files']['names.int8.onnx'][:16]}"
