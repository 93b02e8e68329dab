"""Build the marked data sets from their sources.

A source file holds texts, each under a line ``@@ language kind level``. In a text,
``[[PERSON:Fatima el Amrani]]`` marks personal data. ``[[~:Zwolle]]`` marks a stretch that neither
helps nor hurts a detector that finds it. The program computes the offsets.

Example:
  .venv/bin/python -m evaluation.build           # write all data sets that have a source
  .venv/bin/python -m evaluation.build --check   # report data sets that differ from their source
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATASETS = Path(__file__).resolve().parent / "datasets"
SOURCES = DATASETS / "source"

_HEAD = re.compile(
    r"@@ (?P<lang>[a-z]+) (?P<kind>[a-z]+) (?P<level>public|internal|confidential|restricted)"
)
_MARK = re.compile(r"\[\[(~|[A-Z_]+):(.+?)\]\]", re.DOTALL)


def main() -> int:
    """Write or check every data set that has a source."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on differences")
    check = parser.parse_args().check
    stale = 0
    for source in sorted(SOURCES.iterdir()):
        file, built = DATASETS / f"{source.name}.jsonl", jsonl(source)
        if not check:
            file.write_text(built, encoding="utf-8")
        elif file.read_text(encoding="utf-8") != built:
            stale = 1
            print(f"{file.name} differs from its source; run python -m evaluation.build")
    return stale


def jsonl(source: Path) -> str:
    """Return the data set of a source folder, one JSON object a line."""
    rows = (
        row
        for file in sorted(source.glob("*.txt"))
        for row in texts(file, prefix=f"{source.name}-{file.stem}")
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def texts(source: Path, *, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the texts of a source file, numbered in order: add new texts at its end.

    Raises:
        ValueError: A line begins with ``@@`` and is neither a head nor a hunk of a diff (``@@ -``),
            or the first line is not a head.
    """
    sections: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(source.read_text(encoding="utf-8").split("\n"), start=1):
        if head := _HEAD.fullmatch(line):
            sections.append((head, []))
        elif (line.startswith("@@") and not line.startswith("@@ -")) or not sections:
            raise ValueError(f"{source.name} line {number}: expected '@@ language kind level'")
        else:
            sections[-1][1].append(line)
    for number, (head, lines) in enumerate(sections, start=1):
        yield {
            "id": f"{prefix}-{number:02}",
            "lang": head["lang"],
            "kind": head["kind"],
            **parse_marks("\n".join(lines).rstrip("\n")),
            "level": head["level"],
        }


def parse_marks(source: str) -> dict[str, Any]:
    """Return the text without its marks, and the offsets of each mark.

    Raises:
        ValueError: A mark is not closed, or lies within another.
    """
    text, position = "", 0
    spans: list[dict[str, Any]] = []
    ignored: list[dict[str, Any]] = []
    for mark in _MARK.finditer(source):
        text += source[position : mark.start()]
        offsets = {"start": len(text), "end": len(text) + len(mark[2])}
        if mark[1] == "~":
            ignored.append(offsets)
        else:
            spans.append(offsets | {"type": mark[1]})
        text += mark[2]
        position = mark.end()
    text += source[position:]
    if re.search(r"\[\[(?:~|[A-Z_]+):", text):
        raise ValueError(f"a mark is not closed, or lies within another: {text[:60]!r}")
    return {"text": text, "spans": spans, "ignored": ignored}


if __name__ == "__main__":
    sys.exit(main())
