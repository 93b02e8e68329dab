"""Check evaluation/datasets/datasets.yaml against the data sets, or update its counts.

The counts ``languages``, ``texts`` and ``values`` come from the files. All other fields are facts
that a person writes.

Example:
  .venv/bin/python -m evaluation.manifest           # report wrong counts; exit 1
  .venv/bin/python -m evaluation.manifest --write   # update the counts
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from gateway.evaluation import Prediction, evaluate, load

DATASETS = Path(__file__).resolve().parent / "datasets"
MANIFEST = DATASETS / "datasets.yaml"


def main() -> int:
    """Compare or update the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="update the counts in the manifest")
    options = parser.parse_args()
    known = MANIFEST.read_text(encoding="utf-8")
    updated = update(known)
    if options.write:
        MANIFEST.write_text(updated, encoding="utf-8")
    elif known != updated:
        print("datasets.yaml differs from the files; run python -m evaluation.manifest --write")
        return 1
    return 0


def update(manifest: str) -> str:
    """Return the text of the manifest with counts from the files, in its one layout."""
    head, mark, body = manifest.partition("\nsets:")
    sets = yaml.safe_load(mark + body)["sets"]
    counted = {name: one | counts(DATASETS / one["file"]) for name, one in sets.items()}
    entries = (
        yaml.safe_dump(
            {name: one},
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None,
            width=70,
            indent=2,
        )
        for name, one in counted.items()
    )
    lines = (line for entry in entries for line in entry.splitlines())
    return f"{head}\nsets:\n" + "".join(f"  {line}\n" for line in lines)


def counts(file: Path) -> dict[str, Any]:
    """Return texts by language, texts, and values; a word list has only values."""
    if file.suffix == ".txt":
        lines = [line.partition(": ") for line in file.read_text(encoding="utf-8").splitlines()]
        words: Counter[str] = Counter()
        for head, _, phrases in lines:
            words[head.split()[1]] += phrases.count(";") + 1
        return {"languages": dict(words.most_common()), "texts": None, "values": words.total()}
    report = evaluate(load(file), lambda _text, _lang: Prediction((), "", 0))
    texts = Counter({lang: tally.texts for lang, tally in sorted(report.languages.items())})
    return {
        "languages": dict(texts.most_common()),
        "texts": report.total.texts,
        "values": report.total.gold,
    }


if __name__ == "__main__":
    sys.exit(main())
