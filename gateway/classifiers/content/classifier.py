"""Whether a text attacks a model or asks for harm, and where.

The classifier reads text in its canonical form. It knows wording in Dutch and English; attacks in
other languages are found by chance only. ``card.md`` beside the model says what it was measured on.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from gateway.classifiers.content.network import ContentNetwork
from gateway.classifiers.content.stretches import Stretch, stretches

MODEL = Path(__file__).parent / "model"
_CARD, _TOKENIZER = "model.json", "tokenizer.json"


class ContentFinding(NamedTuple):
    """An attack or a request for harm, and the sentence that shows it most."""

    category: str
    probability: float  # that the window or sentence is no ordinary text
    start: int  # code points
    end: int
    alone: bool = False  # whether the sentence was read without those around it


class ContentClassifier:
    """The model of a folder in memory. Calls from several threads at once are not safe."""

    def __init__(self, directory: Path = MODEL) -> None:
        """Load a model.

        Raises:
            ValueError: a file has another SHA-256 than ``model.json`` says.
            OSError: a file is missing.
        """
        card = json.loads((directory / _CARD).read_text(encoding="utf-8"))
        for name, digest in card["files"].items():
            if hashlib.sha256((directory / name).read_bytes()).hexdigest() != digest:
                raise ValueError(f"{name} has another SHA-256 than model.json says")
        self._tokenizer = Tokenizer.from_file(str(directory / _TOKENIZER))
        self.version: str = card["version"]
        self.categories: tuple[str, ...] = tuple(card["categories"])
        self.thresholds: dict[str, float] = card["thresholds"]
        self.sentence_thresholds: dict[str, float] = card["sentence_thresholds"]
        self._network = ContentNetwork(directory)

    def read(self, text: str) -> list[ContentFinding]:
        """Return what exceeds the thresholds, at most one finding a category, in order of place."""
        best: dict[str, ContentFinding] = {}
        for finding in self.scores(text):
            known = best.get(finding.category)
            if self._counts(finding) and (known is None or finding.probability > known.probability):
                best[finding.category] = finding
        return sorted(best.values(), key=lambda one: one.start)

    def _counts(self, finding: ContentFinding) -> bool:
        limits = self.sentence_thresholds if finding.alone else self.thresholds
        return finding.probability >= limits[finding.category]

    def scores(self, text: str) -> list[ContentFinding]:
        """Return the likeliest category of each window and sentence, however unlikely.

        A text with fewer than three words has none.
        """
        read = self._tokenizer.encode(text)
        own = stretches(text, read.offsets)
        if not own:
            return []
        found = self._network.probabilities(read.ids, [(one.start, one.end) for one in own])
        best = found[:, :-1].argmax(axis=1)
        sentences = [at for at, one in enumerate(own) if one.alone]
        begins = [own[at].start for at in sentences]
        return [
            ContentFinding(
                self.categories[best[at]],
                round(1 - float(found[at, -1]), 4),
                *_place(one, own, _within(one, sentences, begins), found[:, best[at]]),
                one.alone,
            )
            for at, one in enumerate(own)
        ]


def _within(window: Stretch, sentences: Sequence[int], begins: Sequence[int]) -> Sequence[int]:
    """Return the numbers of the sentences that may overlap a window."""
    first = max(0, bisect_left(begins, window.start) - 1)
    return sentences[first : bisect_left(begins, window.end)]


def _place(
    window: Stretch, every: Sequence[Stretch], near: Sequence[int], probabilities: Any
) -> tuple[int, int]:
    """Return the sentence of a window that shows a category most, or the window itself."""
    inside = [(float(probabilities[at]), every[at]) for at in near if every[at].end > window.start]
    _, best = max(inside, key=lambda one: one[0], default=(0.0, window))
    return max(best.first, window.first), min(best.last, window.last)
