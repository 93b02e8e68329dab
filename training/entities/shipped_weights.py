"""Read the eight-bit weights of the shipped file as floats, so that a run can start from it."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from gateway.classifiers.entities.classifier import CASES, LEXICAL, LINES, ROWS

_PREFIX = "model."
_MATMUL = "/MatMul_quant"
_BITS, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
_FEATURES = "bert.embeddings.token_type_embeddings."


def load_weights(file: Path) -> dict[str, torch.Tensor]:
    """Return the weights of an exported file, for ``load_state_dict`` of ``model.build``.

    Raises:
        OSError: The file does not exist.
    """
    graph = onnx.load(file).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights: dict[str, torch.Tensor] = {}
    for name, value in stored.items():
        if name.startswith(_PREFIX) and not name.endswith((_SCALE, _ZERO)):
            exact = name.removesuffix(_BITS)
            number = torch.from_numpy(value.copy())
            weights[exact.removeprefix(_PREFIX)] = (
                number if exact == name else _dequantised(stored, exact)
            )
    for node in graph.node:
        product = node.name.removesuffix(_MATMUL)
        matrices = [name.removesuffix(_BITS) for name in node.input if name.endswith(_BITS)]
        matrices = [name for name in matrices if name + _SCALE in stored]
        if product != node.name and matrices:
            weights[f"{product[1:].replace('/', '.')}.weight"] = _dequantised(stored, matrices[0]).T
    return _split_features(weights)


def _dequantised(stored: dict[str, np.ndarray], name: str) -> torch.Tensor:
    bits, scale, zero = (
        torch.from_numpy(stored[name + end].copy()) for end in (_BITS, _SCALE, _ZERO)
    )
    return (bits.float() - zero.float()) * scale


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
