"""How much of the memory one version gets: its weights, its pool, and so its queue and context.

What is not set is sized from the memory that is free when the version is loaded.
"""

from dataclasses import dataclass
from typing import Any

import torch

from gateway.worker.memory import Memory, pool_bytes, with_margin
from gateway.worker.spec import WorkerOptions

_GIB = 1 << 30
_LARGE_CARD = 40 * _GIB
# A processor shares its memory with everything else on the machine.
_SHARE = {"cpu": 0.1, "cuda": 0.8}
_ANSWERS = {"cpu": 8, "cuda": 64}  # of the whole context that the pool holds at most
_LEAST_TOKENS = 4096
_PASS_TOKENS = {"cpu": 512, "cuda": 2048}
_PASS_TOKENS_LARGE = 8192
_LEAST_WAITING = 64
_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
DTYPES = ("auto", *_DTYPES)


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one version, and what they were made from; sizes are in bytes and tokens."""

    memory: Memory
    dtype: torch.dtype
    weights: int
    pool: int
    context: int
    page_size: int
    num_blocks: int
    max_batch_tokens: int
    max_waiting: int

    @property
    def pool_tokens(self) -> int:
        """Tokens that the key-value pool holds."""
        return self.num_blocks * self.page_size

    @property
    def needed(self) -> int:
        """The memory that the version takes when it is loaded."""
        return self.weights + self.pool

    def line(self, name: str) -> str:
        """The plan for the operator, with the setting that changes each size."""
        return (
            f"{name}: {self.memory.free / _GIB:.1f} of {self.memory.total / _GIB:.1f} GiB free on "
            f"{self.memory.device}; weights {self.weights / _GIB:.2f} GiB in "
            f"{str(self.dtype).removeprefix('torch.')} (SLUIS_WORKER_DTYPE); pool "
            f"{self.pool_tokens} tokens, {self.pool / _GIB:.2f} GiB (SLUIS_WORKER_POOL_TOKENS); "
            f"{self.max_batch_tokens} tokens a pass (SLUIS_WORKER_BATCH_TOKENS); "
            f"{self.max_waiting} requests wait (SLUIS_WORKER_WAITING); context "
            f"{min(self.context, self.pool_tokens)} of {self.context} tokens"
        )


def plan_of(
    config: Any,
    options: WorkerOptions,
    memory: Memory,
    *,
    saved_bytes: int,
    share: float,
    loaded: torch.dtype | None = None,
) -> Plan:
    """The sizes of a version whose weights take ``saved_bytes`` as they are saved.

    ``share`` is the part of free memory for this version,
    ``loaded`` the precision of a base that is loaded.
    """
    kind = memory.kind
    saved = config.dtype if isinstance(config.dtype, torch.dtype) else torch.float32
    dtype = loaded or _dtype(options.dtype, saved, memory, saved_bytes)
    weights = saved_bytes * dtype.itemsize // saved.itemsize
    context = int(config.max_position_embeddings)
    pages = options.num_blocks
    if not pages:
        each = pool_bytes(config, dtype, options.page_size)
        room = int((memory.free - with_margin(weights)) * _SHARE[kind] * share) // each
        most = -(-context * _ANSWERS[kind] // options.page_size)
        pages = max(_LEAST_TOKENS // options.page_size, min(room, most))
    large = kind == "cuda" and memory.total >= _LARGE_CARD
    passed = _PASS_TOKENS_LARGE if large else _PASS_TOKENS[kind]
    tokens = pages * options.page_size
    return Plan(
        memory=memory,
        dtype=dtype,
        weights=weights,
        pool=pool_bytes(config, dtype, tokens),
        context=context,
        page_size=options.page_size,
        num_blocks=pages,
        max_batch_tokens=options.max_batch_tokens or passed,
        max_waiting=(
            max(_LEAST_WAITING, tokens // options.default_max_tokens)
            if options.max_waiting is None
            else options.max_waiting
        ),
    )


def _dtype(wanted: str, saved: torch.dtype, memory: Memory, saved_bytes: int) -> torch.dtype:
    """The precision of the weights; on a processor float32 where half of its memory holds it.

    There it is no slower than 16 bits, and answers are those of ``generate`` in a batch too.
    """
    if wanted != DTYPES[0]:
        return _DTYPES[wanted]
    whole = saved_bytes * torch.float32.itemsize // saved.itemsize
    return torch.float32 if memory.kind == "cpu" and 2 * whole <= memory.free else saved
