"""Train the linear topic model, after the network; it takes about two minutes.

Example:
  .venv/bin/python -m training.entities.linear_topic_model --cache .training
"""

import hashlib
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.linear_topic_model import CLASSES, SHORT, features, packed
from gateway.classifiers.entities.special_categories import blank_names, sentences
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES, FindingKind
from gateway.privacy import Detector
from training.entities.corpora import Corpora, load_corpora
from training.entities.generator import Generator
from training.entities.special_categories import LANGUAGES, CategoryTexts
from training.entities.template_slots import Sample

FILE = "wording.bin"
BUCKETS = 1 << 17
_NO_TOPIC = len(SPECIAL_CATEGORIES)
_NEUTRAL_TEXTS = 4000  # texts of every kind in which no rule finds a category
_ROUNDS, _BATCH, _RATE = 14, 64, 0.4
_MIN_TEXTS = 3  # texts that must contain a feature, else it is dropped
_DROPOUT = 0.5  # share of the features that are left out at each step
_LABEL_SMOOTHING = 0.05


@dataclass(frozen=True, slots=True)
class _Example:
    """Features of each stretch of a text, and its class."""

    stretches: list[Any]
    topic: int


def main() -> None:
    """Train; write the file and its digest into the folder of the model."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    train_topic_model(options.model, load_corpora(options.cache), options.cache)


def train_topic_model(folder: Path, corpora: Corpora, cache: Path, most: int | None = None) -> None:
    """Write the weights into a model's folder, and their digest into its card.

    The model learns from category texts and from generated neutral texts; ``most`` limits the
    number of each. ``cache`` keeps the compiled patterns.
    """
    generator = Generator(corpora, evaluation=False)
    labelled = [
        (one.sample, one.topic) for one in CategoryTexts(generator, evaluation=False).once(5)
    ]
    labelled = labelled[:most]
    labelled += [
        (sample, "")
        for sample in islice(_neutral_texts(generator, Detector(cache)), most or _NEUTRAL_TEXTS)
    ]
    data = packed(*_fitted([one for one in map(_example, labelled) if one.stretches]))
    (folder / FILE).write_bytes(data)
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["files"][FILE] = hashlib.sha256(data).hexdigest()
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _neutral_texts(generator: Generator, detector: Detector) -> Iterator[Sample]:
    """Yield generated texts without a word of a category; most of them name persons."""
    for text in generator.texts(5):
        if text.language in LANGUAGES and not any(
            finding.kind is FindingKind.TOPIC for finding in detector.scan(text.sample.text)
        ):
            yield text.sample


def _example(labelled: tuple[Sample, str]) -> _Example:
    sample, topic = labelled
    names = [Entity(a, b, kind, 1.0) for a, b, kind in sorted(sample.merged().spans) if kind != "?"]
    text = blank_names(sample.text, names)
    found = [np.array(features(text[a:b], BUCKETS), np.int64) for a, b in sentences(text)]
    pairs = [np.concatenate(pair) for pair in pairwise(found)] or found
    number = SPECIAL_CATEGORIES.index(topic) if topic else _NO_TOPIC
    return _Example([one for one in pairs if len(one)], number)


def _fitted(examples: list[_Example]) -> tuple[Any, Any]:
    """Return weights and bias; the strongest stretch of a text decides its loss."""
    torch.manual_seed(0)
    rng, drop = Random(0), np.random.default_rng(0)  # noqa: S311  # no secrets
    known = _known(examples)
    weights = torch.nn.EmbeddingBag(BUCKETS, CLASSES, mode="sum", sparse=True)
    torch.nn.init.zeros_(weights.weight)
    bias = torch.nn.Parameter(torch.zeros(CLASSES))
    optimizer = torch.optim.Adagrad([*weights.parameters(), bias], lr=_RATE)
    for number in range(_ROUNDS):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (1 - number / _ROUNDS)
        rng.shuffle(examples)
        for at in range(0, len(examples), _BATCH):
            batch = examples[at : at + _BATCH]
            stretches = [(own, one) for own, e in enumerate(batch) for one in e.stretches]
            kept = [one[known[one] & (drop.random(len(one)) > _DROPOUT)] for _, one in stretches]
            scores = weights(*_bags([one for _, one in stretches], kept)) + bias
            most = _strongest([own for own, _ in stretches], scores)
            wanted = torch.tensor([e.topic for e in batch])
            loss = cross_entropy(scores[most], wanted, label_smoothing=_LABEL_SMOOTHING)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return weights.weight.detach().numpy() * known[:, None], bias.detach().numpy()


def _known(examples: list[_Example]) -> Any:
    """Return which features occur in at least `_MIN_TEXTS` texts."""
    seen = Counter[int]()
    for example in examples:
        seen.update(np.unique(np.concatenate(example.stretches)).tolist())
    known = np.zeros(BUCKETS, bool)
    known[[number for number, count in seen.items() if count >= _MIN_TEXTS]] = True
    return known


def _bags(
    whole: Sequence[Any], kept: Sequence[Any]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the input of an embedding bag: features, start of each stretch, weights."""
    starts = np.cumsum([0, *(len(one) for one in kept[:-1])])
    shares = (
        np.full(len(part), (1 - _DROPOUT) ** -1 / max(len(one), SHORT) ** 0.5)
        for one, part in zip(whole, kept, strict=True)
    )
    return (
        torch.from_numpy(np.concatenate(kept)),
        torch.from_numpy(starts),
        torch.from_numpy(np.concatenate(list(shares)).astype(np.float32)),
    )


def _strongest(owners: Sequence[int], scores: torch.Tensor) -> list[int]:
    """Return the number of the strongest stretch of each text."""
    strength = (torch.logsumexp(scores[:, :_NO_TOPIC], dim=1) - scores[:, _NO_TOPIC]).tolist()
    best: dict[int, int] = {}
    for at, (owner, most) in enumerate(zip(owners, strength, strict=True)):
        if owner not in best or strength[best[owner]] < most:
            best[owner] = at
    return [best[owner] for owner in sorted(best)]


if __name__ == "__main__":
    main()
