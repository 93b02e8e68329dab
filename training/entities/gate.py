"""Train the gate, which decides what of a long text the network reads.

The gate learns from one pass over generated texts: passes over the same texts would memorise hashed
names. It runs after the other steps, on one core.

Example:
  .venv/bin/python -m training.entities.gate --cache .training
"""

import hashlib
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, pad

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.gate import EPSILON, LABELS, LAYERS, OUTPUTS, WIDTH, packed
from gateway.classifiers.entities.special_categories import LENGTH, SHARPNESS
from gateway.classifiers.entities.word_features import BITS, FEATURES, WordReader, rows_of
from gateway.classifiers.entities.word_pieces import WordLexicon
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.corpora import Corpora, load_corpora
from training.entities.dataset import IGNORED
from training.entities.gate_texts import UNKNOWN, GateText, code_pieces, gate_texts
from training.entities.generator import Generator
from training.entities.train import log

FILE = "gate.bin"
TEXTS = 130_000
_CODE_SHARE = 100  # texts for one labelled piece of code
_BATCH = 3000  # words
_DROPOUT = 0.3  # of the features of a word, so that none is trusted alone
_RATES = (0.05, 2e-3)  # of the table, and of the rest
_LAST_RATE = 0.05  # as a share of the first
_CATEGORY_WEIGHT = 1.0
_SPREAD = 0.05  # of the first weights of the table
_CLIP = 12.0  # numbers of the categories are clipped to this
_SEED = 21
# The settings in model.json; docs/adr/0029 says how they were chosen.
SETTINGS = {
    "characters": 2048,
    "context": 80,
    "names": [0.02, 0.95],
    "secrets": [0.1, 0.95],
    "categories": 0.01,
    "nameless": 0.001,
}


class _Batch(NamedTuple):
    """Words of some texts with gaps between them, their labels, and the topics of the texts."""

    rows: torch.Tensor
    labels: torch.Tensor
    owner: torch.Tensor  # the text of each word, -1 in a gap
    topics: torch.Tensor


class GateNetwork(nn.Module):
    """The network as ``gateway.classifiers.entities.gate`` runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(1 << BITS, WIDTH, mode="sum", sparse=True)
        nn.init.normal_(self.table.weight, std=_SPREAD)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(LAYERS + 1))
        self.turns = nn.ModuleList(nn.Linear(3 * WIDTH, 2 * WIDTH) for _ in range(LAYERS))
        self.out = nn.Linear(WIDTH, OUTPUTS)

    def forward(self, rows: torch.Tensor, dropout: float) -> torch.Tensor:
        kept = (torch.rand(rows.shape) >= dropout).float() / (1 - dropout)
        value = self.norms[0](self.table(rows, per_sample_weights=kept))
        for turn, norm in zip(self.turns, list(self.norms)[1:], strict=True):
            padded = pad(value, (0, 0, 1, 1))
            wide = turn(torch.cat([padded[:-2], padded[1:-1], padded[2:]], dim=1))
            value = norm(value + torch.maximum(wide[:, :WIDTH], wide[:, WIDTH:]))
        outputs: torch.Tensor = self.out(value)
        return outputs

    def weights(self) -> dict[str, Any]:
        """Return the weights by the names of the file."""
        found: dict[str, Any] = {
            "table": self.table.weight,
            "out": self.out.weight.T,
            "out_bias": self.out.bias,
        }
        for n, norm in enumerate(self.norms):
            found |= {f"gain{n}": norm.weight, f"bias{n}": norm.bias}
        for n, turn in enumerate(self.turns):
            found |= {f"turn{n}": turn.weight.T, f"shift{n}": turn.bias}
        return {name: np.ascontiguousarray(one.detach().numpy()) for name, one in found.items()}


def main() -> None:
    """Train; write the file, its digest and the settings into the folder of the model."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--texts", type=int, default=TEXTS)
    options = parser.parse_args()
    train_gate(options.model, load_corpora(options.cache), options.texts)


def train_gate(folder: Path, corpora: Corpora, count: int) -> None:
    """Write the gate into a model's folder; it learns from ``count`` texts."""
    torch.set_num_threads(1)
    torch.manual_seed(_SEED)
    generator = Generator(corpora, evaluation=False)
    code = code_pieces(Classifier(folder), count // _CODE_SHARE, _SEED)
    log(f"{len(code)} pieces of code with {sum(len(one.spans) for one in code)} finds")
    reader = WordReader(WordLexicon((folder / "lexicon.bin").read_bytes()))
    network = GateNetwork()
    _train(network, islice(gate_texts(generator, code, _SEED), count), reader, count)
    data = packed(network.weights())
    (folder / FILE).write_bytes(data)
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["files"][FILE] = hashlib.sha256(data).hexdigest()
    card["gate"] = SETTINGS
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _train(network: GateNetwork, texts: Iterator[GateText], reader: WordReader, count: int) -> None:
    table = torch.optim.Adagrad(network.table.parameters(), lr=_RATES[0])
    others = [one for name, one in network.named_parameters() if not name.startswith("table.")]
    rest = torch.optim.Adam(others, lr=_RATES[1])
    seen = steps = 0
    mean = 0.0
    for batch in _batches(texts, reader):
        for optimizer, rate in zip((table, rest), _RATES, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * max(_LAST_RATE, 1 - seen / count)
            optimizer.zero_grad()
        outputs = network(batch.rows, _DROPOUT)
        loss = cross_entropy(outputs[:, :LABELS], batch.labels, ignore_index=IGNORED)
        loss = loss + _CATEGORY_WEIGHT * _category_loss(outputs[:, LABELS:], batch)
        torch.autograd.backward(loss)
        table.step()
        rest.step()
        seen, steps = seen + len(batch.topics), steps + 1
        mean = mean + (loss.item() - mean) / min(steps, 100)
        if steps % 200 == 0:
            log(f"text {seen} of {count}, loss {mean:.4f}")


def _category_loss(numbers: torch.Tensor, batch: _Batch) -> torch.Tensor:
    """Return the cross entropy of each category over the soft maximum of each text."""
    known = batch.topics[batch.owner] != UNKNOWN
    inside = (batch.owner >= 0) & known
    if not bool(inside.any()):
        return torch.zeros(())
    owner = batch.owner[inside]
    powers = torch.exp(numbers[inside].clamp(-_CLIP, _CLIP) * SHARPNESS)
    mass = torch.zeros(len(batch.topics), len(SPECIAL_CATEGORIES)).index_add(0, owner, powers)
    count = torch.zeros(len(batch.topics)).index_add(0, owner, torch.ones(len(owner)))
    chosen = count > 0
    found = (mass[chosen].log() - LENGTH * count[chosen].log()[:, None]) / SHARPNESS
    topics = batch.topics[chosen]
    wanted = torch.zeros_like(found)
    stated = torch.nonzero(topics >= 0)[:, 0]
    wanted[stated, topics[stated]] = 1.0
    return binary_cross_entropy_with_logits(found, wanted)


def _batches(texts: Iterator[GateText], reader: WordReader) -> Iterator[_Batch]:
    """Yield texts side by side, with a gap that the convolutions do not cross."""
    gap = np.zeros((LAYERS, FEATURES), np.int64)
    rows, labels, owner, topics, size = [], [], [], list[int](), 0
    for text in texts:
        words = reader.read(text.sample.text)
        length = len(words.starts)
        if length:
            rows += [rows_of(words.numbers).astype(np.int64), gap]
            labels += [_labels(text, words.starts), np.full(LAYERS, IGNORED)]
            owner += [np.full(length, len(topics)), np.full(LAYERS, -1)]
        topics.append(text.topic)
        size += length
        if size >= _BATCH:
            joined = [torch.from_numpy(np.concatenate(one)) for one in (rows, labels, owner)]
            yield _Batch(joined[0], joined[1], joined[2], torch.tensor(topics))
            rows, labels, owner, topics, size = [], [], [], list[int](), 0


def _labels(text: GateText, starts: Any) -> Any:
    """Return a label per word; what is marked ``?`` is not learnt from."""
    labels = np.zeros(len(starts), np.int64)
    for begin, end, kind in text.sample.spans:
        first, last = np.searchsorted(starts, (begin, end))
        if kind == "?":
            labels[first:last] = IGNORED
        else:
            labels[first:last] = 2 + 2 * TYPES.index(kind)
            labels[first : min(first + 1, last)] = 1 + 2 * TYPES.index(kind)
    return labels


if __name__ == "__main__":
    main()
