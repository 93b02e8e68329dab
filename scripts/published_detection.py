"""Writes the figures of detection that stand on every report, from one run of the evaluation.

  .venv/bin/sluis evaluate privacy --data evaluation/datasets/eval.jsonl --json > eval.json
  .venv/bin/python scripts/published_detection.py eval.json 2026-11-25

Copy the same figures to docs/privacy.md; a test compares the two.
"""

import json
import sys
from pathlib import Path

from gateway.classifiers.entities import bundled_model
from gateway.privacy import Detector

TARGET = Path(__file__).parents[1] / "gateway" / "governance" / "reports" / "detection.json"


def main(source: Path, measured: str) -> None:
    run = json.loads(source.read_text(encoding="utf-8"))
    levels = run["levels"]
    document = {
        "detectors": f"{Detector(None).version} {bundled_model.version_of()}",
        "measured": measured,
        "set": source.stem,
        "texts": run["texts"],
        "values": run["gold"],
        "masked": run["masked"],
        "languages": {
            name: {
                "values": run["languages"][name]["gold"],
                "masked": run["languages"][name]["masked"],
            }
            for name in ("en", "nl")
        },
        "types": {
            name: {"values": one["gold"], "masked": one["masked"]}
            for name, one in sorted(run["types"].items())
            if one["gold"]
        },
        "restricted": levels["restricted"],
        "restricted_too_low": levels["restricted_too_low"],
    }
    TARGET.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
