#!/usr/bin/env python3
"""Makes the marked texts for the privacy detectors from their sources.

A source file holds texts, each under a line ``@@ language kind level``. In a text,
``[[PERSON:Fatima el Amrani]]`` marks personal data and ``[[~:Zwolle]]`` what neither helps nor
hurts a detector that finds it. The offsets in the result are never counted by hand.

    scripts/privacy_set.py           # writes all sets
    scripts/privacy_set.py --check   # says whether they are what this makes
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).resolve().parents[1] / "tests/data/privacy"
HALVES = ("tuning", "scored")
# Categories, said of somebody or nobody; and texts of somebody who had not seen the detectors.
SETS = (
    *HALVES,
    "categories",
    "indirect",
    "strangers",
    "outsiders",
    "newcomers",
    "visitors",
    "arrivals",
    "callers",
    "guests",
    "neighbours",
    "residents",
    "commuters",
    "travellers",
    "freelancers",
    "clerks",
    "dossiers",
    "pasted",
    "passengers",
    "pupils",
    "tenants",
    "voters",
    "auditors",
    "inboxes",
    "couriers",
    "gardeners",
    "bakers",
    "sailors",
    "brokers",
    "millers",
    "weavers",
    "porters",
    "carpenters",
    "printers",
    "tilers",
    "coopers",
    "skippers",
)

_HEAD = re.compile(
    r"@@ (?P<lang>[a-z]+) (?P<kind>[a-z]+) (?P<level>public|internal|confidential|restricted)"
)
_MARK = re.compile(r"\[\[(~|[A-Z_]+):(.+?)\]\]", re.DOTALL)


def main() -> int:
    made = {name: jsonl(name) for name in SETS}
    if "--check" not in sys.argv[1:]:
        for half, text in made.items():
            (DIRECTORY / f"{half}.jsonl").write_text(text, encoding="utf-8")
        return 0
    stale = [
        half
        for half, text in made.items()
        if (DIRECTORY / f"{half}.jsonl").read_text(encoding="utf-8") != text
    ]
    for half in stale:
        print(f"{half}.jsonl is not what its sources make; run scripts/privacy_set.py")
    return 1 if stale else 0


def jsonl(half: str) -> str:
    """One half of the set, one JSON object a line."""
    rows = (
        row
        for source in sorted((DIRECTORY / "source" / half).glob("*.txt"))
        for row in texts(source, prefix=f"{half}-{source.stem}")
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def texts(source: Path, *, prefix: str) -> Iterator[dict[str, Any]]:
    """The texts of a source file, numbered in order: add new ones at its end."""
    heads: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(source.read_text(encoding="utf-8").split("\n"), start=1):
        if head := _HEAD.fullmatch(line):
            heads.append((head, []))
        elif line.startswith("@@") or not heads:
            raise ValueError(f"{source.name} line {number}: expected '@@ language kind level'")
        else:
            heads[-1][1].append(line)
    for number, (head, lines) in enumerate(heads, start=1):
        yield {
            "id": f"{prefix}-{number:02}",
            "lang": head["lang"],
            "kind": head["kind"],
            **marked("\n".join(lines).rstrip("\n")),
            "level": head["level"],
        }


def marked(source: str) -> dict[str, Any]:
    """The text without its marks, with the place of each.

    Raises:
        ValueError: a mark is not closed, or stands within another.
    """
    text, place = "", 0
    spans: list[dict[str, Any]] = []
    ignored: list[dict[str, Any]] = []
    for mark in _MARK.finditer(source):
        text += source[place : mark.start()]
        where = {"start": len(text), "end": len(text) + len(mark[2])}
        if mark[1] == "~":
            ignored.append(where)
        else:
            spans.append(where | {"type": mark[1]})
        text += mark[2]
        place = mark.end()
    text += source[place:]
    if re.search(r"\[\[(?:~|[A-Z_]+):", text):
        raise ValueError(f"a mark is not closed, or stands within another: {text[:60]!r}")
    return {"text": text, "spans": spans, "ignored": ignored}


if __name__ == "__main__":
    sys.exit(main())
