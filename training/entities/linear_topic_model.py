"""The linear model of wordings: trained in about a minute, after the network.

Run: python -m training.entities.linear_topic_model --cache .training
"""

import hashlib
import json
from argparse import ArgumentParser
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
from training.entities.corpora import Materials, gather
from training.entities.generator import Generator
from training.entities.special_categories import LANGUAGES, Telling
from training.entities.template_slots import Sample

FILE = "wording.bin"
BUCKETS = 1 << 17
_NOTHING = len(SPECIAL_CATEGORIES)
_QUIET_TEXTS = 4000  # texts of every kind in which no rule sees a category
_ROUNDS, _BATCH, _RATE = 14, 64, 0.4
_SEEN = 3  # texts that must have a feature, else it counts for nothing
_DROPPED = 0.5  # share of the features that are left out at each look
_DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class _Example:
    """Features of each stretch of a text, and its class."""

    stretches: list[Any]
    topic: int


def main() -> None:
    """Train, and write the file and its digest into the folder of the model."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    train_wording(options.model, gather(options.cache), options.cache)


def train_wording(folder: Path, materials: Materials, cache: Path, most: int | None = None) -> None:
    """Writes the weights into a model's folder, and their digest into its card.

    It learns from texts that tell something and from generated ones in which nothing is told; ``most`` is how many of
    each, if not all. ``cache`` keeps what was compiled.
    """
    generator = Generator(materials, evaluation=False)
    told = [(one.sample, one.topic) for one in Telling(generator, evaluation=False).once(5)]
    told = told[:most]
    told += [
        (sample, "")
        for sample in islice(_nothing_told(generator, Detector(cache)), most or _QUIET_TEXTS)
    ]
    data = packed(*_fitted([one for one in map(_example, told) if one.stretches]))
    (folder / FILE).write_bytes(data)
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["files"][FILE] = hashlib.sha256(data).hexdigest()
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _nothing_told(generator: Generator, detector: Detector) -> Iterator[Sample]:
    """Generated texts without any word of a category: most are of people, none tells on them."""
    for text in generator.texts(5):
        if text.language in LANGUAGES and not any(
            finding.kind is FindingKind.TOPIC for finding in detector.scan(text.sample.text)
        ):
            yield text.sample


def _example(told: tuple[Sample, str]) -> _Example:
    sample, topic = told
    names = [Entity(a, b, kind, 1.0) for a, b, kind in sorted(sample.merged().spans) if kind != "?"]
    text = blank_names(sample.text, names)
    found = [np.array(features(text[a:b], BUCKETS), np.int64) for a, b in sentences(text)]
    pairs = [np.concatenate(pair) for pair in pairwise(found)] or found
    number = SPECIAL_CATEGORIES.index(topic) if topic else _NOTHING
    return _Example([one for one in pairs if len(one)], number)


def _fitted(examples: list[_Example]) -> tuple[Any, Any]:
    """Weights and bias; a text counts by the stretch that tells most."""
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
            kept = [one[known[one] & (drop.random(len(one)) > _DROPPED)] for _, one in stretches]
            scores = weights(*_bags([one for _, one in stretches], kept)) + bias
            most = _most([own for own, _ in stretches], scores)
            wanted = torch.tensor([e.topic for e in batch])
            loss = cross_entropy(scores[most], wanted, label_smoothing=_DOUBT)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return weights.weight.detach().numpy() * known[:, None], bias.detach().numpy()


def _known(examples: list[_Example]) -> Any:
    """Which features occur in texts enough."""
    seen = Counter[int]()
    for example in examples:
        seen.update(np.unique(np.concatenate(example.stretches)).tolist())
    known = np.zeros(BUCKETS, bool)
    known[[number for number, count in seen.items() if count >= _SEEN]] = True
    return known


def _bags(
    whole: Sequence[Any], kept: Sequence[Any]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What an embedding bag takes: numbers, where each stretch begins, and a weight for each."""
    starts = np.cumsum([0, *(len(one) for one in kept[:-1])])
    shares = (
        np.full(len(part), (1 - _DROPPED) ** -1 / max(len(one), SHORT) ** 0.5)
        for one, part in zip(whole, kept, strict=True)
    )
    return (
        torch.from_numpy(np.concatenate(kept)),
        torch.from_numpy(starts),
        torch.from_numpy(np.concatenate(list(shares)).astype(np.float32)),
    )


def _most(owners: Sequence[int], scores: torch.Tensor) -> list[int]:
    """For each text the number of the stretch that tells most."""
    telling = (torch.logsumexp(scores[:, :_NOTHING], dim=1) - scores[:, _NOTHING]).tolist()
    best: dict[int, int] = {}
    for at, (owner, most) in enumerate(zip(owners, telling, strict=True)):
        if owner not in best or telling[best[owner]] < most:
            best[owner] = at
    return [best[owner] for owner in sorted(best)]


if __name__ == "__main__":
    main()
