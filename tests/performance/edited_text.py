"""What a long text costs when it is read first, and after an edit.

Run ``python -m tests.performance.edited_text KIB``. Prints CPU seconds of the gateway itself and
of its detector processes, the median of five edits of one line each. Absolute times belong to the
machine: compare two versions in turn on the same one.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

from gateway.classifiers.pool import DetectorPool
from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import bundle_digest
from gateway.governance.policies.bundle import read_bundle
from gateway.privacy import Detector
from gateway.processes import settings
from gateway.request.rule_pool import RulePool, start_of
from gateway.request.scanner import Scanner

_DATASETS = Path(__file__).resolve().parents[2] / "evaluation" / "datasets"
_EDITS = 5


def letters(kib: int) -> str:
    """Letters and mails full of names, from the marked sets."""
    text = ""
    for number in range(1, 25):
        file = _DATASETS / f"mixed-{number:02}.jsonl"
        for line in file.read_text(encoding="utf-8").splitlines():
            text += json.loads(line)["text"] + "\n\n"
    return (text * (kib * 1024 // len(text) + 1))[: kib * 1024]


def manual(kib: int) -> str:
    """Pages of a manual: technical prose with few names."""
    docs = Path(__file__).resolve().parents[2] / "docs"
    text = "\n\n".join(file.read_text(encoding="utf-8") for file in sorted(docs.rglob("*.md")))
    return (text * (kib * 1024 // len(text) + 1))[: kib * 1024]


def edited(text: str, rng: random.Random) -> str:
    """The text with one line changed and one added."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    lines[at] += " zie bijlage"
    lines.insert(at, f"Regel {rng.randrange(10_000)} is nieuw.")
    return "\n".join(lines)


async def cost(scanner: Scanner, policy: CompiledPolicy, text: str) -> tuple[float, float]:
    """CPU seconds of this process, and of its children, to scan a text."""
    own, children = time.process_time(), _cpu_of_children()
    batch = await scanner.scan_all([text], policy)
    if batch.unread:
        raise SystemExit(f"not read: {batch.unread}")
    return time.process_time() - own, _cpu_of_children() - children


def _cpu_of_children() -> float:
    """CPU seconds of the running children, by /proc (proc_pid_stat(5))."""
    ticks = 0
    pid = os.getpid()
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        fields = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def measure(kib: int) -> None:
    """Print a line for each kind of text."""
    files = read_bundle()
    policy = compile_policy(files, digest=bundle_digest(files))
    cache = settings.read().cache_dir
    detectors, rules = DetectorPool(1), RulePool(start_of(cache))
    await detectors.start()
    await detectors.ready()
    rules.start()
    scanner = Scanner(
        Detector(cache),
        detectors,
        key=os.urandom(32),
        capacity=1000,
        person_key=lambda type_, value: f"{type_}{value}",
        rules=rules,
    )
    await scanner.scan_all(["Een tekst die de regels laadt. " * 9000], policy)
    for make in (letters, manual):
        text, rng = make(kib), random.Random(4)
        first = await cost(scanner, policy, text)
        again = [await cost(scanner, policy, edited(text, rng)) for _ in range(_EDITS)]
        own, children = (statistics.median(part) for part in zip(*again, strict=True))
        print(
            f"{make.__name__:8} {kib} KiB  first {first[0]:.3f} + {first[1]:.2f} s  "
            f"edited {own:.3f} + {children:.2f} s"
        )
    await rules.close()
    await detectors.close()


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1])))
