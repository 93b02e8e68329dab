"""Freeze the findings of this version, after a change of detection that is meant.

Run it when RULES_VERSION or the classifier has changed, and read what it prints before the files
are committed:

  .venv/bin/python -m tests.compatibility.freeze_detection
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.compatibility.product import FROZEN, Product, frozen
from tests.compatibility.test_detection import (
    detected,
    digest,
    installed,
    instructions,
    marked_texts,
    scores,
    tried,
)


def main() -> int:
    """Write detectors.json and findings.json; print how many texts have other findings."""
    with tempfile.TemporaryDirectory() as folder:
        product = installed(Path(folder) / "product")
        try:
            _write("detectors.json", _detectors(product))
            _write_findings(_findings(product))
        finally:
            product.stop()
    return 0


def _detectors(product: Product) -> dict[str, Any]:
    stored = frozen("detectors.json")
    texts = [
        {
            **one,
            "found": {
                "detected": detected(product, one["text"]),
                "tried": tried(product, one["text"]),
            },
        }
        for one in stored["texts"]
    ]
    named = {
        finding["detector"]
        for one in texts
        for finding in (*one["found"]["detected"]["spans"], *one["found"]["tried"]["findings"])
    }
    changed = sum(one != before for one, before in zip(texts, stored["texts"], strict=True))
    print(f"detectors.json: {changed} of {len(texts)} texts have other findings")
    for name in sorted(named.symmetric_difference(stored["detectors"])):
        print(f"  {'new' if name in named else 'gone'}: {name}")
    return {**stored, "instructions": instructions(), "detectors": sorted(named), "texts": texts}


def _findings(product: Product) -> dict[str, Any]:
    stored = frozen("findings.json")
    found = {name: detected(product, text) for name, text in marked_texts().items()}
    texts = {name: {"sha256": digest(now), "scores": scores(now)} for name, now in found.items()}
    changed = sum(texts[name]["sha256"] != one["sha256"] for name, one in stored["texts"].items())
    print(f"findings.json: {changed} of {len(texts)} texts have other findings")
    return texts


def _write(name: str, document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (FROZEN / name).write_text(text + "\n", encoding="utf-8")


def _write_findings(texts: dict[str, Any]) -> None:
    """One text a line, so that a change shows its text."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in texts.items())
    head = json.dumps(instructions())
    document = f'{{\n "instructions": {head},\n "texts": {{\n{lines}\n }}\n}}\n'
    (FROZEN / "findings.json").write_text(document, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
