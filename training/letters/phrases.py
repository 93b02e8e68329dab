"""Phrases of the generated letters, from phrases/train.yaml and phrases/heldout.yaml."""

from dataclasses import dataclass
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent / "phrases"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by their part in a letter; ``{slot}`` in a phrase takes a word of ``slots``."""

    cores: dict[str, list[str]]  # by category
    urgency: dict[str, list[str]]
    openers: list[str]
    fillers: list[str]
    closers: list[str]
    slots: dict[str, list[str]]


def load(name: str) -> Phrases:
    """Read phrases/NAME.yaml."""
    return Phrases(**yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


TRAIN, HELDOUT = load("train"), load("heldout")
