"""The network in training; ``gateway.classifiers.content.network`` runs the same in numpy."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from gateway.classifiers.content.words import parts
from training.content.base import Base

SIZE = 80  # numbers of a vector
BUCKETS = 1 << 16
_PIECES_DROPPED, _PARTS_DROPPED, _DROPPED = 0.1, 0.35, 0.15  # shares of words, and of numbers


class Vectors(nn.Module):
    """A vector for each word: its pieces in the base, and the parts that training weighs."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        mean, scale = base.vectors.mean(0), base.vectors.std()
        self._table = (base.vectors - mean) / scale
        self._tokenizer = base.tokenizer
        self.project = nn.Linear(self._table.shape[1], SIZE, bias=False)
        self.parts = nn.EmbeddingBag(BUCKETS, SIZE, mode="sum", sparse=True)
        nn.init.normal_(self.parts.weight, std=0.02)
        self._known: dict[str, tuple[Any, Any]] = {}

    def table(self) -> Any:
        """Return the projected vectors of all pieces, an array [pieces, SIZE]."""
        return self._table @ self.project.weight.detach().numpy().T

    def _numbers(self, word: str) -> tuple[Any, Any]:
        found = self._known.get(word)
        if found is None:
            pieces = self._tokenizer.encode(word).ids or [0]
            total = self._table[pieces].sum(0) / len(pieces) ** 0.5
            found = (total.astype(np.float16), np.array(parts(word, BUCKETS)))
            self._known[word] = found
        return found

    def forward(self, words: list[str]) -> torch.Tensor:
        """Return an array [words, SIZE]."""
        found = [self._numbers(word) for word in words]
        known = self.project(torch.from_numpy(np.stack([one for one, _ in found])).float())
        sizes = np.array([len(own) for _, own in found])
        starts = np.cumsum(sizes) - sizes
        shares = np.repeat(sizes**-0.5, sizes).astype(np.float32)
        learnt = self.parts(
            torch.from_numpy(np.concatenate([own for _, own in found])),
            torch.from_numpy(starts),
            per_sample_weights=torch.from_numpy(shares),
        )
        if self.training:
            known = known * (torch.rand(len(words), 1) > _PIECES_DROPPED)
            learnt = learnt * (torch.rand(len(words), 1) > _PARTS_DROPPED)
        total: torch.Tensor = known + learnt
        return total


class Network(nn.Module):
    """Numbers of each category for windows of words."""

    def __init__(self, base: Base, categories: int) -> None:
        super().__init__()
        self.vectors = Vectors(base)
        self.norm0, self.norm1 = nn.LayerNorm(SIZE), nn.LayerNorm(SIZE)
        self.near = nn.Conv1d(SIZE, SIZE, 3, padding=1)
        self.far = nn.Conv1d(SIZE, SIZE, 5, padding=4, dilation=2)
        self.own = nn.Linear(SIZE, SIZE)
        self.around = nn.Linear(SIZE, SIZE, bias=False)
        self.weigh = nn.Linear(SIZE, categories)
        self.value = nn.Linear(SIZE, categories)

    def forward(self, words: list[str], windows: Any) -> torch.Tensor:
        """Return [windows, categories]; ``windows`` holds numbers of ``words``, -1 for none."""
        drop = self.training
        mask = (windows >= 0).float()[:, :, None]
        x = self.norm0(self.vectors(words))[windows.clamp(min=0)] * mask
        x = functional.dropout(x, _DROPPED, drop)
        x = x + _along(self.near, x) * mask
        x = self.norm1(x) * mask
        x = x + _along(self.far, x) * mask
        mean = x.sum(1) / mask.sum(1)
        z = torch.relu(self.own(x) + self.around(mean)[:, None])
        z = functional.dropout(z, _DROPPED, drop)
        weights = self.weigh(z).masked_fill(mask == 0, -1e4).softmax(1)
        found: torch.Tensor = (weights * self.value(z)).sum(1)
        return found


def _along(layer: nn.Conv1d, x: torch.Tensor) -> torch.Tensor:
    return torch.relu(layer(x.transpose(1, 2)).transpose(1, 2))
