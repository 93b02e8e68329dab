"""Read the eight-bit weights of the shipped file as floats, so that a run can start from it."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from gateway.classifiers.entities.classifier import CASES, LEXICAL, LINES, ROWS, TYPES
from training.entities.lean_graph import BITS, BOTH_HEADS, HEADS, QKV, SCALE, SELF, ZERO

_WEIGHTS = (".weight", ".bias")
_EMBEDDINGS = "bert.embeddings."
_FEATURES = f"{_EMBEDDINGS}token_type_embeddings."
_LABELS = 1 + 2 * len(TYPES)


def load_weights(file: Path) -> dict[str, torch.Tensor]:
    """Return the weights of an exported file, for ``load_state_dict`` of ``model.build``.

    Raises:
        OSError: The file does not exist.
    """
    graph = onnx.load(file).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights: dict[str, torch.Tensor] = {}
    for name, value in stored.items():
        if name.endswith(BITS):
            exact = name.removesuffix(BITS)
            number = _dequantised(stored, exact)
            weights[exact] = number if exact.startswith(_EMBEDDINGS) else number.T
        elif name.endswith(_WEIGHTS):
            weights[name] = torch.from_numpy(value.copy())
    return _split_features(_split_products(weights))


def _dequantised(stored: dict[str, np.ndarray], name: str) -> torch.Tensor:
    bits, scale, zero = (torch.from_numpy(stored[name + end].copy()) for end in (BITS, SCALE, ZERO))
    return (bits.float() - zero.float()) * scale


def _split_products(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Split query, key and value, and both heads, which are one product in the file."""
    split: dict[str, torch.Tensor] = {}
    for name, value in weights.items():
        stem, _, end = name.rpartition(".")
        if stem.endswith(QKV):
            before = stem.removesuffix(QKV.rpartition(".")[2])
            parts = zip(SELF, value.chunk(len(SELF)), strict=True)
            split |= {f"{before}{part}.{end}": rows for part, rows in parts}
        elif stem == HEADS:
            parts = zip(BOTH_HEADS, (value[:_LABELS], value[_LABELS:]), strict=True)
            split |= {f"{part}.{end}": rows for part, rows in parts}
        else:
            split[name] = value
    return split


def _split_features(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Split the one table of ``TokenFeatures`` into the parts that it is the sum of."""
    table = weights.pop(_FEATURES + "weight").reshape(ROWS // LINES, LINES, -1)
    size = table.shape[-1]
    lines = (table - table[:, :1]).mean(dim=0)
    parts = {
        "origin": torch.zeros(size),
        "case": torch.zeros(CASES, size),
        "line": lines,
        "lexical": torch.zeros(LEXICAL, size),
        "both": (table - lines).mean(dim=1),
    }
    return weights | {_FEATURES + name: value for name, value in parts.items()}
