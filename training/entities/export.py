"""Export of the trained network: a lean ONNX graph with eight-bit weights."""

from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import BertForTokenClassification

from training.entities.lean_graph import write_lean
from training.entities.model import embedding, heads

_OPSET = 17


class _Heads(nn.Module):
    def __init__(self, model: BertForTokenClassification) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return heads(self.model, ids, mask, kinds)


def export(model: BertForTokenClassification, target: Path) -> None:
    """Write the model to target; two other versions exist beside it during the call."""
    model.train(mode=False)
    embeddings = model.bert.embeddings
    kinds: Any = embeddings.token_type_embeddings
    embeddings.token_type_embeddings = embedding(kinds.table())
    model.set_attn_implementation("eager")
    ids = torch.ones((2, 16), dtype=torch.long)
    axes = {
        name: {0: "batch", 1: "pieces"}
        for name in ("input_ids", "attention_mask", "token_type_ids", "logits", "topics")
    }
    plain, quantised = (target.with_suffix(f".{kind}.onnx") for kind in ("float", "quantised"))
    torch.onnx.export(
        _Heads(model),
        (ids, ids, torch.zeros_like(ids)),
        str(plain),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["logits", "topics"],
        dynamic_axes=axes,
    )
    quantize_dynamic(plain, quantised, weight_type=QuantType.QInt8, per_channel=True)
    write_lean(quantised, target, model.config.num_attention_heads)
    plain.unlink()
    quantised.unlink()
