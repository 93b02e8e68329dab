"""The gate: a small convolutional network over words that decides what the large one must read.

A word is the sum of rows of one table (``word_features``). Two residual convolutions over three
words with maxout follow (Goodfellow et al., "Maxout Networks", 2013), then the labels of entities
and a number for each special category. It runs in numpy, in a few hundredths of the time that the
large network takes.
"""

import math
from typing import Any

import numpy as np

from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.doubt import DoubtLimits
from gateway.classifiers.entities.word_features import BITS, TextWords, rows_of
from gateway.core.finding import SPECIAL_CATEGORIES

WIDTH = 64
LAYERS = 2
LABELS = 1 + 2 * len(TYPES)
OUTPUTS = LABELS + len(SPECIAL_CATEGORIES)
EPSILON = 1e-5
_MARK = b"SLG1"
_PART = 2048  # words that are computed at once
_REACH = LAYERS  # words on each side that the convolutions see


class Gate:
    """The network in memory: a table in eight bits, the rest as floats."""

    def __init__(self, data: bytes, limits: DoubtLimits) -> None:
        """Load the output of ``packed``; ``limits`` are the settings of its use.

        Raises:
            ValueError: the data has another format.
        """
        weights = _unpacked(data)
        self.limits = limits
        self._table = weights["table"]
        self._norms = [(weights[f"gain{n}"], weights[f"bias{n}"]) for n in range(LAYERS + 1)]
        self._turns = [(weights[f"turn{n}"], weights[f"shift{n}"]) for n in range(LAYERS)]
        self._out, self._out_bias = weights["out"], weights["out_bias"]

    def read(self, words: TextWords) -> tuple[Any, Any]:
        """Return arrays [words, labels] of probabilities and [words, categories] of numbers."""
        rows = rows_of(words.numbers)
        parts = [np.zeros((0, OUTPUTS), np.float32)]
        for at in range(0, len(rows), _PART):
            first = max(0, at - _REACH)
            outputs = self._outputs(rows[first : at + _PART + _REACH])
            parts.append(outputs[at - first :][:_PART])
        outputs = np.concatenate(parts)
        powers = np.exp(outputs[:, :LABELS] - outputs[:, :LABELS].max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True), outputs[:, LABELS:]

    def _outputs(self, rows: Any) -> Any:
        total = np.zeros((len(rows), WIDTH), np.int16)
        for feature in np.ascontiguousarray(rows.T):
            total += self._table.take(feature, axis=0)
        value = _normalised(total.astype(np.float32), self._norms[0])
        for (matrix, shift), norm in zip(self._turns, self._norms[1:], strict=True):
            padded = np.zeros((len(value) + 2, WIDTH), np.float32)
            padded[1:-1] = value
            near = np.concatenate([padded[:-2], value, padded[2:]], axis=1)
            wide = near @ matrix + shift
            value = _normalised(value + np.maximum(wide[:, :WIDTH], wide[:, WIDTH:]), norm)
        return value @ self._out + self._out_bias


def packed(weights: dict[str, Any]) -> bytes:
    """Return the file of a gate: a mark, then the weights in the order of ``_SHAPES``.

    The table is in eight bits, the rest in little-endian floats. One scale for the whole table is
    enough, because the norm behind the sum takes it out again.
    """
    table = weights["table"]
    whole = np.rint(table * (127 / np.abs(table).max())).astype(np.int8)
    parts = (whole if name == "table" else weights[name].astype("<f4") for name in _SHAPES)
    return b"".join([_MARK, *(part.tobytes() for part in parts)])


def _unpacked(data: bytes) -> dict[str, Any]:
    sizes = {name: math.prod(shape) for name, shape in _SHAPES.items()}
    floats = sum(sizes.values()) - sizes["table"]
    if len(data) != len(_MARK) + sizes["table"] + 4 * floats or not data.startswith(_MARK):
        raise ValueError("these are no weights of a gate")
    weights: dict[str, Any] = {}
    at = len(_MARK)
    for name, shape in _SHAPES.items():
        part = np.frombuffer(data, np.int8 if name == "table" else "<f4", sizes[name], at)
        weights[name] = part.reshape(shape)
        at += part.nbytes
    return weights


def _shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"table": (1 << BITS, WIDTH)}
    for n in range(LAYERS + 1):
        shapes |= {f"gain{n}": (WIDTH,), f"bias{n}": (WIDTH,)}
    for n in range(LAYERS):
        shapes |= {f"turn{n}": (3 * WIDTH, 2 * WIDTH), f"shift{n}": (2 * WIDTH,)}
    return shapes | {"out": (WIDTH, OUTPUTS), "out_bias": (OUTPUTS,)}


_SHAPES = _shapes()


def _normalised(value: Any, norm: tuple[Any, Any]) -> Any:
    apart = value - value.mean(axis=1, keepdims=True)
    variance = (apart * apart).mean(axis=1, keepdims=True)
    return apart * (norm[0] / np.sqrt(variance + EPSILON)) + norm[1]
