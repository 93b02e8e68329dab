"""Measure rules and classifier of this checkout on the data sets, and write the figures.

With --write the program measures every data set and replaces two files:
evaluation/results/detection.json, and gateway/governance/reports/detection.json, which every report
of detection shows. Without --write it prints the figures of the named data sets.

Example:
  .venv/bin/python -m evaluation.run eval smoke
  .venv/bin/python -m evaluation.run --write
"""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.classifiers.entities import bundled_model
from gateway.evaluation import DetectionReport, evaluate, load
from gateway.privacy import Detector
from gateway.processes.evaluate import shipped

ROOT = Path(__file__).resolve().parent
DATASETS = ROOT / "datasets"
RESULTS = ROOT / "results" / "detection.json"
PUBLISHED = ROOT.parent / "gateway" / "governance" / "reports" / "detection.json"
PUBLISHED_SET = "eval"


def main() -> int:
    """Measure the data sets; print or write the figures."""
    every = sorted(file.stem for file in DATASETS.glob("*.jsonl"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"one of {', '.join(every)}")
    parser.add_argument("--write", action="store_true", help="measure all; replace both files")
    options = parser.parse_args()
    if unknown := set(options.sets) - set(every):
        parser.error(f"unknown data set: {', '.join(sorted(unknown))}")
    reports = measure(every if options.write else options.sets or every)
    run = {
        "detectors": f"{Detector(None).version} {bundled_model.version_of()}",
        "measured": datetime.now(UTC).date().isoformat(),
    }
    sets = {name: figures(report) | level_figures(report) for name, report in reports.items()}
    results = run | {"sets": sets}
    if not options.write:
        print(json.dumps(results, indent=2))
        return 0
    write(RESULTS, results)
    write(PUBLISHED, run | published(PUBLISHED_SET, reports[PUBLISHED_SET]))
    return 0


def measure(names: Iterable[str]) -> dict[str, DetectionReport]:
    """Return the report of each named data set."""
    reports = {}
    with shipped() as predict:
        for name in names:
            print(f"measuring {name}", file=sys.stderr)
            reports[name] = evaluate(load(DATASETS / f"{name}.jsonl"), predict)
    return reports


def figures(report: DetectionReport) -> dict[str, Any]:
    """Return the figures of the spans of one data set; shares lie between 0 and 1."""
    total = report.total
    return {
        "texts": total.texts,
        "values": total.gold,
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "f1": round(total.f1, 4),
        "f1_person": round(report.types["PERSON"].f1, 4),
        "masked": round(total.masked_share, 4),
        "false_per_text": round(total.false / max(1, total.texts), 4),
        "false_per_1000": round(total.false_per_1000, 4),
        "without_personal_data": total.clean,
        "untouched": total.untouched,
    }


def level_figures(report: DetectionReport) -> dict[str, Any]:
    """Return the figures of the levels of one data set."""
    levels = report.levels
    return {
        "level_accuracy": round(levels.accuracy, 4),
        "restricted": levels.restricted,
        "restricted_too_low": levels.restricted_too_low,
    }


def published(name: str, report: DetectionReport) -> dict[str, Any]:
    """Return the counts that reports show, by language and type."""
    total, levels = report.total, report.levels
    return {
        "set": name,
        "texts": total.texts,
        "values": total.gold,
        "masked": total.masked,
        "languages": {
            lang: {"values": tally.gold, "masked": tally.masked}
            for lang, tally in sorted(report.languages.items())
            if lang in {"en", "nl"}
        },
        "types": {
            type_: {"values": tally.gold, "masked": tally.masked}
            for type_, tally in sorted(report.types.items())
            if tally.gold
        },
        "restricted": levels.restricted,
        "restricted_too_low": levels.restricted_too_low,
    }


def write(target: Path, document: dict[str, Any]) -> None:
    """Write a document as JSON."""
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
