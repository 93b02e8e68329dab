"""The network in training; ``gateway.classifiers.content`` runs the same with ONNX and numpy.

It is the encoder of the Universal Sentence Encoder Multilingual (Yang et al., 2020,
https://arxiv.org/abs/1907.04307) in its variant with convolutions, with a head for our categories.
The encoder begins with Google's weights; training goes on from there.
"""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.content.base import Arrays, Base

SIZE, BRANCH = 512, 256  # numbers of a piece, and of a branch of convolutions
REACH = ((2, 0), (3, 1), (5, 2))  # of a branch: pieces that it sees, and those before its own
HIDDEN = 256
_DROPPED, _PIECES_DROPPED = 0.3, 0.06  # shares of numbers in the head, and of pieces


class Branch(nn.Module):
    """Two convolutions over some pieces, each added to what it read."""

    def __init__(self, given: Arrays, pieces: int, before: int) -> None:
        super().__init__()
        self._beside = (before, pieces - 1 - before)
        self.first = _linear(given[f"w1_{pieces}"], given[f"b1_{pieces}"])
        self.second = _linear(given[f"w2_{pieces}"], given[f"b2_{pieces}"])

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return an array like ``x``, [texts, pieces, BRANCH]."""
        for layer in (self.first, self.second):
            x = (x + torch.relu(layer(self._windows(x)))) * mask
        return x

    def _windows(self, x: torch.Tensor) -> torch.Tensor:
        """Return for each piece the numbers of those that the branch sees, side by side."""
        before, after = self._beside
        padded = functional.pad(x, (0, 0, before, after))
        size = x.shape[1]
        shifted = [padded[:, at : at + size] for at in range(before + after + 1)]
        return torch.cat(shifted, dim=2)


class Encoder(nn.Module):
    """What the network makes of each piece: [texts, pieces, SIZE + 3 BRANCH]."""

    def __init__(self, given: Arrays) -> None:
        super().__init__()
        orders = [pieces for pieces, _ in REACH]
        self.project = _linear(
            np.concatenate([given[f"proj{one}"] for one in orders], axis=1),
            np.concatenate([given[f"proj_b{one}"] for one in orders]),
        )
        self.norm = _norm(
            np.concatenate([given[f"ln_g{one}"] for one in orders]),
            np.concatenate([given[f"ln_b{one}"] for one in orders]),
            float(given["eps"]),
        )
        self.branches = nn.ModuleList([Branch(given, *one) for one in REACH])
        self.norm_all = _norm(given["ln_g"], given["ln_b"], float(given["eps"]))

    def forward(self, vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return features; ``mask`` is 1 for pieces and 0 for padding, [texts, pieces, 1]."""
        x = self.norm(self.project(vectors)) * mask
        parts = x.split(BRANCH, dim=2)
        found = [branch(part, mask) for branch, part in zip(self.branches, parts, strict=True)]
        features: torch.Tensor = self.norm_all(torch.cat([vectors, *found], dim=2)) * mask
        return features


class Head(nn.Module):
    """From the sum of features over a stretch to a number for each category."""

    def __init__(self, given: Arrays, categories: int) -> None:
        super().__init__()
        self.pool = _linear(given["cnn_W"], given["cnn_b"])
        self.dense0 = _linear(given["d0"])
        self.beside1, self.dense1 = _linear(given["p1"]), _linear(given["d1"])
        self.dense2 = _linear(given["d2"])
        self.beside3, self.dense3 = _linear(given["p3"]), _linear(given["d3"])
        self.hidden = nn.Linear(SIZE, HIDDEN)
        self.out = nn.Linear(HIDDEN, categories)

    def forward(self, total: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
        """Return [stretches, categories]; ``size`` is the number of pieces, [stretches, 1]."""
        x = (total @ self.pool.weight.T + size * self.pool.bias) / size.sqrt()
        y = torch.relu(self.dense0(x))
        y = torch.relu(self.beside1(x) + self.dense1(y))
        z = torch.tanh(self.beside3(y) + self.dense3(torch.relu(self.dense2(y))))
        z = functional.normalize(z, dim=1) * SIZE**0.5
        z = functional.dropout(z, _DROPPED, self.training)
        h = functional.dropout(torch.relu(self.hidden(z)), _DROPPED, self.training)
        found: torch.Tensor = self.out(h)
        return found


class Network(nn.Module):
    """Numbers of each category for stretches of pieces."""

    def __init__(self, base: Base, categories: int) -> None:
        super().__init__()
        self._table = torch.from_numpy(base.vectors)
        self.encoder = Encoder(base.arrays)
        self.head = Head(base.arrays, categories)

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """Return [stretches, categories]; ``pieces`` holds their numbers, -1 for none."""
        mask = (pieces >= 0).float()[:, :, None]
        shown = mask
        if self.training:
            shown = mask * (torch.rand(mask.shape) > _PIECES_DROPPED)
        vectors = self._table[pieces.clamp(min=0)] * shown
        features = self.encoder(vectors, mask)
        found: torch.Tensor = self.head(features.sum(1), mask.sum(1))
        return found


def _linear(weights: Any, bias: Any = None) -> nn.Linear:
    inputs, outputs = weights.shape
    layer = nn.Linear(inputs, outputs, bias=bias is not None)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights.T))
        if bias is not None:
            layer.bias.copy_(torch.from_numpy(bias))
    return layer


def _norm(weights: Any, bias: Any, epsilon: float) -> nn.LayerNorm:
    layer = nn.LayerNorm(len(weights), eps=epsilon)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.copy_(torch.from_numpy(bias))
    return layer
