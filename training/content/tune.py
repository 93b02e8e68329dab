"""Choose the thresholds: what few ordinary texts exceed, for each category.

The texts are one half of the marked business texts in ``evaluation`` and generated ordinary texts
of a seed that training did not use.

Example:
  .venv/bin/python -m training.content.tune --cache /var/tmp/content
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random

from evaluation.content import ordinary
from gateway.classifiers.content.classifier import MODEL, ContentClassifier
from training.content import corpus
from training.content.export import write_card
from training.content.texts import Texts

_SEED, _GENERATED = 9001, 4000
_BUSINESS, _DRAWN = 0.0002, 0.0008  # shares of texts that one category may refuse
_LEAST = 0.5


def main() -> None:
    """Write the thresholds into ``model.json``."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    classifier = ContentClassifier(options.model)
    texts = Texts(corpus.ordinary(*corpus.load(options.cache)))
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    drawn = [texts.harmless(rng).text for _ in range(_GENERATED)]
    business = ordinary(chose=True)
    limits = [
        _limits(business, classifier, round(_BUSINESS * len(business))),
        _limits(drawn, classifier, round(_DRAWN * len(drawn))),
    ]
    found = {
        name: round(max(_LEAST, *(one.get(name, 0.0) for one in limits)) + 0.0001, 4)
        for name in classifier.categories
    }
    write_card(options.model, found)
    print(found)  # noqa: T201


def _limits(texts: Iterable[str], classifier: ContentClassifier, most: int) -> dict[str, float]:
    """Return the highest probability by category that more than ``most`` texts do not reach."""
    scores = defaultdict(list)
    for text in texts:
        best: dict[str, float] = {}
        for one in classifier.scores(text):
            best[one.category] = max(best.get(one.category, 0.0), one.probability)
        for category, probability in best.items():
            scores[category].append(probability)
    return {name: sorted(of, reverse=True)[min(most, len(of) - 1)] for name, of in scores.items()}


if __name__ == "__main__":
    main()
