"""Whether a text tells something of a special category of somebody, as two models see it together.

One is the classifier's second head, which gives each word piece a number for each category; over a stretch
their soft maximum counts, so that one remark in the midst of other business is enough. The other weighs
the wording. A stretch is two sentences that follow each other.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from gateway.classifiers.entities.linear_topic_model import LinearTopicModel
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES

SHARPNESS = 4.0  # of the soft maximum
LENGTH = 0.5  # what a longer stretch must have more, as a power of its length
_MANY = 0.75  # what one of many stretches must have more, as a power of their number
_FARTHEST = 12.0  # beyond this a number says no more
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n+")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences and lines of a text lie; none is empty."""
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
    """The categories that some stretch tells of, each with the stretch that tells it most.

    Args:
        text: All of it.
        names: What was found in it, which is no part of the wording.
        windows: Where the pieces of a window start, and an array [pieces, categories]; for each.
        wording: The other model.
        limit: The least chance that counts.
    """
    places = sentences(text)
    if not places:
        return []
    sure = chances(text, places, names, windows, wording)
    found = []
    for category, column in zip(SPECIAL_CATEGORIES, sure.T, strict=True):
        at = int(column.argmax())
        if column[at] >= limit:
            end = places[min(at + 1, len(places) - 1)][1]
            found.append(Entity(places[at][0], end, category, round(float(column[at]), 4)))
    return found


def chances(
    text: str,
    places: Sequence[tuple[int, int]],
    names: Sequence[Entity],
    windows: Sequence[tuple[Sequence[int], Any]],
    wording: LinearTopicModel,
) -> Any:
    """An array [stretches, categories]: how sure it is that a stretch tells something of each."""
    worded = without(text, names)
    sums, counts = wording.sums(worded[start:end] for start, end in places)
    weighed = wording.numbers(_paired(sums), _paired(counts))
    numbers = weighed + _softly(places, windows)
    return 1 / (1 + np.exp(_MANY * np.log(len(numbers)) - numbers))


def _softly(places: Sequence[tuple[int, int]], windows: Sequence[tuple[Sequence[int], Any]]) -> Any:
    """Per stretch and category the soft maximum of what the head gives its pieces."""
    starts = np.array([start for start, _ in places])
    mass = np.zeros((len(places), len(SPECIAL_CATEGORIES)))
    count = np.zeros(len(places))
    for pieces, numbers in windows:
        own = np.maximum(np.searchsorted(starts, pieces, side="right") - 1, 0)
        powers = np.exp(np.clip(numbers, -_FARTHEST, _FARTHEST).astype(np.float64) * SHARPNESS)
        np.add.at(mass, own, powers)
        np.add.at(count, own, 1)
    mass, count = _paired(mass), np.maximum(_paired(count), 1)
    least = np.exp(-_FARTHEST * SHARPNESS)
    return (np.log(np.maximum(mass, least)) - LENGTH * np.log(count)[:, None]) / SHARPNESS


def _paired(of_sentences: Any) -> Any:
    """Sums of each sentence and the next; a lone one stays alone."""
    if len(of_sentences) == 1:
        return of_sentences
    return of_sentences[:-1] + of_sentences[1:]


def without(text: str, names: Sequence[Entity]) -> str:
    """The text with blanks in the place of names, which are in order and apart."""
    parts, done = [], 0
    for one in names:
        parts += [text[done : one.start], " " * (one.end - one.start)]
        done = one.end
    return "".join([*parts, text[done:]])
