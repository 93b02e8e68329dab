"""The weights of the file that ships, so that a run can go on from it: those of eight bits, as numbers."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from gateway.classifiers.entities.classifier import CASES, LEXICAL, LINES, ROWS

_OURS = "model."
_PRODUCT = "/MatMul_quant"
_BITS, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
_KINDS = "bert.embeddings.token_type_embeddings."


def weights_of(file: Path) -> dict[str, torch.Tensor]:
    """What ``model.build`` makes has these weights after ``load_state_dict``.

    Raises:
        OSError: when there is no such file.
    """
    graph = onnx.load(file).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights: dict[str, torch.Tensor] = {}
    for name, value in stored.items():
        if name.startswith(_OURS) and not name.endswith((_SCALE, _ZERO)):
            exact = name.removesuffix(_BITS)
            number = torch.from_numpy(value.copy())
            weights[exact.removeprefix(_OURS)] = number if exact == name else _number(stored, exact)
    for node in graph.node:
        product = node.name.removesuffix(_PRODUCT)
        matrices = [name.removesuffix(_BITS) for name in node.input if name.endswith(_BITS)]
        matrices = [name for name in matrices if name + _SCALE in stored]
        if product != node.name and matrices:
            weights[f"{product[1:].replace('/', '.')}.weight"] = _number(stored, matrices[0]).T
    return _apart(weights)


def _number(stored: dict[str, np.ndarray], name: str) -> torch.Tensor:
    bits, scale, zero = (
        torch.from_numpy(stored[name + end].copy()) for end in (_BITS, _SCALE, _ZERO)
    )
    return (bits.float() - zero.float()) * scale


def _apart(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The one table of ``Kinds`` as the parts that it is the sum of."""
    table = weights.pop(_KINDS + "weight").reshape(ROWS // LINES, LINES, -1)
    size = table.shape[-1]
    lines = (table - table[:, :1]).mean(dim=0)
    parts = {
        "origin": torch.zeros(size),
        "case": torch.zeros(CASES, size),
        "line": lines,
        "lexical": torch.zeros(LEXICAL, size),
        "both": (table - lines).mean(dim=1),
    }
    return weights | {_KINDS + name: value for name, value in parts.items()}
