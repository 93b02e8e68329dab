"""How much memory there is, and how much a version takes: asked before it is loaded."""

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

_MIB = 1 << 20
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
# For activations, the tokenizer and the allocator, beside weights and pool.
_BESIDE_BYTES = 64 * _MIB
_SHARE = 0.1


class NotEnoughMemory(Exception):
    """A version that does not fit beside what is loaded; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of the device that serves: its name and kind, and bytes free and in all."""

    device: str
    free: int
    total: int
    kind: str = "cpu"


def device() -> torch.device:
    """The device on which models run."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def measure() -> Memory:
    """The memory of the device now."""
    if device().type == "cuda":
        free, total = torch.cuda.mem_get_info()
        return Memory(torch.cuda.get_device_name(), int(free), int(total), "cuda")
    figures = _of_machine()
    free, total = figures["MemAvailable"], figures["MemTotal"]
    limit, used = _number(_GROUP / "memory.max"), _number(_GROUP / "memory.current")
    if limit is not None and limit < total:
        free, total = min(free, max(0, limit - (used or 0))), limit
    return Memory("cpu", free, total)


def release() -> None:
    """Return the memory of models that are no longer used; takes tens of milliseconds."""
    gc.collect()
    if device().type == "cuda":
        torch.cuda.empty_cache()


def weights_bytes(directories: Iterable[Path]) -> int:
    """The size of the weights in directories of models."""
    return sum(file.stat().st_size for one in directories for file in one.rglob("*.safetensors"))


def pool_bytes(config: Any, dtype: torch.dtype, tokens: int) -> int:
    """The size of keys and values of so many tokens, for every layer of a model."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return 2 * int(config.num_hidden_layers) * int(heads) * int(size) * dtype.itemsize * tokens


def with_margin(needed: int) -> int:
    """What has to be free for a version of so many bytes."""
    return int(needed * (1 + _SHARE)) + _BESIDE_BYTES


def require(name: str, needed: int, memory: Memory) -> None:
    """Refuse to load what does not fit.

    Raises:
        NotEnoughMemory: when it does not.
    """
    wanted = with_margin(needed)
    if wanted > memory.free:
        raise NotEnoughMemory(
            f"{name} needs about {wanted // _MIB} MiB beside what is loaded, and "
            f"{memory.free // _MIB} MiB of {memory.device} are free: give the worker more memory, "
            "serve fewer versions, lower SLUIS_WORKER_POOL_TOKENS, or restart the worker, which "
            "then loads this version alone."
        )


def _of_machine() -> dict[str, int]:
    lines = (line.split() for line in _MEMINFO.read_text(encoding="ascii").splitlines())
    return {name.rstrip(":"): int(value) * 1024 for name, value, *_ in lines}


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
