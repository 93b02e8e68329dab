"""Draw tokens: top-k, then top-p, then min-p, as the library's ``generate``, then by noise.

The token with the largest sum of score and noise is drawn. The noise of a token follows from the
row's key, so a score that another batch rounds otherwise seldom changes the token.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gateway.worker.noise import gumbel

_HEAD = 256  # tokens; they usually hold nearly all of the probability


@dataclass(frozen=True, slots=True)
class DrawLimits:
    """The limits of each row. ``top_k`` 0, ``top_p`` 1 and ``min_p`` 0 leave nothing out."""

    top_k: Sequence[int]
    top_p: Sequence[float]
    min_p: Sequence[float]

    @property
    def sort(self) -> bool:
        """Whether a row needs its likeliest tokens in order."""
        return any(self.bounded)

    @property
    def bounded(self) -> list[bool]:
        """Which rows keep only some of the likeliest tokens."""
        return [k > 0 or p < 1.0 for k, p in zip(self.top_k, self.top_p, strict=True)]

    def of(self, rows: Sequence[int]) -> "DrawLimits":
        """The limits of some rows."""
        return DrawLimits(
            [self.top_k[row] for row in rows],
            [self.top_p[row] for row in rows],
            [self.min_p[row] for row in rows],
        )


def draw(
    scores: torch.Tensor, limits: DrawLimits, keys: torch.Tensor, *, whole: bool | None = None
) -> torch.Tensor:
    """A token for each row.

    On a processor the likeliest tokens come first, and the others only when they are drawn. An
    accelerator takes the whole vocabulary: waiting for a figure from it costs more. ``whole``
    overrides that choice.
    """
    if scores.device.type != "cpu" if whole is None else whole:
        return _of_all(scores, limits, keys)
    width = min(scores.shape[-1], max(_HEAD, *limits.top_k))
    values, ids = scores.topk(width, dim=-1)
    others = scores.scatter(-1, ids, -math.inf)
    rest = others.logsumexp(dim=-1, keepdim=True)
    head, enough = values, torch.ones_like(rest, dtype=torch.bool)
    if limits.sort:
        keep, enough = _kept(values, rest, limits, scores.shape[-1])
        head = values.masked_fill(~keep, -math.inf)
        bounded = torch.tensor(limits.bounded).unsqueeze(-1)
        others, rest = others.masked_fill(bounded, -math.inf), rest.masked_fill(bounded, -math.inf)
    if any(limits.min_p):
        least = _least(values[:, :1], limits)
        head = head.masked_fill(values < least, -math.inf)
        others = others.masked_fill(others < least, -math.inf)
        rest = others.logsumexp(dim=-1, keepdim=True)
    best, place = (head + gumbel(keys, ids)).max(dim=-1, keepdim=True)
    chosen = ids.gather(-1, place).squeeze(-1)
    # All others together are one more token, with a noise of its own.
    outside = rest + gumbel(keys, torch.full_like(place, scores.shape[-1])) > best
    for rows, kept in (
        ((outside & enough).flatten().nonzero().flatten(), others),
        ((~enough).flatten().nonzero().flatten(), scores),
    ):
        if len(rows):
            drawn = _of_all(kept[rows], limits.of(rows.tolist()), keys[rows])
            chosen = chosen.index_copy(0, rows, drawn)
    return chosen


def _of_all(scores: torch.Tensor, limits: DrawLimits, keys: torch.Tensor) -> torch.Tensor:
    kept = scores
    if limits.sort:
        values, ids = scores.sort(dim=-1, descending=True)
        none = torch.full_like(values[:, :1], -math.inf)
        keep, _ = _kept(values, none, limits, scores.shape[-1])
        mask = torch.zeros_like(scores, dtype=torch.bool).scatter(-1, ids, keep)
        kept = scores.masked_fill(~mask, -math.inf)
    if any(limits.min_p):
        least = _least(scores.amax(dim=-1, keepdim=True), limits)
        kept = kept.masked_fill(scores < least, -math.inf)
    return (kept + _noise(keys, scores)).argmax(dim=-1)


def _kept(
    values: torch.Tensor, rest: torch.Tensor, limits: DrawLimits, size: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which of the likeliest tokens top-k and top-p keep, and whether these were enough to tell.

    ``rest`` is the logarithm of what all other tokens weigh together.
    """
    top_k = _column([one or size for one in limits.top_k], values)
    top_p = _column(limits.top_p, values)
    rank = torch.arange(values.shape[-1], device=values.device).unsqueeze(0)
    ranked = values.masked_fill(rank >= top_k, -math.inf)
    # Without a top_k the likeliest tokens share with the rest of the vocabulary.
    rest = rest.masked_fill(top_k < size, -math.inf)
    shares = (ranked - torch.logaddexp(ranked.logsumexp(dim=-1, keepdim=True), rest)).exp()
    total = shares.cumsum(dim=-1)
    keep = (total - shares < top_p) | (top_p >= 1.0)
    keep = (keep & (rank < top_k)) | (rank == 0)
    open_ended = (top_p >= 1.0) & (top_k >= size)
    enough = open_ended | (top_k <= values.shape[-1]) | (total[:, -1:] >= top_p)
    return keep, enough


def _least(best: torch.Tensor, limits: DrawLimits) -> torch.Tensor:
    """The least score that min-p keeps; of zero it is below everything."""
    return best + _column(limits.min_p, best).log()


def _noise(keys: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    return gumbel(keys, torch.arange(scores.shape[-1], device=scores.device).unsqueeze(0))


def _column(values: Sequence[float], scores: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=scores.device).unsqueeze(-1)
