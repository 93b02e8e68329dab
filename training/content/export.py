"""Write trained weights as the model of the product, in eight bits.

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
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from gateway.classifiers.content.classifier import MODEL
from training.content import corpus
from training.content.network import SIZE, Encoder, Head, Network
from training.content.sources import CATEGORIES

VERSION = "content-3"
_START = 0.9  # the threshold before calibration
_OPSET = 17
_FILES = ("encoder.int8.onnx", "head.npz", "pieces.npy", "tokenizer.json")


def main() -> None:
    """Average, and write the files."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--pieces", type=Path, help="a model of the product whose pieces stay")
    parser.add_argument("weights", type=Path, nargs="+")
    options = parser.parse_args()
    given = corpus.start(options.cache, options.pieces)
    network = Network(given, len(CATEGORIES) + 1)
    states = [torch.load(one) for one in options.weights]
    network.load_state_dict({
        name: sum(one[name] for one in states) / len(states) for name in states[0]
    })
    network.train(mode=False)
    options.model.mkdir(parents=True, exist_ok=True)
    write_encoder(network.encoder, options.model / "encoder.int8.onnx")
    pieces, scales = _eight_bit(given.vectors)
    np.save(options.model / "pieces.npy", pieces)
    np.savez(options.model / "head.npz", scales=scales, **head(network.head))
    given.tokenizer.save(str(options.model / "tokenizer.json"), pretty=False)
    limits = dict.fromkeys(CATEGORIES, _START)
    write_card(options.model, limits, limits)


class _Unpadded(nn.Module):
    """The encoder of one text without padding: [pieces, SIZE] gives [pieces, features]."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        x = vectors[None]
        found: torch.Tensor = self.encoder(x, torch.ones_like(x[:, :, :1]))
        return found[0]


def write_encoder(encoder: Encoder, target: Path) -> None:
    """Write the encoder with eight-bit weights."""
    plain = target.with_suffix(".float.onnx")
    torch.onnx.export(
        _Unpadded(encoder),
        (torch.ones((16, SIZE)),),
        str(plain),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["vectors"],
        output_names=["features"],
        dynamic_axes={"vectors": {0: "pieces"}, "features": {0: "pieces"}},
    )
    quantize_dynamic(plain, target, weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()


def head(network: Head) -> dict[str, Any]:
    """Return the arrays of the head, as the product reads them."""
    found = {}
    for name, layer in network.named_children():
        for part, values in layer.named_parameters():
            array = values.detach().numpy()
            found.update({name: array.T} if part == "weight" else {f"{name}_{part}": array})
    return {name: np.ascontiguousarray(one.astype(np.float16)) for name, one in found.items()}


def read_back(model: Path) -> dict[str, torch.Tensor]:
    """Return the weights of a model of the product, as far as eight bits hold them."""
    graph = onnx.load(model / "encoder.int8.onnx").graph
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {name: array for name, array in held.items() if name.startswith("encoder.")}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            quantized = node.input[1]
            scale = held[quantized.replace("_quantized", "_scale")]
            layer = node.name.strip("/").removesuffix("/MatMul_quant").replace("/", ".")
            found[f"{layer}.weight"] = (held[quantized].astype(np.float32) * scale).T
    with np.load(model / "head.npz", allow_pickle=False) as head:
        for name in set(head.files) - {"scales"}:
            array = head[name].astype(np.float32)
            layer = name.removesuffix("_bias")
            part = "bias" if layer != name else "weight"
            found[f"head.{layer}.{part}"] = array if part == "bias" else array.T
    return {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in found.items()}


def _eight_bit(table: Any) -> tuple[Any, Any]:
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9).astype(np.float32) / 127
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def write_card(folder: Path, thresholds: dict[str, float], sentences: dict[str, float]) -> None:
    """Write ``model.json`` with the digests of the files."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _FILES}
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
