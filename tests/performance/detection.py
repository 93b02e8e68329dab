"""CPU time of the classifier on long texts: ``python -m tests.performance.detection``.

Reads texts of seven shapes with this checkout and, in turn, with another one (``--base DIR``): the
ratio of both is the figure, because only one run compares. Each text is read as the gateway sends
it: whole, or in parts of some 1,200 characters (``--parts``). Prints milliseconds of CPU a KiB and
the ratio to the base; without a base, to the network alone.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from pydoc_data.topics import topics

ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "evaluation/datasets"
CHILD = Path(__file__).with_name("detection_child.py")
PART = 1200
ROUNDS = 3
_FEW = 12  # neutral texts for one that names somebody


def marked() -> Iterator[dict[str, object]]:
    """Yield the marked texts, in the order of the files."""
    for file in sorted(DATASETS.glob("mixed-*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def full_of_names() -> Iterator[str]:
    """Business prose with many names."""
    return (str(row["text"]) for row in marked() if len(str(row["text"])) > 600 and row["spans"])


def few_names() -> Iterator[str]:
    """Business prose, one text in a dozen names somebody.

    The others are marked texts that were written to tempt a detector.
    """
    rng = random.Random(3)
    rows = [row for row in marked() if len(str(row["text"])) < 600]
    neutral = [str(row["text"]) for row in rows if not row["spans"]]
    naming = [str(row["text"]) for row in rows if row["spans"]]
    while True:
        yield rng.choice(naming)
        yield from rng.choices(neutral, k=_FEW)


def code() -> Iterator[str]:
    """Sources of the standard library."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    random.Random(6).shuffle(files)
    return (file.read_text(encoding="utf-8", errors="ignore") for file in files)


def logs() -> Iterator[str]:
    """Lines of a service with hexadecimal request ids."""
    rng = random.Random(1)
    workers = ("http-worker", "scheduler", "db-pool", "cache")
    deeds = ("completed in", "timed out after", "retry scheduled in", "cache miss after")
    while True:
        yield (
            f"2026-11-28T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}."
            f"{rng.randrange(1000):03}Z {rng.choice(('INFO', 'WARN', 'DEBUG', 'ERROR'))} "
            f"[{rng.choice(workers)}-{rng.randrange(16)}] request_id={rng.getrandbits(64):x} "
            f"{rng.choice(deeds)} {rng.randrange(4000)} ms "
            f"path=/api/v1/{rng.choice(('orders', 'items', 'health'))}/{rng.randrange(10**6)}"
        )


def schemas() -> Iterator[str]:
    """Tool definitions as an agent sends them."""
    rng = random.Random(1)
    words = ("path", "pattern", "limit", "offset", "mode", "query", "glob")
    while True:
        parameters = {
            word: {"type": "string", "description": f"The {word} of the request."}
            for word in rng.sample(words, 4)
        }
        function = {
            "name": f"{rng.choice(('read', 'write', 'list'))}_{rng.choice(('file', 'page'))}",
            "description": "Reads a file. The path must be absolute. At most 2000 lines.",
            "parameters": {"type": "object", "properties": parameters, "required": ["path"]},
        }
        yield json.dumps({"type": "function", "function": function}, indent=1)


def documentation() -> Iterator[str]:
    """The decisions and pages of the product: technical English with few names."""
    files = [*sorted((ROOT / "docs/adr").glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    return (file.read_text(encoding="utf-8") for file in files)


def manuals() -> Iterator[str]:
    """The reference of the Python language."""
    return (str(topic) for _, topic in sorted(topics.items()))


SHAPES: dict[str, Callable[[], Iterator[str]]] = {
    "prose full of names": full_of_names,
    "tempting prose": few_names,
    "prose with few names": documentation,
    "code": code,
    "logs": logs,
    "tool schemas": schemas,
    "manuals": manuals,
}


def text_of(shape: str, size: int) -> str:
    """Return a text of this shape with at most ``size`` characters."""
    text, gap = "", "\n" if shape in {"logs", "tool schemas"} else "\n\n"
    for part in SHAPES[shape]():
        text += part + gap
        if len(text) >= size:
            break
    return text[:size]


class Detector:
    """A child process with the classifier of one checkout; it measures its own CPU time."""

    def __init__(self, checkout: Path, *options: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=checkout,
            env=environment,
            text=True,
        )

    def seconds(self, texts: list[str]) -> float:
        """Return the CPU time that these texts take."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(texts) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def parts(text: str) -> list[str]:
    """Cut a text at line ends, or else words, into parts of some ``PART`` characters."""
    found, start = [], 0
    while len(text) - start > PART:
        half = start + PART // 2
        marks = (text.rfind(mark, half, start + PART) for mark in ("\n", ". ", " "))
        end = next((at + 1 for at in marks if at >= 0), start + PART)
        found.append(text[start:end])
        start = end
    return [*found, text[start:]]


def main() -> None:
    """Measure in rounds, each detector in turn; the best round of each counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--base", type=Path, help="another checkout")
    parser.add_argument("--kib", type=int, default=24)
    parser.add_argument("--parts", action="store_true", help="read as the parts of a long text")
    parser.add_argument("--shape", choices=list(SHAPES), action="append")
    options = parser.parse_args()
    base = Detector(options.base) if options.base else Detector(ROOT, "whole")
    own = Detector(ROOT, "partial") if options.parts else Detector(ROOT)
    for shape in options.shape or SHAPES:
        text = text_of(shape, 1024 * options.kib)
        kib = len(text.encode()) / 1024
        cut = parts(text) if options.parts else [text]
        rounds = [(base.seconds([text]), own.seconds(cut)) for _ in range(ROUNDS)]
        of_base, of_own = (1000 * min(seconds) / kib for seconds in zip(*rounds, strict=True))
        print(
            f"{shape:22} base {of_base:6.2f}  own {of_own:6.2f} ms a KiB  "
            f"ratio {of_own / of_base:.3f}",
            flush=True,
        )
    for detector in (base, own):
        detector.close()


if __name__ == "__main__":
    main()
