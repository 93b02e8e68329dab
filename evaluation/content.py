"""Measure the classifier of attacks and harm: what it catches, and what it refuses wrongly.

Attacks and their look-alikes are in ``datasets/content``. Ordinary business texts are the marked
texts of detection in ``datasets``: some sets are ordinary text in training, some chose the
thresholds, and the others measure.

Example:
  .venv/bin/python -m evaluation.content            # print the tables
  .venv/bin/python -m evaluation.content --write    # and write results/content.json
  .venv/bin/python -m evaluation.content --errors dev-01
"""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from gateway.classifiers.content.classifier import ContentClassifier, ContentFinding
from gateway.core.text.canonical import canonical_lines

ROOT = Path(__file__).resolve().parent
DATASETS = ROOT / "datasets"
RESULTS = ROOT / "results" / "content.json"
SETS = ("dev-01", "held-01")
# Marked business texts by use: as ordinary text in training, for the thresholds, or to measure.
TRAINED = (
    "code-01",
    "dev",
    "mixed-01",
    "mixed-02",
    *(f"mixed-{n:02}" for n in range(4, 16)),
    "probe-categories",
    "probe-indirect",
    *(f"short-{n:02}" for n in range(1, 6)),
)
CHOSE = (*(f"mixed-{n:02}" for n in range(16, 19)), "short-06", "short-07", "smoke")
NONE = "none"
_Z = 1.96  # of a 95 % interval

Read = Callable[[str], Sequence[ContentFinding]]


class Labelled(NamedTuple):
    """A text with its language and category."""

    text: str
    lang: str
    category: str
    kind: str


class Share(NamedTuple):
    """A number of texts out of a total."""

    found: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of Wilson."""
        if not self.total:
            return 0.0, 1.0
        share, n = self.found / self.total, self.total
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def figures(self) -> dict[str, Any]:
        """Return count, total, share and interval, as written to results."""
        low, high = self.interval
        share = self.found / self.total if self.total else 0.0
        return {
            "count": self.found,
            "of": self.total,
            "share": round(share, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }


def main() -> int:
    """Print or write the figures."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write results/content.json")
    parser.add_argument(
        "--errors", metavar="SET", choices=SETS, help="print what is judged wrongly"
    )
    options = parser.parse_args()
    classifier = ContentClassifier()
    if options.errors:
        _print_errors(labelled(options.errors), classifier)
        return 0
    read = as_product(classifier)
    results = measure(read) | {"version": classifier.version, **cost(read)}
    _print_table(results)
    if options.write:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def as_product(classifier: ContentClassifier) -> Read:
    """Return what reads a text as detector processes do: line by line in its canonical form."""
    return lambda text: classifier.read(canonical_lines(text))


def labelled(name: str) -> list[Labelled]:
    """Return the texts of a set of attacks and look-alikes."""
    lines = (DATASETS / "content" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    return [Labelled(one["text"], one["lang"], one["category"], one["kind"]) for one in rows]


def ordinary(use: str) -> list[str]:
    """Return the ordinary texts of one use: ``trained``, ``chose`` or ``measured``."""
    uses = dict.fromkeys(TRAINED, "trained") | dict.fromkeys(CHOSE, "chose")
    files = [
        one for one in sorted(DATASETS.glob("*.jsonl")) if uses.get(one.stem, "measured") == use
    ]
    return [
        json.loads(line)["text"]
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def measure(read: Read) -> dict[str, Any]:
    """Return shares of each set by category and language, and those of ordinary text."""
    return {
        "sets": {name: figures(labelled(name), read) for name in SETS},
        "ordinary": {
            "chose": _refused(ordinary("chose"), read).figures(),
            "measured": _refused(ordinary("measured"), read).figures(),
        },
    }


def figures(texts: Iterable[Labelled], read: Read) -> dict[str, Any]:
    """Return what is caught by language and category, named rightly, and refused wrongly."""
    caught: dict[str, list[bool]] = {}
    for one in texts:
        found = read(one.text)
        if one.category == NONE:
            names = ["look-alikes", f"look-alikes {one.lang}"]
        else:
            names = ["attacks", f"attacks {one.lang}", one.category, f"{one.category} {one.lang}"]
            named = any(finding.category == one.category for finding in found)
            caught.setdefault("attacks named", []).append(named)
        for name in names:
            caught.setdefault(name, []).append(bool(found))
    return {name: Share(sum(of), len(of)).figures() for name, of in sorted(caught.items())}


def cost(read: Read) -> dict[str, float]:
    """Return the CPU time for a KiB of ordinary text, in milliseconds, on one thread."""
    texts = ordinary("measured")[::5]
    size = sum(len(one.encode()) for one in texts)
    read(texts[0])
    started = process_time()
    for one in texts:
        read(one)
    return {"ms_per_kib": round((process_time() - started) * 1000 / (size / 1024), 2)}


def _refused(texts: Sequence[str], read: Read) -> Share:
    return Share(sum(bool(read(one)) for one in texts), len(texts))


def _print_table(results: dict[str, Any]) -> None:
    for name, table in [*results["sets"].items(), ("ordinary text", results["ordinary"])]:
        print(f"\n{name}")
        for row, one in table.items():
            share, low, high = (f"{100 * one[key]:.1f}" for key in ("share", "low", "high"))
            print(f"  {row:28} {one['count']:5} of {one['of']:5}  {share:>5} %  ({low} to {high})")
    print(f"\n{results['ms_per_kib']} ms of CPU a KiB")


def _print_errors(texts: Iterable[Labelled], classifier: ContentClassifier) -> None:
    read = as_product(classifier)
    for one in texts:
        if bool(read(one.text)) is (one.category == NONE):
            scores = classifier.scores(canonical_lines(one.text))
            top = max(scores, key=lambda score: score.probability)
            label = f"{one.lang} {one.category} {one.kind}"
            print(f"{top.probability:.3f} {top.category:18} | {label} | {one.text[:160]!r}")


if __name__ == "__main__":
    sys.exit(main())
