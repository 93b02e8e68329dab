"""The network of the classifier: an encoder of pieces in ONNX, and a head in numpy.

The encoder sees four pieces to each side. The head reads the sum of what the encoder makes of the
pieces of a stretch. The cost is linear in the text: some 1.7 million multiplications of eight-bit
numbers a piece, and 1.4 million a stretch.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gateway.classifiers.onnx import onnxruntime

_ENCODER, _HEAD, _PIECES = "encoder.int8.onnx", "head.npz", "pieces.npy"
_BLOCK, _REACH = 256, 4  # pieces that are read at once, and those beside them that the network sees
_EPSILON = 1e-12


class ContentNetwork:
    """The weights in memory. Calls from several threads at once are not safe."""

    def __init__(self, directory: Path) -> None:
        """Load the files of a model; the table of pieces stays on disk until it is used.

        Raises:
            OSError: a file is missing.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._encoder = onnxruntime.InferenceSession(
            str(directory / _ENCODER), options, providers=["CPUExecutionProvider"]
        )
        self._pieces = np.load(directory / _PIECES, mmap_mode="r", allow_pickle=False)
        with np.load(directory / _HEAD, allow_pickle=False) as data:
            self._head = {name: data[name].astype(np.float32) for name in data.files}
        self._scales = self._head.pop("scales")

    def probabilities(self, pieces: Sequence[int], stretches: Sequence[tuple[int, int]]) -> Any:
        """Return probabilities of the categories, the last of ordinary text, for each stretch.

        Args:
            pieces: The numbers of the pieces of a text.
            stretches: Begin and end of each stretch, in pieces.

        Returns:
            An array of float32 [stretches, categories] whose rows sum to 1.
        """
        bounds = np.array(stretches, np.int64)
        totals = self._totals(np.array(pieces, np.int64), bounds)
        numbers = self._numbers(totals, np.diff(bounds, axis=1).astype(np.float32))
        numbers = np.exp(numbers - numbers.max(axis=1, keepdims=True))
        return numbers / numbers.sum(axis=1, keepdims=True)

    def _totals(self, pieces: Any, bounds: Any) -> Any:
        """Return the sums of features over stretches, block after block."""
        totals: Any = None
        for at in range(0, len(pieces), _BLOCK):
            end = min(len(pieces), at + _BLOCK)
            features = self._features(pieces, at, end)
            if totals is None:
                totals = np.zeros((len(bounds), features.shape[1]), np.float32)
            sums = np.concatenate([np.zeros_like(features[:1]), features.cumsum(axis=0)])
            (near,) = np.nonzero((bounds[:, 0] < end) & (bounds[:, 1] > at))
            inside = np.clip(bounds[near], at, end) - at
            totals[near] += sums[inside[:, 1]] - sums[inside[:, 0]]
        return totals

    def _features(self, pieces: Any, at: int, end: int) -> Any:
        first = max(0, at - _REACH)
        read = pieces[first : end + _REACH]
        vectors = self._pieces[read] * self._scales[read, None]
        (found,) = self._encoder.run(None, {"vectors": vectors})
        return found[at - first : end - first]

    def _numbers(self, totals: Any, sizes: Any) -> Any:
        """Return a number for each category; ``training.content.network`` has the same names."""
        given = self._head
        x = (totals @ given["pool"] + sizes * given["pool_bias"]) / np.sqrt(sizes)
        y = np.maximum(x @ given["dense0"], 0)
        y = np.maximum(x @ given["beside1"] + y @ given["dense1"], 0)
        z = np.tanh(y @ given["beside3"] + np.maximum(y @ given["dense2"], 0) @ given["dense3"])
        length = np.sqrt((z * z).sum(axis=1, keepdims=True)) + _EPSILON
        z = z / length * np.float32(z.shape[1] ** 0.5)
        h = np.maximum(z @ given["hidden"] + given["hidden_bias"], 0)
        return h @ given["out"] + given["out_bias"]
