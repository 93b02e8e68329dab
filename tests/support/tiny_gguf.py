"""A tiny Llama of these tests as a GGUF file, the format of llama.cpp."""

import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_TOP = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}


def write_gguf(model: Path, target: Path) -> Path:
    """Write the model of a directory, as ``make_tiny`` and ``make_speaking`` make it."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    writer = gguf.GGUFWriter(target, "llama")
    _parameters(writer, config)
    _tokenizer(writer, model)
    for name, tensor in load_file(model / "model.safetensors").items():
        heads = _heads(name, config)
        writer.add_tensor(_renamed(name), _interleaved(tensor, heads) if heads else tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _parameters(writer: gguf.GGUFWriter, config: dict[str, int]) -> None:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])


def _tokenizer(writer: gguf.GGUFWriter, model: Path) -> None:
    made = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))
    special = {one["content"] for one in made["added_tokens"]}
    vocabulary = sorted(made["model"]["vocab"], key=made["model"]["vocab"].__getitem__)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    end = vocabulary.index("<|im_end|>")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary)
    writer.add_token_types([control if one in special else normal for one in vocabulary])
    writer.add_token_merges([" ".join(pair) for pair in made["model"]["merges"]])
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(value=False)
    writer.add_chat_template((model / "chat_template.jinja").read_text(encoding="utf-8"))


def _renamed(name: str) -> str:
    inner = name.removeprefix("model.").removesuffix(".weight")
    if not inner.startswith("layers."):
        return f"{_TOP[inner]}.weight"
    _, layer, part = inner.split(".", 2)
    return f"blk.{layer}.{_LAYER[part]}.weight"


def _heads(name: str, config: dict[str, int]) -> int:
    """The heads whose rows change places, 0 for other tensors."""
    if name.endswith("q_proj.weight"):
        return config["num_attention_heads"]
    return config["num_key_value_heads"] if name.endswith("k_proj.weight") else 0


def _interleaved(tensor: np.ndarray, heads: int) -> np.ndarray:
    """Rows in the order of llama.cpp: it turns neighbours, transformers turns halves."""
    rows, columns = tensor.shape
    halves = tensor.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, columns))
