"""What the registration of a model's files takes: hashed, and inspected.

``python -m tests.performance.registration [MB]``, by default 500 MB of random weights in one file
of safetensors that was just written, so the disk is not read. CPU is that of this process.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from safetensors.torch import save_file

from gateway.core.snapshot import LANGUAGE
from gateway.governance.models.files import read_files

_ROUNDS = 5
_SIDE = 2048  # of a square matrix of bfloat16, 8 MiB


def _write(folder: Path, megabytes: int) -> int:
    """A model of about that size; gives its bytes."""
    count = max(1, megabytes * 10**6 // (_SIDE * _SIDE * 2))
    numbers = (
        torch.randint(-(2**15), 2**15 - 1, (_SIDE, _SIDE), dtype=torch.int16) for _ in range(count)
    )
    weights = {f"layers.{at}.weight": one.view(torch.bfloat16) for at, one in enumerate(numbers)}
    save_file(weights, folder / "model.safetensors")
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return sum(one.stat().st_size for one in folder.iterdir())


def main() -> None:
    """Print wall time and CPU of the rounds."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as place:
        size = _write(Path(place), megabytes)
        waits, spent = [], []
        for _ in range(_ROUNDS):
            began, used = time.perf_counter(), time.process_time()
            read_files(Path(place), None, LANGUAGE, None)
            waits.append(time.perf_counter() - began)
            spent.append(time.process_time() - used)
    for name, values in (("wall", waits), ("CPU", spent)):
        print(
            f"{size} bytes, {name}: {median(values):.2f} s ({min(values):.2f}..{max(values):.2f})"
        )


if __name__ == "__main__":
    main()
