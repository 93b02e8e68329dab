"""The network of the classifier, in numpy: word vectors, two convolutions, pooled windows.

A word has one vector, whatever stands around it, so vectors are kept. Two convolutions see five
words to each side. A window pools its words by learnt weights, for each category apart. The cost is
linear in the text: some 67,000 multiplications a word.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Tokenizer

from gateway.classifiers.content.words import parts

WINDOW, STRIDE = 128, 64  # words
_BLOCK = 2048  # words that are read at once; a multiple of STRIDE
_REACH = 6  # words to each side that the convolutions see, at most
_KEPT = 65_536  # vectors that are kept, 21 MB; more than a block has words
_OFFSETS_NEAR, _OFFSETS_FAR = (-1, 0, 1), (-4, -2, 0, 2, 4)
_EPSILON = 1e-5  # of the normalisation, as in training

Arrays = Mapping[str, Any]


class Window(NamedTuple):
    """What the network says of the words from ``start`` to ``end``."""

    start: int
    end: int
    probabilities: Any  # float32 [categories], which sum to 1
    shares: Any  # float32 [words, categories]: what each word adds to the number of a category
    alone: bool  # whether it is one sentence among others


class ContentNetwork:
    """The weights in memory. Calls from several threads at once are not safe."""

    def __init__(self, arrays: Arrays, tokenizer: Tokenizer) -> None:
        self._arrays = {
            name: value
            for name, value in arrays.items()
            if not name.startswith(("pieces", "parts"))
        }
        self._pieces, self._piece_scales = arrays["pieces"], arrays["pieces_scales"]
        self._parts, self._part_scales = arrays["parts"], arrays["parts_scales"]
        self._tokenizer = tokenizer
        self._kept = np.zeros((_KEPT, self._pieces.shape[1]), np.float32)
        self._rows: dict[str, int] = {}

    def windows(self, words: Sequence[str], sentences: Sequence[int]) -> Iterator[Window]:
        """Yield overlapping windows of at most ``WINDOW`` words that cover a text, and sentences.

        Args:
            words: The words of the text.
            sentences: The numbers of the words that begin a sentence; the first is 0.
        """
        for at in range(0, max(1, len(words)), _BLOCK):
            last = at + _BLOCK >= len(words)
            end = min(len(words), at + _BLOCK + (0 if last else WINDOW - STRIDE))
            first = max(0, at - _REACH)
            read = self._read(words[first : end + _REACH])[at - first : end - first]
            starts = list(_starts(len(read), last=last))
            ends = [min(start + WINDOW, len(read)) for start in starts]
            yield from self._pooled(read, starts, ends, at, alone=False)
            if len(sentences) > 1:
                begun = [one - at for one in sentences if at < one < end]
                yield from self._pooled(read, [0, *begun], [*begun, len(read)], at, alone=True)

    def _read(self, words: Sequence[str]) -> Any:
        """Return what the convolutions make of words, an array [words, size]."""
        given = self._arrays
        x = self._vectors(words)
        x = x + _along(x, given["near"], given["near_bias"], _OFFSETS_NEAR)
        x = _normalised(x, given["norm1"], given["norm1_bias"])
        return x + _along(x, given["far"], given["far_bias"], _OFFSETS_FAR)

    def _pooled(
        self, x: Any, starts: list[int], ends: list[int], first: int, *, alone: bool
    ) -> Iterator[Window]:
        """Yield the stretches of ``x``, which begins at word ``first`` of the text."""
        given = self._arrays
        own = x @ given["own"] + given["own_bias"]
        sizes = np.subtract(ends, starts)
        rows = np.concatenate([np.arange(*pair) for pair in zip(starts, ends, strict=True)])
        begins = np.cumsum(sizes) - sizes
        means = np.add.reduceat(x[rows], begins, axis=0) / sizes[:, None].astype(np.float32)
        z = np.maximum(own[rows] + np.repeat(means @ given["around"], sizes, axis=0), 0)
        weights = z @ given["weigh"] + given["weigh_bias"]
        weights -= np.repeat(np.maximum.reduceat(weights, begins, axis=0), sizes, axis=0)
        np.exp(weights, out=weights)
        weights /= np.repeat(np.add.reduceat(weights, begins, axis=0), sizes, axis=0)
        shares = weights * (z @ given["value"] + given["value_bias"])
        numbers = np.add.reduceat(shares, begins, axis=0)
        numbers = np.exp(numbers - numbers.max(axis=1, keepdims=True))
        numbers /= numbers.sum(axis=1, keepdims=True)
        for start, end, begin, one in zip(starts, ends, begins, numbers, strict=True):
            own_shares = shares[begin : begin + end - start]
            yield Window(first + start, first + end, one, own_shares, alone)

    def _vectors(self, words: Sequence[str]) -> Any:
        """Return the vectors of words, an array [words, size]; new words are kept."""
        new = [word for word in dict.fromkeys(words) if word not in self._rows]
        if len(self._rows) + len(new) > len(self._kept):
            self._rows.clear()
            new = list(dict.fromkeys(words))
        if new:
            first = len(self._rows)
            self._kept[first : first + len(new)] = self._made(new)
            self._rows.update((word, first + at) for at, word in enumerate(new))
        return self._kept[[self._rows[word] for word in words]]

    def _made(self, words: list[str]) -> Any:
        """Return the vectors of words from their pieces and parts."""
        pieces = self._pieces_of(words)
        own = [parts(word, len(self._parts)) for word in words]
        total = _summed(pieces, self._pieces, self._piece_scales)
        total += _summed(own, self._parts, self._part_scales)
        return _normalised(total, self._arrays["norm0"], self._arrays["norm0_bias"])

    def _pieces_of(self, words: list[str]) -> list[list[int]]:
        """Return the pieces of each word, read together: one call costs less than many."""
        read = self._tokenizer.encode(" ".join(words))
        found: list[list[int]] = [[] for _ in words]
        owners = [one for one in read.word_ids if one is not None]
        if owners and owners[-1] == len(words) - 1:
            for owner, piece in zip(owners, read.ids, strict=True):
                found[owner].append(piece)
            return found
        # The tokenizer makes two words of some signs, such as a lone accent.
        return [self._tokenizer.encode(word).ids or [0] for word in words]


def _summed(lists: Sequence[list[int]], table: Any, scales: Any) -> Any:
    """Return for each list of rows their sum over the root of their number."""
    sizes = np.array([len(one) for one in lists])
    rows = np.fromiter(chain.from_iterable(lists), np.int64, int(sizes.sum()))
    starts = np.cumsum(sizes) - sizes
    values = table[rows] * scales[rows, None]
    return np.add.reduceat(values, starts, axis=0) / np.sqrt(sizes).astype(np.float32)[:, None]


def _starts(size: int, *, last: bool) -> range:
    """Return where the windows of a block begin; the last block has the rest of the text."""
    end = size - STRIDE if last else size - (WINDOW - STRIDE)
    return range(0, max(1, end), STRIDE)


def _along(x: Any, weights: Any, bias: Any, offsets: Sequence[int]) -> Any:
    """Return a convolution over words, without negative numbers."""
    edge = max(offsets)
    padded = np.zeros((len(x) + 2 * edge, x.shape[1]), np.float32)
    padded[edge : edge + len(x)] = x
    beside = [padded[edge + offset : edge + offset + len(x)] for offset in offsets]
    return np.maximum(np.concatenate(beside, axis=1) @ weights + bias, 0)


def _normalised(x: Any, weights: Any, bias: Any) -> Any:
    x = x - x.mean(axis=1, keepdims=True)
    return x / np.sqrt((x * x).mean(axis=1, keepdims=True) + _EPSILON) * weights + bias
