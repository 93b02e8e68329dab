"""The scores of a detector over a set of texts, as figures, JSON and tables."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.core.level import Level
from gateway.evaluation.code_damage import CodeDamage, shape_of
from gateway.evaluation.examples import MarkedText, Span
from gateway.evaluation.scoring import Outcome, judge

_AROUND = 25  # characters on each side of an error that is shown


class Prediction(NamedTuple):
    """The result of a detector for one text; ``level`` is empty where it gives none."""

    spans: Sequence[Span]
    level: str
    seconds: float


Predictor = Callable[[str, str], Prediction]


@dataclass(slots=True)
class Tally:
    """Counts over texts, or over the spans of one type."""

    texts: int = 0
    characters: int = 0
    gold: int = 0
    predicted: int = 0
    hits: int = 0
    masked: int = 0
    false: int = 0
    clean: int = 0
    untouched: int = 0

    @property
    def precision(self) -> float:
        """Hits as a share of the predicted spans."""
        return _share(self.hits, self.predicted)

    @property
    def recall(self) -> float:
        """Hits as a share of the marked spans."""
        return _share(self.hits, self.gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _share(2 * self.hits, self.gold + self.predicted)

    @property
    def masked_share(self) -> float:
        """Share of the marked spans whose letters and digits are all covered."""
        return _share(self.masked, self.gold)

    @property
    def false_per_1000(self) -> float:
        """False alarms per 1000 characters."""
        return 1000 * self.false / max(1, self.characters)

    @property
    def untouched_share(self) -> float:
        """Share of the texts without personal data that have no false alarm."""
        return _share(self.untouched, self.clean)

    def add(self, outcome: Outcome, type_: str | None = None) -> None:
        """Count the spans of one text: all, or those of one type."""

        def count(spans: Iterable[Span]) -> int:
            return sum(type_ in (None, span.type) for span in spans)

        hits = count(gold for gold, _ in outcome.hits)
        self.gold += count(outcome.gold)
        self.predicted += hits + count(outcome.extra)
        self.hits += hits
        self.masked += count(outcome.masked)
        self.false += count(outcome.false)

    def add_text(self, example: MarkedText, outcome: Outcome) -> None:
        """Count one text with all its spans."""
        self.add(outcome)
        self.texts += 1
        self.characters += len(example.text)
        self.clean += not outcome.gold
        self.untouched += not outcome.gold and not outcome.false


@dataclass(slots=True)
class Levels:
    """Counts of right, too low and restricted levels."""

    judged: int = 0
    right: int = 0
    too_low: int = 0
    restricted: int = 0
    restricted_too_low: int = 0

    @property
    def accuracy(self) -> float:
        """Share of the texts with exactly the marked level."""
        return _share(self.right, self.judged)

    def add(self, marked: str, given: str) -> None:
        """Count one text, where both levels are known."""
        if not (marked and given):
            return
        expected, got = Level.parse(marked), Level.parse(given)
        self.judged += 1
        self.right += expected == got
        self.too_low += got < expected
        self.restricted += expected == Level.RESTRICTED
        self.restricted_too_low += got < expected == Level.RESTRICTED


@dataclass(frozen=True, slots=True)
class Error:
    """One error.

    ``kind`` is ``leaked``, ``missed`` (masked, but not as this type), ``false``, ``type`` (touches
    a marked span of another type) or ``level``.
    """

    id: str
    kind: str
    type: str
    shown: str


@dataclass(slots=True)
class DetectionReport:
    """All figures of one run, with their errors."""

    total: Tally = field(default_factory=Tally)
    languages: dict[str, Tally] = field(default_factory=dict)
    types: dict[str, Tally] = field(default_factory=dict)
    shapes: dict[str, Tally] = field(default_factory=dict)  # prose and code
    damage: CodeDamage = field(default_factory=CodeDamage)
    levels: Levels = field(default_factory=Levels)
    errors: list[Error] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)  # duration, KiB of the text

    def add(self, example: MarkedText, prediction: Prediction) -> None:
        """Count one text."""
        outcome = judge(example, prediction.spans)
        self.total.add_text(example, outcome)
        self.languages.setdefault(example.lang, Tally()).add_text(example, outcome)
        self.shapes.setdefault(shape_of(example), Tally()).add_text(example, outcome)
        self.damage.add(example, outcome, prediction.level)
        for type_ in {span.type for span in (*outcome.gold, *outcome.extra)}:
            self.types.setdefault(type_, Tally()).add(outcome, type_)
        self.levels.add(example.level, prediction.level)
        self.errors += _errors(example, outcome, prediction.level)
        self.seconds.append((prediction.seconds, len(example.text.encode()) / 1024))

    def latency(self) -> dict[str, float]:
        """Return milliseconds per KiB: median and p95 over texts, and over all texts together.

        Short texts weigh as much as long ones in median and p95, which include fixed cost.
        """
        each = sorted(1000 * seconds / size for seconds, size in self.seconds if size)
        if not each:
            return {"median": 0.0, "p95": 0.0, "overall": 0.0}
        whole = 1000 * sum(s for s, _ in self.seconds) / sum(size for _, size in self.seconds)
        return {
            "median": round(statistics.median(each), 3),
            "p95": round(each[min(len(each) - 1, int(0.95 * len(each)))], 3),
            "overall": round(whole, 3),
        }

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        levels = self.levels
        return {
            **_figures(self.total),
            "languages": {lang: _figures(t) for lang, t in sorted(self.languages.items())},
            "types": {type_: _type_figures(t) for type_, t in sorted(self.types.items())},
            "shapes": {shape: _figures(t) for shape, t in sorted(self.shapes.items())},
            "code_damage": self.damage.document(),
            "levels": {
                "judged": levels.judged,
                "accuracy": round(levels.accuracy, 4),
                "too_low": levels.too_low,
                "restricted": levels.restricted,
                "restricted_too_low": levels.restricted_too_low,
            },
            "ms_per_kib": self.latency(),
        }

    def markdown(self) -> str:
        """Return the figures as two tables and some lines."""
        levels, speed = self.levels, self.latency()
        rows = [
            ("all", self.total),
            *sorted(self.shapes.items()),
            *sorted(self.languages.items()),
        ]
        by_language = table(
            "language|texts|spans|precision|recall|F1|masked|FP/1000|untouched",
            [_language_row(name, tally) for name, tally in rows],
        )
        by_type = table(
            "type|marked|predicted|precision|recall|F1|masked|false",
            [_type_row(name, tally) for name, tally in sorted(self.types.items())],
        )
        judged = (
            f"Level right in {levels.accuracy:.3f} of {levels.judged} texts, too low in "
            f"{levels.too_low}; restricted came out too low in {levels.restricted_too_low} of "
            f"{levels.restricted}."
        )
        pace = (
            f"Milliseconds per KiB: median {speed['median']}, 95th percentile {speed['p95']}, "
            f"all texts together {speed['overall']}."
        )
        summary = judged if levels.judged else "No levels were judged."
        lines = [summary, *([self.damage.sentence()] if self.damage.texts else []), pace]
        return "\n\n".join([by_language, by_type, *lines]) + "\n"


def evaluate(examples: Iterable[MarkedText], predict: Predictor) -> DetectionReport:
    """Call ``predict`` for every text and count its results."""
    report = DetectionReport()
    for example in examples:
        report.add(example, predict(example.text, example.lang))
    return report


def _share(part: float, whole: float) -> float:
    """Return the share; the share of nothing is 1."""
    return part / whole if whole else 1.0


def _errors(example: MarkedText, outcome: Outcome, level: str) -> Iterable[Error]:
    def error(kind: str, span: Span) -> Error:
        text = example.text
        before, after = max(0, span.start - _AROUND), span.end + _AROUND
        shown = (
            f"{text[before : span.start]}⟦{text[span.start : span.end]}⟧{text[span.end : after]}"
        )
        return Error(example.id, kind, span.type, shown.replace("\n", "⏎"))

    for span in outcome.gold:
        if span not in outcome.masked:
            yield error("leaked", span)
    for span in outcome.missed:
        if span in outcome.masked:
            yield error("missed", span)
    for span in outcome.extra:
        yield error("false" if span in outcome.false else "type", span)
    if example.level and level and example.level != level:
        yield Error(example.id, "level", example.level, f"came out {level}")


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "texts": tally.texts,
        "characters": tally.characters,
        **_type_figures(tally),
        "false_per_1000": round(tally.false_per_1000, 4),
        "clean": tally.clean,
        "untouched": tally.untouched,
        "untouched_share": round(tally.untouched_share, 4),
    }


def _type_figures(tally: Tally) -> dict[str, Any]:
    return {
        "gold": tally.gold,
        "predicted": tally.predicted,
        "hits": tally.hits,
        "precision": round(tally.precision, 4),
        "recall": round(tally.recall, 4),
        "f1": round(tally.f1, 4),
        "masked": tally.masked,
        "masked_share": round(tally.masked_share, 4),
        "false": tally.false,
    }


def table(head: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; ``head`` holds the column names between bars."""
    names = head.split("|")
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _language_row(name: str, tally: Tally) -> list[str]:
    shares = (tally.precision, tally.recall, tally.f1, tally.masked_share)
    return [
        name,
        str(tally.texts),
        str(tally.gold),
        *(f"{share:.3f}" for share in shares),
        f"{tally.false_per_1000:.2f}",
        f"{tally.untouched}/{tally.clean}",
    ]


def _type_row(name: str, tally: Tally) -> list[str]:
    shares = (tally.precision, tally.recall, tally.f1, tally.masked_share)
    return [
        name,
        str(tally.gold),
        str(tally.predicted),
        *(f"{share:.3f}" for share in shares),
        str(tally.false),
    ]
