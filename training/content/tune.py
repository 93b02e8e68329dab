"""Choose the thresholds: what few ordinary texts exceed.

One threshold for windows and one for sentences, the same for all categories: with a threshold for
each category, every one would let its own rare texts pass. The texts are marked business texts
that neither training nor the measurement reads, and look-alikes that are kept for validation.

Example:
  .venv/bin/python -m training.content.tune
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from evaluation.content import ordinary
from gateway.classifiers.content.classifier import MODEL, ContentClassifier
from gateway.core.text.canonical import canonical_lines
from training.content.export import write_card
from training.content.written import NONE, Written, written

# Shares of business texts and of look-alikes that may exceed the threshold of windows, and that of
# sentences, of which a text has many.
_WINDOWS, _SENTENCES = (0.0025, 0.02), (0.0, 0.005)
_LEAST, _STEP = 0.5, 0.0001


def main() -> None:
    """Write the thresholds into ``model.json``."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    classifier = ContentClassifier(options.model)
    kept = written(validation=True)
    business = _best(ordinary("chose"), classifier)
    alike = _best([one.text for one in kept if one.category == NONE], classifier)
    found = [
        round(max(_LEAST, _limit(business[at], first), _limit(alike[at], second)) + _STEP, 4)
        for at, (first, second) in enumerate((_WINDOWS, _SENTENCES))
    ]
    write_card(options.model, *(dict.fromkeys(classifier.categories, one) for one in found))
    print("thresholds of windows and sentences:", found)  # noqa: T201
    _print_shares(kept, ContentClassifier(options.model))


def _print_shares(kept: Sequence[Written], classifier: ContentClassifier) -> None:
    """Print what share of the texts for validation exceeds the thresholds, by kind."""
    count: dict[tuple[str, str], list[bool]] = {}
    for one in kept:
        exceeds = bool(classifier.read(canonical_lines(one.text)))
        count.setdefault((one.language, one.category), []).append(exceeds)
    for (language, category), found in sorted(count.items()):
        print(f"{language} {category:20} {sum(found)} of {len(found)}")  # noqa: T201


def _best(texts: Sequence[str], classifier: ContentClassifier) -> tuple[list[float], list[float]]:
    """Return for each text its highest probability of a window, and that of a sentence."""
    windows, sentences = [], []
    for text in texts:
        scores = classifier.scores(canonical_lines(text))
        windows.append(max((one.probability for one in scores if not one.alone), default=0.0))
        sentences.append(max((one.probability for one in scores if one.alone), default=0.0))
    return windows, sentences


def _limit(best: Sequence[float], share: float) -> float:
    """Return the probability that a share of the texts exceeds."""
    return sorted(best, reverse=True)[min(int(share * len(best)), len(best) - 1)]


if __name__ == "__main__":
    main()
