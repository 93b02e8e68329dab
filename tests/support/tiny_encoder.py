"""A tiny random BERT with a real tokenizer, for tests of embeddings."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from tests.support.cards import with_card

CONTEXT = 64
SIZE = 48
_CORPUS = ("De sluis gaat open voor het schip.", "The lock keeper opens one gate at a time.")


def make_encoder(directory: Path, *, seed: int = 5) -> Path:
    """Write the model to directory, and return directory."""
    inner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    inner.train_from_iterator(
        _CORPUS, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special)
    )
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    untyped: Any = PreTrainedTokenizerFast
    tokenizer = untyped(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", model_max_length=CONTEXT
    )
    config = BertConfig(
        vocab_size=300,
        hidden_size=SIZE,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=CONTEXT,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = BertModel(config)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return with_card(directory)
