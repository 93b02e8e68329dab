"""Whether a text is about a special category of a person, by two models together.

One is the classifier's second head, with a number per word piece and category; over a stretch their
soft maximum counts, so that one remark within other text is enough. The other weighs the wording. A
stretch is one sentence, or two consecutive ones. How many others a text has does not count, and a
neutral sentence beside a remark does not lower what its wording weighs.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gateway.classifiers.entities.linear_topic_model import LinearTopicModel
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES

SHARPNESS = 4.0  # of the soft maximum
LENGTH = 0.5  # the penalty of a longer stretch, as a power of its length
_CLIP = 12.0  # numbers are clipped to this
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")


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
    windows: Sequence[tuple[Sequence[int], Any]],
    wording: LinearTopicModel,
    limit: float,
) -> list[Entity]:
    """Return the categories of a text, each with the stretch of the highest probability.

    Args:
        text: The whole text.
        names: Its entities, which are not part of the wording.
        windows: Per window the starts of its pieces, and an array [pieces, categories].
        wording: The linear model.
        limit: The least probability that counts.
    """
    places = sentences(text)
    if not places:
        return []
    probabilities = chances(text, places, names, windows, wording)
    stretches = [*places, *((start, end) for (start, _), (_, end) in pairwise(places))]
    found = []
    for category, column in zip(SPECIAL_CATEGORIES, probabilities.T, strict=True):
        at = int(column.argmax())
        if column[at] >= limit:
            found.append(Entity(*stretches[at], category, round(float(column[at]), 4)))
    return found


def chances(
    text: str,
    places: Sequence[tuple[int, int]],
    names: Sequence[Entity],
    windows: Sequence[tuple[Sequence[int], Any]],
    wording: LinearTopicModel,
) -> Any:
    """Return an array [stretches, categories] of probabilities: sentences first, then pairs."""
    worded = blank_names(text, names)
    sums, counts = wording.sums(worded[start:end] for start, end in places)
    weighed = wording.numbers(_with_pairs(sums), _with_pairs(counts))
    numbers = weighed + _soft_maximum(places, windows)
    return 1 / (1 + np.exp(-numbers))


def _soft_maximum(
    places: Sequence[tuple[int, int]], windows: Sequence[tuple[Sequence[int], Any]]
) -> Any:
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
