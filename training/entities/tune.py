"""Choose the limits of model.json on the generated and kept-out texts; never on anything else.

What a false find costs, and how often it may be falsely said that something is told, are choices: they were
made while totals of marked texts were compared (docs/privacy.md).

Run: python -m training.entities.tune --cache .training
"""

import json
import sys
from argparse import ArgumentParser
from itertools import product
from pathlib import Path
from typing import Any

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import (
    TYPES,
    Classifier,
    Thresholds,
    TokenBlock,
    decode,
)
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.corpora import Materials, gather
from training.entities.evaluate import EntityScore, kept_out_texts
from training.entities.generator import Generator, Text
from training.entities.special_categories import Telling

_WORD = (0.25, 0.35, 0.5)
_FIND = (0.4, 0.5, 0.6, 0.7, 0.8)
_LOWER = (0.5, 0.6, 0.7, 0.8, 0.9)
COUNT = 1500  # texts
_FALSELY = 0.03  # share of the texts that tell nothing of which it may be said
_FALSE_COST = 0.25  # of a false find, beside a missed one: what is missed leaves


def main() -> None:
    """Write the best limits into model.json."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    tune(options.model, gather(options.cache), options.count)


def tune(folder: Path, materials: Materials, count: int) -> None:
    """Write the best limits into the card of a model; ``count`` texts decide."""
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    generator = Generator(materials, evaluation=True)
    classifier = Classifier(folder, category_threshold=0.0)
    texts = kept_out_texts(generator, count)
    seen = classifier.chances([text.sample.text for text in texts])
    for kind in TYPES:
        choices = [list(c) for c in product(_WORD, _FIND, _LOWER) if c[1] <= c[2]]
        costs = [_cost(texts, seen, kind, choice) for choice in choices]
        card["limits"][kind] = choices[costs.index(min(costs))]
        sys.stdout.write(f"{kind} {card['limits'][kind]}\n")
    card["told"] = _least(classifier, Telling(generator, evaluation=True))
    sys.stdout.write(f"told {card['told']}\n")
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _least(classifier: Classifier, telling: Telling) -> float:
    """The chance above which no more than ``_FALSELY`` of the texts lie that tell nothing."""
    quiet = [told.sample.text for told in telling.once(7) if not told.topic]
    chances = sorted((_surest(found) for found in classifier.find(quiet)), reverse=True)
    return round(chances[int(len(chances) * _FALSELY)], 3)


def _surest(found: list[Entity]) -> float:
    return max((one.score for one in found if one.type in SPECIAL_CATEGORIES), default=0.0)


def _cost(
    texts: list[Text], seen: list[list[tuple[TokenBlock, Any]]], kind: str, limits: list[float]
) -> float:
    never = Thresholds(2.0, 2.0, 2.0)
    table = {name: Thresholds(*limits) if name == kind else never for name in TYPES}
    score = EntityScore()
    for text, blocks in zip(texts, seen, strict=True):
        whole = text.sample.text
        score.add(
            text, [one for block, chances in blocks for one in decode(whole, block, chances, table)]
        )
    missed = score.wanted[kind] - score.hits[kind]
    return missed + _FALSE_COST * (score.predicted[kind] - score.hits[kind])


if __name__ == "__main__":
    main()
