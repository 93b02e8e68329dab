"""Whether a text attacks a model or asks for harm, and where.

The classifier reads text in its canonical form. It knows wording in Dutch and English; attacks in
other languages are found by chance only. ``card.md`` beside the model says what it was measured on.
"""

import hashlib
import json
import re
from bisect import bisect_left
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Tokenizer

from gateway.classifiers.content.network import ContentNetwork, Window
from gateway.classifiers.content.words import normal, places

MODEL = Path(__file__).parent / "model"
_CARD, _WEIGHTS, _TOKENIZER = "model.json", "content.npz", "tokenizer.json"
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")
_QUOTE = re.compile(r"[\"“”„«»]|(?<!\w)['‘]|['’](?!\w)|\n")
_FEWEST, _FEWEST_ALONE = 3, 6  # words with letters; fewer of a text or sentence say nothing
_SMOOTH = np.ones(7, np.float32)  # words over which shares are summed to find the place


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
        with np.load(directory / _WEIGHTS, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        tokenizer = Tokenizer.from_file(str(directory / _TOKENIZER))
        self.version: str = card["version"]
        self.categories: tuple[str, ...] = tuple(card["categories"])
        self.thresholds: dict[str, float] = card["thresholds"]
        self.sentence_thresholds: dict[str, float] = card["sentence_thresholds"]
        self._network = ContentNetwork(arrays, tokenizer)

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

        A text with fewer than three words has none. A sentence counts from six words, unless it
        begins within quotation marks: there the text around it decides.
        """
        spans = places(text)
        words = [normal(text[start:end]) for start, end in spans]
        letters = np.cumsum([0, *(word[0].isalpha() for word in words)])
        if letters[-1] < _FEWEST:
            return []
        windows = self._network.windows(words, _sentences(text, spans))
        quoted = _quoted(text, [start for start, _ in spans])
        return [
            self._finding(text, spans, window)
            for window in windows
            if not window.alone
            or (
                letters[window.end] - letters[window.start] >= _FEWEST_ALONE
                and not quoted[window.start]
            )
        ]

    def _finding(self, text: str, spans: list[tuple[int, int]], window: Window) -> ContentFinding:
        at = int(window.probabilities[:-1].argmax())
        probability = 1 - float(window.probabilities[-1])
        word = window.start + int(_smoothed(window.shares[:, at]).argmax())
        first, last = spans[window.start][0], spans[window.end - 1][1]
        start, end = _sentence(text, first, last, spans[word][0])
        return ContentFinding(self.categories[at], round(probability, 4), start, end, window.alone)


def _smoothed(shares: Any) -> Any:
    if len(shares) < len(_SMOOTH):
        return shares
    return np.convolve(shares, _SMOOTH, "same")


def _sentences(text: str, spans: list[tuple[int, int]]) -> list[int]:
    """Return the numbers of the words that begin a sentence or a line."""
    starts = [start for start, _ in spans]
    gaps = {bisect_left(starts, gap.end()) for gap in _BREAK.finditer(text)}
    return sorted({0} | (gaps - {len(spans)}))


def _quoted(text: str, starts: list[int]) -> list[bool]:
    """Return for each word whether a quotation mark of its line is open before it."""
    marks = [(found.start(), found[0] == "\n") for found in _QUOTE.finditer(text)]
    found, is_open, at = [], False, 0
    for start in starts:
        while at < len(marks) and marks[at][0] < start:
            is_open = not marks[at][1] and not is_open
            at += 1
        found.append(is_open)
    return found


def _sentence(text: str, first: int, last: int, place: int) -> tuple[int, int]:
    """Return the sentence around a place, within ``first`` and ``last``."""
    start, end = first, last
    for gap in _BREAK.finditer(text, first, last):
        if gap.end() <= place:
            start = gap.end()
        elif gap.start() > place:
            end = gap.start()
            break
    return start, end
