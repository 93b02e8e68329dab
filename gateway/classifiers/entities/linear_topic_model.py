"""A linear model of the wording about special categories, which is part of the product.

It weighs words, pairs of words, and parts of words, so that it also recognises words that it never
saw as a whole. Names are not part of it. ``training.entities`` trains its weights.
"""

import re
import struct
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice
from typing import Any
from zlib import crc32

import numpy as np

from gateway.core.finding import SPECIAL_CATEGORIES

SHORT = 200  # the least number of features of a stretch: a short text proves little
CLASSES = len(SPECIAL_CATEGORIES) + 1  # the last class: no category
_HEAD = struct.Struct("<4sII")
_MARK = b"SLW1"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PARTS = (4, 5, 6)
_LONGEST = 40  # characters of a word that are used
_TOGETHER = 64  # sentences whose features are summed at once
_CACHED = 16_384  # words whose features are kept: at most some 20 MB


def features(text: str, buckets: int) -> list[int]:
    """Return the numbers of the features of a sentence, each below ``buckets``."""
    words = [word[:_LONGEST].encode() for word in _WORD.findall(text.lower())]
    if not words:
        return []
    found = {
        crc32(b"2" + a + b" " + b) for a, b in zip([b"^", *words], [*words, b"$"], strict=True)
    }
    found.update([crc32(b"3" + a + b" " + b) for a, b in zip(words, words[2:], strict=False)])
    for word in set(words):
        found.update(_word_features(word))
    return [number % buckets for number in found]


@lru_cache(_CACHED)
def _word_features(word: bytes) -> tuple[int, ...]:
    """Return the sums of a word and of its parts; most words of a text recur."""
    found = [crc32(b"1" + word)]
    if len(word) > _PARTS[0] - 1:
        edged = b"<" + word + b">"
        found += [
            crc32(edged[at : at + size]) for size in _PARTS for at in range(len(edged) - size + 1)
        ]
    return tuple(found)


class LinearTopicModel:
    """The model in memory; weights are integers from -127 to 127 with a scale for each class."""

    def __init__(self, data: bytes) -> None:
        """Load the output of ``packed``.

        Raises:
            ValueError: the data has another format.
        """
        if len(data) < _HEAD.size:
            raise ValueError("these are no weights of wordings")
        mark, self.buckets, classes = _HEAD.unpack(data[: _HEAD.size])
        size = _HEAD.size + 8 * classes + self.buckets * classes
        if mark != _MARK or classes != CLASSES or len(data) != size:
            raise ValueError("these are no weights of wordings")
        numbers = np.frombuffer(data, "<f4", 2 * classes, _HEAD.size)
        self._scales, self._bias = numbers[:classes], numbers[classes:]
        weights = np.frombuffer(data, np.int8, self.buckets * classes, _HEAD.size + 8 * classes)
        self._weights = weights.reshape(self.buckets, classes)

    def sums(self, sentences: Iterable[str]) -> tuple[Any, Any]:
        """Return per sentence the sums of weights by class, and the number of features."""
        rows, counts = [np.zeros((0, CLASSES), np.int32)], [np.zeros(0, np.int64)]
        rest = iter(sentences)
        while batch := list(islice(rest, _TOGETHER)):
            found = [features(sentence, self.buckets) for sentence in batch]
            counts.append(np.array([len(one) for one in found], np.int64))
            ends = np.cumsum(counts[-1])
            numbers = np.fromiter(chain.from_iterable(found), np.int64, int(ends[-1]))
            totals = np.zeros((len(numbers) + 1, CLASSES), np.int32)
            np.cumsum(self._weights[numbers], axis=0, dtype=np.int32, out=totals[1:])
            rows.append(totals[ends] - totals[ends - counts[-1]])
        sums = np.concatenate(rows).astype(np.float32) * self._scales
        return sums, np.concatenate(counts).astype(np.float32)

    def numbers(self, sums: Any, counts: Any) -> Any:
        """Return per stretch and category the evidence for it over that for no category."""
        classes = sums / np.sqrt(np.maximum(counts, SHORT))[:, None] + self._bias
        return classes[:, :-1] - classes[:, -1:]


def packed(weights: Any, bias: Any) -> bytes:
    """Return the file of a model: ``weights`` [buckets, classes] and ``bias`` [classes]."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    whole = np.rint(weights / scales).astype(np.int8)
    head = _HEAD.pack(_MARK, len(weights), CLASSES)
    return b"".join([
        head,
        scales.astype("<f4").tobytes(),
        bias.astype("<f4").tobytes(),
        whole.tobytes(),
    ])
