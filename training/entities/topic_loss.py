"""The loss of the second head: which special category a text states, if any."""

import torch
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from gateway.classifiers.entities.special_categories import LENGTH, SHARPNESS
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.dataset import CategoryBatch

_EACH = 3.0  # weight of the single categories relative to "any category"
_EDGE = 1e-5
_NEVER = -1e4


def category_loss(logits: torch.Tensor, batch: CategoryBatch) -> torch.Tensor:
    """Return the cross entropy of each category and of any.

    ``logits`` has the shape [windows, pieces, categories]. The strongest window of a text counts.
    """
    found = _strongest(soft_maximum(logits, batch.windows.mask), batch.owner)
    wanted = torch.zeros_like(found)
    rows = torch.nonzero(batch.topics >= 0)[:, 0]
    wanted[rows, batch.topics[rows]] = 1.0
    any_ = 1 - torch.prod(1 - torch.sigmoid(found), dim=1)
    each = binary_cross_entropy_with_logits(found, wanted)
    return _EACH * each + binary_cross_entropy(
        any_.clamp(_EDGE, 1 - _EDGE), wanted.max(dim=1).values
    )


def soft_maximum(logits: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the soft maximum over the pieces of each window, without its start and end marks.

    gateway.classifiers.entities.special_categories computes the same at run time.
    """
    inside = mask.clone()
    inside[:, 0] = 0
    inside[torch.arange(len(mask)), mask.sum(dim=1) - 1] = 0
    hidden = logits.masked_fill(inside.unsqueeze(-1) == 0, _NEVER)
    size = inside.sum(dim=1, keepdim=True).float()
    return (torch.logsumexp(hidden * SHARPNESS, dim=1) - LENGTH * size.log()) / SHARPNESS


def _strongest(windows: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    rows = torch.full((int(owner.max()) + 1, len(SPECIAL_CATEGORIES)), _NEVER)
    return rows.index_reduce(0, owner, windows, "amax")
