"""Scores of a detector against gold spans."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TITLE = re.compile(
    r"(?:(?:dhr|mevrouw|mevr|mw|meneer|de heer|dr|drs|mr|mrs|ms|miss|prof|ir|ing|herr|frau)\b\.? ?)+",
    re.IGNORECASE,
)
_MERGED = ("PERSON", "STREET_ADDRESS")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text, in code points, with its type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what should be found in it."""

    id: str
    lang: str
    text: str
    spans: tuple[Span, ...]
    level: str


@dataclass(slots=True)
class Score:
    """Counts over a set of texts, with the derived figures."""

    hits: int = 0
    gold: int = 0
    predicted: int = 0
    masked: int = 0
    false_positives: int = 0
    characters: int = 0
    clean: int = 0
    untouched: int = 0
    missed: list[str] = field(default_factory=list)
    per_type: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.gold + self.predicted)

    @property
    def masked_share(self) -> float:
        return self.masked / max(1, self.gold)

    @property
    def false_per_1000(self) -> float:
        return 1000 * self.false_positives / max(1, self.characters)

    @property
    def untouched_share(self) -> float:
        return self.untouched / max(1, self.clean)

    def type_f1(self, type_: str) -> float:
        counts = self.per_type
        total = counts[type_, "gold"] + counts[type_, "predicted"]
        return 2 * counts[type_, "hit"] / max(1, total)


def load(path: Path) -> list[Example]:
    """The examples of a JSONL file."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Example(r["id"], r["lang"], r["text"], tuple(Span(**s) for s in r["spans"]), r["level"])
        for r in rows
    ]


def score(examples: Iterable[Example], predict: Callable[[str], Sequence[Span]]) -> Score:
    """Compare what ``predict`` finds (personal data and secrets only) with the gold spans."""
    total = Score()
    for example in examples:
        found = predict(example.text)
        _add(total, example, _tidy(found, example.text), _tidy(example.spans, example.text))
    return total


def _add(total: Score, example: Example, found: list[Span], gold: list[Span]) -> None:
    covered = {index for span in found for index in range(span.start, span.end)}
    total.characters += len(example.text)
    total.gold += len(gold)
    total.predicted += len(found)
    total.clean += not gold
    total.untouched += not gold and not found
    free = list(found)
    for span in gold:
        total.per_type[span.type, "gold"] += 1
        letters = (i for i in range(span.start, span.end) if example.text[i].isalnum())
        total.masked += all(index in covered for index in letters)
        best = max(free, key=lambda other: _iou(span, other), default=None)
        if best is not None and _iou(span, best) >= 0.5:
            total.hits += 1
            total.per_type[span.type, "hit"] += 1
            free.remove(best)
        else:
            total.missed.append(f"{example.id} missed {span.type}")
    for span in found:
        total.per_type[span.type, "predicted"] += 1
        if not any(span.start < g.end and g.start < span.end for g in gold):
            total.false_positives += 1
            total.missed.append(f"{example.id} false {span.type}")


def _iou(left: Span, right: Span) -> float:
    if left.type != right.type:
        return 0.0
    shared = min(left.end, right.end) - max(left.start, right.start)
    return max(0, shared) / (max(left.end, right.end) - min(left.start, right.start))


def _tidy(spans: Iterable[Span], text: str) -> list[Span]:
    tidy: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        start, end = span.start, span.end
        if span.type == "PERSON" and (title := _TITLE.match(text[start:end])):
            start += title.end() if title.end() < end - start else 0
        last = tidy[-1] if tidy else None
        joined = last and last.type == span.type in _MERGED and text[last.end : start] in (" ", "-")
        if joined and last:
            tidy[-1] = Span(last.start, end, span.type)
        else:
            tidy.append(Span(start, end, span.type))
    return tidy
