"""Choose the limits of model.json on held-out generated texts only.

The cost of a false entity and the share of false special categories are choices. They were made
while totals of the marked data sets were compared (docs/detection.md).

Example:
  .venv/bin/python -m training.entities.tune --cache .training
"""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from itertools import product
from pathlib import Path
from typing import Any

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES, Thresholds, decode
from gateway.classifiers.entities.word_pieces import TokenBlock
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.corpora import Corpora, load_corpora
from training.entities.evaluate import EntityScore, heldout_texts
from training.entities.generator import Generator, Text
from training.entities.special_categories import CategoryTexts

_WORD_LIMITS = (0.25, 0.35, 0.5)
_FIND_LIMITS = (0.4, 0.5, 0.6, 0.7, 0.8)
_LOWER_LIMITS = (0.5, 0.6, 0.7, 0.8, 0.9)
COUNT = 1500  # texts
_FALSE_SHARE = 0.03  # largest share of neutral texts with a special category
_FALSE_COST = 0.25  # of a false entity, relative to a missed one, which leaves unredacted


def main() -> None:
    """Write the best limits into model.json."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    tune(options.model, load_corpora(options.cache), options.count)


def tune(folder: Path, corpora: Corpora, count: int) -> None:
    """Write the best limits into the card of a model; ``count`` texts decide."""
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    generator = Generator(corpora, evaluation=True)
    classifier = Classifier(folder, category_threshold=0.0)
    texts = heldout_texts(generator, count)
    chances = classifier.chances([text.sample.text for text in texts])
    for kind in TYPES:
        choices = [
            list(c) for c in product(_WORD_LIMITS, _FIND_LIMITS, _LOWER_LIMITS) if c[1] <= c[2]
        ]
        costs = [_cost(texts, chances, kind, choice) for choice in choices]
        card["limits"][kind] = choices[costs.index(min(costs))]
        sys.stdout.write(f"{kind} {card['limits'][kind]}\n")
    card["told"] = _category_threshold(classifier, CategoryTexts(generator, evaluation=True))
    sys.stdout.write(f"told {card['told']}\n")
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _category_threshold(classifier: Classifier, source: CategoryTexts) -> float:
    """Return the probability that at most ``_FALSE_SHARE`` of the neutral texts exceed."""
    neutral = [text.sample.text for text in source.once(7) if not text.topic]
    chances = sorted((_highest_score(found) for found in classifier.find(neutral)), reverse=True)
    return round(chances[int(len(chances) * _FALSE_SHARE)], 3)


def _highest_score(found: list[Entity]) -> float:
    return max((one.score for one in found if one.type in SPECIAL_CATEGORIES), default=0.0)


def _cost(
    texts: list[Text], found: list[list[tuple[TokenBlock, Any]]], kind: str, limits: list[float]
) -> float:
    never = Thresholds(2.0, 2.0, 2.0)
    table = {name: Thresholds(*limits) if name == kind else never for name in TYPES}
    score = EntityScore()
    for text, blocks in zip(texts, found, strict=True):
        whole = text.sample.text
        score.add(
            text, [one for block, chances in blocks for one in decode(whole, block, chances, table)]
        )
    missed = score.gold[kind] - score.hits[kind]
    return missed + _FALSE_COST * (score.predicted[kind] - score.hits[kind])


if __name__ == "__main__":
    main()
