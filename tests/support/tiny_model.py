"""A tiny random Llama with a real tokenizer and chat template, for tests of the mechanics."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VOCAB_SIZE = 512
CONTEXT = 1024
_END = "<|im_end|>"
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_CORPUS = (
    "The lock keeper opens one gate at a time.",
    "De sluis gaat open voor het schip uit Zwolle; één voor één.",
    '{"category": "zorg", "urgency": "laag"} 0123456789',
)


def make_tiny(directory: Path, *, seed: int = 7) -> Path:
    """Write the model to directory, the same bytes for the same seed, and return directory."""
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    end: Any = tokenizer.eos_token_id
    config = LlamaConfig(
        vocab_size=VOCAB_SIZE,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        initializer_range=0.2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


def _tokenizer() -> Any:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE,
        special_tokens=["<|im_start|>", _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(_CORPUS, trainer)
    untyped: Any = PreTrainedTokenizerFast
    return untyped(
        tokenizer_object=inner,
        eos_token=_END,
        pad_token=_END,
        chat_template=_TEMPLATE,
    )
