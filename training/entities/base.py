"""The base model: Rampart's four-bit ONNX file, converted to a trainable BERT."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertForTokenClassification

from gateway.classifiers.entities.decoding import TYPES

LABELS = ("O", *(f"{part}-{kind}" for kind in TYPES for part in "BI"))
_BLOCK = 32
# Each of our labels starts as the mean of rows of Rampart (CC-BY-4.0, labels in its config.json).
# Rampart has no label for secrets: numbers are the nearest.
_HEAD = (
    ("O",),
    ("B-GIVEN_NAME", "B-SURNAME"),
    ("I-GIVEN_NAME", "I-SURNAME"),
    ("B-STREET_NAME", "B-BUILDING_NUMBER"),
    ("I-STREET_NAME", "I-BUILDING_NUMBER", "B-BUILDING_NUMBER"),
    ("B-CITY",),
    ("I-CITY",),
    ("B-GOVERNMENT_ID", "B-ROUTING_NUMBER"),
    ("I-GOVERNMENT_ID", "I-ROUTING_NUMBER"),
)


def load_base(folder: Path) -> BertForTokenClassification:
    """Return the base model with float weights and its own 35 labels.

    Args:
        folder: Holds config.json and onnx/model_q4.onnx.

    Raises:
        ValueError: A tensor is missing or has another shape.
    """
    config = BertConfig.from_json_file(str(folder / "config.json"))
    config._attn_implementation = "eager"  # noqa: SLF001  # the way transformers names it
    model = BertForTokenClassification(config)
    weights = _weights(folder / "onnx" / "model_q4.onnx")
    state = model.state_dict()
    missing = [name for name in state if name not in weights and "position_ids" not in name]
    if missing:
        message = f"the base model lacks {missing}"
        raise ValueError(message)
    for name in state:
        if name in weights and tuple(state[name].shape) != weights[name].shape:
            message = f"{name} has shape {weights[name].shape}"
            raise ValueError(message)
    model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in weights.items()}, strict=True)
    return model


def own_head(model: BertForTokenClassification) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weight and bias of our labels, from the base model's rows of like labels."""
    labels: Any = model.config.label2id
    index = {name: int(number) for name, number in labels.items()}
    weight, bias = model.classifier.weight.data, model.classifier.bias.data
    rows = [[index[name] for name in names] for names in _HEAD]
    return (
        torch.stack([weight[row].mean(dim=0) for row in rows]),
        torch.stack([bias[row].mean() for row in rows]),
    )


def _weights(path: Path) -> dict[str, Any]:
    graph = onnx.load(str(path)).graph
    raw = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found: dict[str, Any] = {
        name: value
        for name, value in raw.items()
        if name.startswith(("bert.", "classifier.")) and value.dtype == np.float32 and value.ndim
    }
    for name, value in raw.items():
        if name.endswith("_quantized"):
            stem = name.removesuffix("_quantized")
            zero = raw[f"{stem}_zero_point"].astype(np.int32)
            found[stem] = ((value.astype(np.int32) - zero) * raw[f"{stem}_scale"]).astype("f4")
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            name = node.name.removeprefix("/").removesuffix("/MatMul_Q4").replace("/", ".")
            found[f"{name}.weight"] = _unpack(raw[node.input[1]], raw[node.input[2]])
    return found


def _unpack(packed: Any, scales: Any) -> Any:
    """Unpack nibbles, low one first: minus eight, times the scale of their block of 32."""
    low, high = packed & 0x0F, packed >> 4
    nibbles = np.stack([low, high], axis=-1).reshape(*packed.shape[:2], _BLOCK)
    floats = (nibbles.astype(np.float32) - 8.0) * scales.reshape(*packed.shape[:2], 1)
    return floats.reshape(packed.shape[0], -1)
