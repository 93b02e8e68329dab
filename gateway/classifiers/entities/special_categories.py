"""Whether a text is about a special category of a person, by two models together.

One is the classifier's second head, with a number per word piece and category; over a stretch their
soft maximum counts, so that one remark within other text is enough. The other weighs the wording. A
stretch is one sentence, or two consecutive ones. How many others a text has does not count, and a
neutral sentence beside a remark does not lower what its wording weighs.

The network reads a sentence together with those around it, which lowers the numbers of the second
head. Where no stretch reaches the limit, the most doubtful sentences are therefore read again,
each as a text of its own.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gateway.classifiers.entities.linear_topic_model import CLASSES, LinearTopicModel
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES

SHARPNESS = 4.0  # of the soft maximum
LENGTH = 0.5  # the penalty of a longer stretch, as a power of its length
_CLIP = 12.0  # numbers are clipped to this
_LEAST = -5.0  # of the gate: below it no wording makes a category likely
_READ_AGAIN = 4  # the most sentences of a text that are read again
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")

Window = tuple[Sequence[int], Any]  # starts of its pieces, and an array [pieces, categories]


class CategoryLimits(NamedTuple):
    """The least probability that counts, and the least with which a sentence is read again."""

    find: float
    doubt: float


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the places of sentences and lines of a text; none is empty."""
    places, start = [], 0
    for gap in [*_BREAK.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[start:end].strip():
            places.append((start, end))
        start = gap.end() if gap else end
    return places


def detect(
    text: str,
    names: Sequence[Entity],
    windows: Sequence[Window],
    wording: LinearTopicModel,
    limits: CategoryLimits,
    read: Callable[[str], Sequence[Window]],
) -> list[Entity]:
    """Return the categories of a text, each with the stretch of the highest probability.

    Args:
        text: The whole text.
        names: Its entities, which are not part of the wording.
        windows: What the network read.
        wording: The linear model.
        limits: The least probabilities.
        read: The network. It gets at most ``_READ_AGAIN`` sentences of the text.
    """
    places = sentences(text)
    if not places:
        return []
    probabilities = chances(text, places, names, windows, wording)
    if len(places) > 1 and probabilities.max() < limits.find:
        _read_again(text, places, names, wording, limits.doubt, read, probabilities)
    stretches = [*places, *((start, end) for (start, _), (_, end) in pairwise(places))]
    found = []
    for category, column in zip(SPECIAL_CATEGORIES, probabilities.T, strict=True):
        at = int(column.argmax())
        if column[at] >= limits.find:
            found.append(Entity(*stretches[at], category, round(float(column[at]), 4)))
    return found


def possible(
    text: str,
    places: Sequence[tuple[int, int]],
    windows: Sequence[Window],
    wording: LinearTopicModel,
    limit: float,
) -> set[int]:
    """Return the numbers of the sentences that may state a category, by the gate and the wording.

    The arguments are those of ``detect``, with the numbers of the gate in ``windows``. The wording
    is weighed only where it can matter.
    """
    numbers = _soft_maximum(places, windows)
    size = len(places)
    weighed = np.flatnonzero(numbers.max(axis=1) >= _LEAST)
    read = sorted({at for row in weighed for at in _members(int(row), size)})
    if not read:
        return set()
    sums, counts = np.zeros((size, CLASSES), np.float32), np.zeros(size, np.float32)
    sums[read], counts[read] = wording.sums(text[slice(*places[at])] for at in read)
    numbers += wording.numbers(_with_pairs(sums), _with_pairs(counts))
    stated = weighed[(1 / (1 + np.exp(-numbers[weighed]))).max(axis=1) >= limit]
    return {at for row in stated for at in _members(int(row), size)}


def _members(row: int, size: int) -> tuple[int, int]:
    """Return the sentences of a stretch, or the sentence and the next one, which it may go with."""
    at = row if row < size else row - size
    return at, min(at + 1, size - 1)


def _read_again(
    text: str,
    places: Sequence[tuple[int, int]],
    names: Sequence[Entity],
    wording: LinearTopicModel,
    doubt: float,
    read: Callable[[str], Sequence[Window]],
    probabilities: Any,
) -> None:
    """Raise the probabilities of doubtful sentences to those that they have as texts."""
    best = probabilities[: len(places)].max(axis=1)
    for at in np.argsort(-best, kind="stable")[:_READ_AGAIN]:
        if best[at] < doubt:
            break
        start, end = places[at]
        own = [
            Entity(one.start - start, one.end - start, one.type, one.score)
            for one in names
            if start <= one.start and one.end <= end
        ]
        sentence = text[start:end]
        alone = chances(sentence, [(0, end - start)], own, read(sentence), wording)
        probabilities[at] = np.maximum(probabilities[at], alone[0])


def chances(
    text: str,
    places: Sequence[tuple[int, int]],
    names: Sequence[Entity],
    windows: Sequence[Window],
    wording: LinearTopicModel,
) -> Any:
    """Return an array [stretches, categories] of probabilities: sentences first, then pairs."""
    worded = blank_names(text, names)
    sums, counts = wording.sums(worded[start:end] for start, end in places)
    weighed = wording.numbers(_with_pairs(sums), _with_pairs(counts))
    numbers = weighed + _soft_maximum(places, windows)
    return 1 / (1 + np.exp(-numbers))


def _soft_maximum(places: Sequence[tuple[int, int]], windows: Sequence[Window]) -> Any:
    """Return per stretch and category the soft maximum over its pieces."""
    starts = np.array([start for start, _ in places])
    mass = np.zeros((len(places), len(SPECIAL_CATEGORIES)))
    count = np.zeros(len(places))
    for pieces, numbers in windows:
        own = np.maximum(np.searchsorted(starts, pieces, side="right") - 1, 0)
        powers = np.exp(np.clip(numbers, -_CLIP, _CLIP).astype(np.float64) * SHARPNESS)
        np.add.at(mass, own, powers)
        np.add.at(count, own, 1)
    mass, count = _with_pairs(mass), np.maximum(_with_pairs(count), 1)
    least = np.exp(-_CLIP * SHARPNESS)
    return (np.log(np.maximum(mass, least)) - LENGTH * np.log(count)[:, None]) / SHARPNESS


def _with_pairs(of_sentences: Any) -> Any:
    """Return sums of each sentence, followed by those of each sentence and the next."""
    return np.concatenate([of_sentences, of_sentences[:-1] + of_sentences[1:]])


def blank_names(text: str, names: Sequence[Entity]) -> str:
    """Return the text with blanks for names, which are in order and do not overlap."""
    parts, done = [], 0
    for one in names:
        parts += [text[done : one.start], " " * (one.end - one.start)]
        done = one.end
    return "".join([*parts, text[done:]])
