"""Choose the thresholds: what few ordinary texts exceed.

One threshold for windows and one for sentences, the same for all categories: with a threshold for
each category, every one would let its own rare texts pass. The texts are marked business texts
that neither training nor the measurement reads, and generated look-alikes of a seed that training
did not use.

Example:
  .venv/bin/python -m training.content.tune --cache /var/tmp/content
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from evaluation.content import ordinary
from gateway.classifiers.content.classifier import MODEL, ContentClassifier
from training.content import corpus
from training.content.export import write_card
from training.content.texts import Texts

_SEED, _GENERATED = 9001, 3000
_WINDOWS, _SENTENCES = 0.002, 0.0008  # shares of business texts that may exceed a threshold
_DRAWN = 0.01  # the same for generated look-alikes
_LEAST, _STEP = 0.5, 0.0001


def main() -> None:
    """Write the thresholds into ``model.json``."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    classifier = ContentClassifier(options.model)
    texts = Texts(corpus.ordinary(*corpus.load(options.cache)))
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    best = _best(ordinary("chose"), classifier)
    drawn = _best([texts.harmless(rng).text for _ in range(_GENERATED)], classifier)
    found = [
        max(_LEAST, _limit(best[at], share), _limit(drawn[at], _DRAWN)) + _STEP
        for at, share in enumerate((_WINDOWS, _SENTENCES))
    ]
    write_card(
        options.model,
        *(dict.fromkeys(classifier.categories, round(min(one, 1.0), 4)) for one in found),
    )
    print(found)  # noqa: T201


def _best(texts: Sequence[str], classifier: ContentClassifier) -> tuple[list[float], list[float]]:
    """Return for each text its highest probability of a window, and that of a sentence."""
    windows, sentences = [], []
    for text in texts:
        scores = classifier.scores(text)
        windows.append(max((one.probability for one in scores if not one.alone), default=0.0))
        sentences.append(max((one.probability for one in scores if one.alone), default=0.0))
    return windows, sentences


def _limit(best: Sequence[float], share: float) -> float:
    """Return the probability that a share of the texts exceeds."""
    return sorted(best, reverse=True)[min(int(share * len(best)), len(best) - 1)]


if __name__ == "__main__":
    main()
