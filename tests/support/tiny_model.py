"""A tiny random Llama with a real tokenizer and chat template, for tests of the mechanics."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.support.cards import with_card

VOCAB_SIZE = 512
CONTEXT = 1024
_LARGE_VOCAB = 8192
_END, _SAY = "<|im_end|>", "<|say|>"
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
    config = _config(end, CONTEXT)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return with_card(directory)


def make_speaking(directory: Path, sentence: str, *, context: int) -> Path:
    """Write a model that answers everything with one sentence, and return directory.

    It reads the whole prompt as any Llama does. Its weights make the next token follow from the
    last one alone: attention and the networks behind it add nothing, and the head knows the words
    of the sentence.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer([*_documents(), f"assistant\n{sentence}"], _LARGE_VOCAB)
    end: Any = tokenizer.eos_token_id
    said = [*tokenizer.encode(f"assistant\n{sentence}", add_special_tokens=False), end]
    start = tokenizer.encode("assistant\n", add_special_tokens=False)
    chain = said[len(start) - 1 :]
    if said[: len(start)] != start or len(set(chain)) != len(chain):
        raise ValueError("Choose a sentence in which no token is there twice.")
    return _chained(directory, tokenizer, [chain], context=context)


def make_calling(directory: Path, calls: Mapping[str, Any], sentence: str, *, context: int) -> Path:
    """Write a model that calls a tool once and then says a sentence, and return directory.

    ``calls`` are the arguments by the name of a tool. A request with one of these tools, and
    without a result yet, is answered with a call of it; others are with the sentence.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = {f"<|call {name}|>": _written_call(name, given) for name, given in calls.items()}
    tokenizer = _tokenizer([*_documents(), sentence], _LARGE_VOCAB, special=(_SAY, *written))
    tokenizer.add_tokens([*written.values()])  # a token each
    tokenizer.chat_template = _calling_template(calls)
    said = tokenizer.encode(_SAY + sentence, add_special_tokens=False)
    chains = [[*said, tokenizer.eos_token_id]]
    for prompt, call in written.items():
        chains.append([*tokenizer.convert_tokens_to_ids([prompt, call]), tokenizer.eos_token_id])
    if len(set(said)) != len(said):
        raise ValueError("Choose a sentence in which no token is there twice.")
    return _chained(directory, tokenizer, chains, context=context)


def _written_call(name: str, arguments: Any) -> str:
    call = json.dumps({"name": name, "arguments": arguments})
    return f"<tool_call>\n{call}\n</tool_call>"


def _calling_template(calls: Iterable[str]) -> str:
    """Begins an answer with the call of a tool of the request, until there is a result."""
    names = ", ".join(f"'{name}'" for name in calls)
    return (
        "{% set ns = namespace(begin='" + _SAY + "') %}"
        "{% for tool in tools or [] if tool.function.name in [" + names + "] %}"
        "{% set ns.begin = '<|call ' + tool.function.name + '|>' %}{% endfor %}"
        "{% for message in messages %}"
        "{% if message.role == 'tool' %}{% set ns.begin = '" + _SAY + "' %}{% endif %}"
        "<|im_start|>{{ message.role }}\n{{ message.content or '' }}"
        "{% for call in message.tool_calls or [] %}<tool_call>{{ call.function.name }}</tool_call>"
        "{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{{ ns.begin }}{% endif %}"
    )


def _chained(
    directory: Path, tokenizer: Any, chains: Iterable[Sequence[int]], *, context: int
) -> Path:
    """Write a model in which each token of a chain is followed by the next one."""
    end: Any = tokenizer.eos_token_id
    size = max(_LARGE_VOCAB, len(tokenizer))
    model = LlamaForCausalLM(_config(end, context, vocab_size=size))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" not in name:
                weight.zero_()
        pairs = (pair for chain in chains for pair in pairwise(chain))
        for place, (before, after) in enumerate(pairs):
            model.model.embed_tokens.weight[before, place] = 1.0
            model.lm_head.weight[after, place] = 100.0
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return with_card(directory)


def _documents() -> list[str]:
    """Text in which an agent's prompt has some four characters a token."""
    folder = Path(__file__).parents[2] / "docs"
    return [one.read_text(encoding="utf-8") for one in sorted(folder.glob("*.md"))]


def _config(end: int, context: int, vocab_size: int = VOCAB_SIZE) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        initializer_range=0.2,
    )


def _tokenizer(
    corpus: Iterable[str] = _CORPUS, vocab_size: int = VOCAB_SIZE, special: Iterable[str] = ()
) -> Any:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=["<|im_start|>", _END, *special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(corpus, trainer)
    untyped: Any = PreTrainedTokenizerFast
    return untyped(
        tokenizer_object=inner,
        eos_token=_END,
        pad_token=_END,
        chat_template=_TEMPLATE,
    )
