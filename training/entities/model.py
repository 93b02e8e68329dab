"""The network: Rampart's encoder with added words, and features of case, line and lexicon."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertForTokenClassification

from gateway.classifiers.entities.word_pieces import CASES, LEXICAL, LINES, ROWS
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.base import LABELS, load_base, own_head

# Ends of Dutch and English words that are more informative whole than in pieces.
_ENDINGS = [
    "straat",
    "laan",
    "weg",
    "plein",
    "kade",
    "gracht",
    "dijk",
    "hof",
    "singel",
    "steeg",
    "dreef",
    "plantsoen",
    "stra",
    "sma",
    "inga",
    "ma",
    "enga",
    "huis",
    "huizen",
    "berg",
    "burg",
    "veld",
    "velden",
    "horst",
    "kamp",
    "daal",
    "dal",
    "broek",
    "bos",
    "meer",
    "water",
    "sen",
    "mans",
    "ingen",
    "heid",
    "lijk",
    "lijke",
    "erij",
    "baar",
    "sluis",
    "poort",
    "markt",
    "ton",
    "ford",
    "ham",
    "ley",
    "wood",
    "field",
    "sson",
    "ska",
    "ski",
    "wicz",
    "enko",
    "ova",
    "ov",
    "escu",
    "oglu",
    "zade",
    "abadi",
    "straße",
    "allee",
    "platz",
    "strasse",
]


_INITIAL_TOPIC_BIAS = -3.0  # most texts hold no special category


class TokenFeatures(nn.Module):
    """Embeddings of the features of a piece's word, in place of BERT's two token types."""

    def __init__(self, origin: torch.Tensor) -> None:
        super().__init__()
        size = origin.shape[0]
        self.origin = nn.Parameter(origin.clone())
        self.case = nn.Parameter(torch.zeros(CASES, size))
        self.line = nn.Parameter(torch.zeros(LINES, size))
        self.lexical = nn.Parameter(torch.zeros(LEXICAL, size))
        self.both = nn.Parameter(torch.zeros(LEXICAL * CASES, size))

    def forward(self, kinds: torch.Tensor) -> torch.Tensor:
        line, rest = kinds % LINES, kinds // LINES
        rows: torch.Tensor = (
            self.origin
            + self.case[rest % CASES]
            + self.line[line]
            + self.lexical[rest // CASES]
            + self.both[rest]
        )
        return rows

    def table(self) -> torch.Tensor:
        """Return all rows, for the export."""
        with torch.no_grad():
            return self.forward(torch.arange(ROWS))


def extend_vocabulary(
    tokenizer: Path, words: Counter[str], count: int, target: Path
) -> dict[int, list[int]]:
    """Write a tokenizer that gains the words with the most pieces in all texts together.

    Args:
        tokenizer: The base model's tokenizer.json.
        words: Lower-case words by how often they occur.
        count: How many to add, endings included.
        target: File of the new tokenizer.

    Returns:
        For each new id its former pieces; the mean of these is its first embedding.
    """
    old = Tokenizer.from_file(str(tokenizer))
    document = json.loads(tokenizer.read_text(encoding="utf-8"))
    vocabulary = document["model"]["vocab"]
    costs = Counter[str]()
    for word, times in words.items():
        pieces = len(old.encode(word, add_special_tokens=False).ids)
        if pieces > 1:
            costs[word] = times * (pieces - 1)
    added: dict[int, list[int]] = {}
    endings = [f"##{ending}" for ending in _ENDINGS]
    chosen = endings + [word for word, _ in costs.most_common(count - len(endings))]
    for entry in chosen:
        if entry not in vocabulary:
            number = len(vocabulary)
            vocabulary[entry] = number
            added[number] = old.encode(entry.removeprefix("##"), add_special_tokens=False).ids
    target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return added


def build(base: Path, added: dict[int, list[int]], layers: int) -> BertForTokenClassification:
    """Return the network before training, with the weights of the base model where it has them.

    Args:
        base: Folder of the base model.
        added: The result of extend_vocabulary.
        layers: Number of its six layers to keep, spread evenly.
    """
    model = load_base(base)
    weight, bias = own_head(model)
    model.classifier = nn.Linear(weight.shape[1], len(LABELS))
    model.classifier.weight.data, model.classifier.bias.data = weight, bias
    model.num_labels = model.config.num_labels = len(LABELS)
    model.topics = nn.Linear(weight.shape[1], len(SPECIAL_CATEGORIES))
    nn.init.constant_(model.topics.bias, _INITIAL_TOPIC_BIAS)
    old = model.bert.embeddings.word_embeddings.weight.data
    rows = [old, *(old[pieces].mean(dim=0, keepdim=True) for _, pieces in sorted(added.items()))]
    table = torch.cat(rows)
    model.bert.embeddings.word_embeddings = embedding(table)
    model.config.vocab_size = len(table)
    origin = model.bert.embeddings.token_type_embeddings.weight.data[0]
    model.bert.embeddings.token_type_embeddings = TokenFeatures(origin)
    stack = model.bert.encoder.layer
    keep = [round(i * (len(stack) - 1) / (layers - 1)) for i in range(layers)]
    model.bert.encoder.layer = nn.ModuleList([stack[i] for i in keep])
    model.config.num_hidden_layers = layers
    return model


def heads(
    model: BertForTokenClassification, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits of both heads for each word piece: entities, and topics."""
    hidden = model.bert(input_ids=ids, attention_mask=mask, token_type_ids=kinds).last_hidden_state
    hidden = model.dropout(hidden)
    topics: Any = model.topics
    return model.classifier(hidden), topics(hidden)


def embedding(table: torch.Tensor) -> nn.Embedding:
    """Return a table of rows as a layer."""
    layer = nn.Embedding(*table.shape)
    layer.weight.data = table
    return layer


def groups(model: BertForTokenClassification, rate: float, decay: float) -> list[dict[str, Any]]:
    """Return parameter groups: new parameters learn faster, word embeddings without decay."""
    kinds, words, flat, rest, topics = (list[nn.Parameter]() for _ in range(5))
    for name, parameter in model.named_parameters():
        if name.startswith("topics."):
            topics.append(parameter)
        elif "token_type_embeddings" in name:
            kinds.append(parameter)
        elif "word_embeddings" in name or "position_embeddings" in name:
            words.append(parameter)
        else:
            (flat if parameter.ndim < 2 else rest).append(parameter)
    return [
        {"params": topics, "lr": 10 * rate, "weight_decay": decay},
        {"params": kinds, "lr": 4 * rate, "weight_decay": 0.0},
        {"params": words, "lr": rate, "weight_decay": 0.0},
        {"params": flat, "lr": rate, "weight_decay": 0.0},
        {"params": rest, "lr": rate, "weight_decay": decay},
    ]
