"""Rewrite of an exported network as a leaner graph with the same eight-bit weights.

Nothing is quantised again: weights, scales and zero points come from the exported file. The
differences are:

- there is no attention mask, because windows run one by one and unpadded;
- query, key and value are one product, and so are both heads;
- attention is the kernel ``com.microsoft.MultiHeadAttention`` of ONNX Runtime;
- every product is a ``com.microsoft.DynamicQuantizeMatMul`` with its bias;
- the norms are plain ``LayerNormalization`` after an ``Add``.

The session must use ``ORT_ENABLE_BASIC``. Above that level the runtime fuses each ``Add`` and norm
into ``SkipLayerNormalization``, which is slower on a CPU.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BITS, SCALE, ZERO = "_quantized", "_scale", "_zero_point"
QKV, HEADS = "attention.self.qkv", "heads"
SELF = ("query", "key", "value")
BOTH_HEADS = ("classifier", "topics")
_OUTPUTS = ("logits", "topics")
_OPSET, _IR = 17, 8
_MICROSOFT = "com.microsoft"
_EXPORTED = "model."  # the prefix of names in an exported file
_EMBEDDINGS = "bert.embeddings."
_LAYER = "bert.encoder.layer."
_EPSILON = 1e-12


def write_lean(source: Path, target: Path, attention_heads: int) -> None:
    """Write the lean graph of ``source``, a file that ``quantize_dynamic`` made.

    Args:
        source: The exported network with eight-bit weights.
        target: The file to write.
        attention_heads: The number of attention heads of each layer.

    Raises:
        KeyError: ``source`` is the graph of another network.
    """
    graph = _Graph(source)
    value = graph.norm(_embedded(graph), f"{_EMBEDDINGS}LayerNorm", "embedded")
    graph.constant("hidden_sizes", np.array([graph.hidden_size] * 3, np.int64))
    for number in range(graph.layers):
        value = _layer(graph, value, number, attention_heads)
    both = graph.product(value, BOTH_HEADS, HEADS, "both_heads")
    sizes = [len(graph.stored[f"{_EXPORTED}{head}.bias"]) for head in BOTH_HEADS]
    split = [both, graph.constant("head_sizes", np.array(sizes, np.int64))]
    graph.node("Split", split, _OUTPUTS, axis=2)
    _save(graph, target, sizes)


class _Graph:
    """The nodes and weights of the new graph, and the weights of the exported one."""

    def __init__(self, source: Path) -> None:
        graph = onnx.load(source).graph
        self.stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        self._matrices = {
            node.name.split("/MatMul")[0].strip("/").replace("/", "."): name.removesuffix(BITS)
            for node in graph.node
            if node.op_type == "MatMulInteger"
            for name in node.input
            if name.endswith(BITS) and name in self.stored
        }
        self.hidden_size = len(self.stored[f"{_EXPORTED}{_EMBEDDINGS}LayerNorm.bias"])
        self.layers = sum(name.endswith("attention.self.query") for name in self._matrices)
        self.weights: list[Any] = []
        self.nodes: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], **more))
        return outputs[0]

    def rows(self, name: str, out: str, kind: str, *places: str) -> str:
        """Add rows of a table of eight bits, as floats."""
        exported = f"{_EXPORTED}{_EMBEDDINGS}{name}.weight"
        table, scale, zero = (
            self.constant(f"{_EMBEDDINGS}{name}.weight{end}", self.stored[f"{exported}{end}"])
            for end in (BITS, SCALE, ZERO)
        )
        self.node(kind, [table, *places], [f"{out}{BITS}"])
        return self.node("DequantizeLinear", [f"{out}{BITS}", scale, zero], [out])

    def product(self, value: str, parts: Sequence[str], name: str, out: str) -> str:
        """Add one product with the matrices of several parts side by side."""
        matrices = [self.stored[f"{self._matrices[part]}{BITS}"] for part in parts]
        scales, zeros = (
            np.concatenate([
                np.broadcast_to(self.stored[f"{self._matrices[part]}{end}"], matrix.shape[1])
                for part, matrix in zip(parts, matrices, strict=True)
            ])
            for end in (SCALE, ZERO)
        )
        biases = [self.stored[f"{_EXPORTED}{part}.bias"] for part in parts]
        inputs = [
            value,
            self.constant(f"{name}.weight{BITS}", np.concatenate(matrices, axis=1)),
            self.constant(f"{name}.weight{SCALE}", scales),
            self.constant(f"{name}.weight{ZERO}", zeros),
            self.constant(f"{name}.bias", np.concatenate(biases)),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, [out], domain=_MICROSOFT)

    def norm(self, value: str, name: str, out: str) -> str:
        gain, bias = (
            self.constant(f"{name}.{end}", self.stored[f"{_EXPORTED}{name}.{end}"])
            for end in ("weight", "bias")
        )
        return self.node("LayerNormalization", [value, gain, bias], [out], epsilon=_EPSILON)

    def sum(self, one: str, other: str, out: str) -> str:
        return self.node("Add", [one, other], [out])


def _embedded(graph: _Graph) -> str:
    words = graph.rows("word_embeddings", "words", "Gather", "input_ids")
    kinds = graph.rows("token_type_embeddings", "kinds", "Gather", "token_type_ids")
    graph.node("Shape", ["input_ids"], ["pieces"], start=1, end=2)
    zero, axis = (graph.constant(name, np.array([0], np.int64)) for name in ("first", "axis"))
    places = graph.rows("position_embeddings", "places", "Slice", zero, "pieces", axis)
    return graph.sum(graph.sum(words, kinds, "words_kinds"), places, "embeddings")


def _layer(graph: _Graph, value: str, number: int, attention_heads: int) -> str:
    name, end = f"{_LAYER}{number}.", str(number)
    three = [f"{name}attention.self.{one}" for one in SELF]
    qkv = graph.product(value, three, f"{name}{QKV}", f"qkv{end}")
    parts = [f"{one}{end}" for one in SELF]
    graph.node("Split", [qkv, "hidden_sizes"], parts, axis=2)
    attended = graph.node(
        "MultiHeadAttention",
        parts,
        [f"attended{end}"],
        domain=_MICROSOFT,
        num_heads=attention_heads,
    )
    dense = f"{name}attention.output.dense"
    out = graph.sum(graph.product(attended, [dense], dense, f"out{end}"), value, f"out_sum{end}")
    middle = graph.norm(out, f"{name}attention.output.LayerNorm", f"middle{end}")
    dense = f"{name}intermediate.dense"
    wide = graph.product(middle, [dense], dense, f"wide{end}")
    bent = graph.node("Gelu", [wide], [f"bent{end}"], domain=_MICROSOFT)
    dense = f"{name}output.dense"
    back = graph.sum(graph.product(bent, [dense], dense, f"back{end}"), middle, f"back_sum{end}")
    return graph.norm(back, f"{name}output.LayerNorm", f"layer{end}")


def _save(graph: _Graph, target: Path, sizes: Sequence[int]) -> None:
    def tensor(name: str, kind: int, *more: int) -> Any:
        return helper.make_tensor_value_info(name, kind, ["batch", "length", *more])

    made = helper.make_graph(
        graph.nodes,
        "lean",
        [tensor(name, TensorProto.INT64) for name in ("input_ids", "token_type_ids")],
        [tensor(name, TensorProto.FLOAT, size) for name, size in zip(_OUTPUTS, sizes, strict=True)],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=_IR), target)
