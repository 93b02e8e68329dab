"""Figures of one model over all tasks: scores, cost of redaction, fate of placeholders."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.evaluation.answers.survival import Fate, Survival, Values, required_ids, survival
from gateway.evaluation.answers.tasks import Task, contains_words, fulfilled
from gateway.evaluation.report import table

_RESAMPLES = 2000
_Z = 1.96  # standard deviations of a 95 % interval


@dataclass(frozen=True, slots=True)
class SentTask:
    """A redacted task: its messages with placeholders, and the values of these by id."""

    messages: list[dict[str, str]]
    values: Values


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Both answers to one task; ``raw`` is the redacted one before restoring.

    ``kept`` counts known placeholders that restoring left in place because of their position.
    """

    task: Task
    sent: SentTask
    clear: str
    raw: str
    restored: str
    kept: int = 0

    @property
    def clear_right(self) -> bool:
        """Whether the answer without redaction is right."""
        return fulfilled(self.task.right, self.clear)

    @property
    def redacted_right(self) -> bool:
        """Whether the answer with redaction is right, its values restored."""
        return fulfilled(self.task.right, self.restored)

    @property
    def survival(self) -> Survival:
        """The fate of the placeholders."""
        return survival(self.raw, self.sent.values, self.task.right.required)

    def carried(self, answer: str) -> set[str]:
        """Return the ids of the redacted, required values that an answer holds."""
        values = self.sent.values
        required = required_ids(values, self.task.right.required)
        return {id_ for id_ in required if contains_words(values[id_][1], answer)}


@dataclass(slots=True)
class AnswerReport:
    """All answer pairs of one model."""

    model: str
    pairs: list[AnswerPair] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        groups = {name: _figures(pairs) for name, pairs in self._groups()}
        return {"model": self.model, **groups.pop("all"), "groups": groups}

    def markdown(self) -> str:
        """Return the figures as two tables."""
        rows = [(name, _figures(pairs)) for name, pairs in self._groups()]
        scores = table(
            "tasks of|tasks|right clear|right redacted|difference, 95 % interval|lost|gained",
            [_score_row(name, figures) for name, figures in rows],
        )
        fates = table(
            "tasks of|asked for|intact|tolerated|mangled|dropped|came through, 95 % interval"
            "|invented|value in clear",
            [_fate_row(name, figures) for name, figures in rows if figures["placeholders"]],
        )
        return f"## {self.model}\n\n{scores}\n\n{fates}\n"

    def _groups(self) -> list[tuple[str, list[AnswerPair]]]:
        kinds = dict.fromkeys(pair.task.kind for pair in self.pairs)
        languages = sorted({pair.task.lang for pair in self.pairs})
        return [
            ("all", self.pairs),
            *((lang, [p for p in self.pairs if p.task.lang == lang]) for lang in languages),
            *((kind, [p for p in self.pairs if p.task.kind == kind]) for kind in kinds),
            *(
                (
                    f"copy {lang}",
                    [p for p in self.pairs if p.task.lang == lang and p.task.kind == "copy"],
                )
                for lang in languages
            ),
        ]


def share_interval(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson); 0 to 1 where ``whole`` is 0."""
    if not whole:
        return 0.0, 1.0
    share, square = part / whole, _Z * _Z / whole
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_interval(differences: Sequence[int]) -> tuple[float, float]:
    """Return the 95 % interval of a mean of paired differences, by bootstrap over the tasks."""
    if not differences:
        return -1.0, 1.0
    rng = random.Random(0)  # noqa: S311 - resampling, not a secret
    size = len(differences)
    means = sorted(sum(rng.choices(differences, k=size)) / size for _ in range(_RESAMPLES))
    return means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]


def _figures(pairs: Sequence[AnswerPair]) -> dict[str, Any]:
    verdicts = [(pair.clear_right, pair.redacted_right) for pair in pairs]
    differences = [int(redacted) - int(clear) for clear, redacted in verdicts]
    survivals = [pair.survival for pair in pairs]
    carried = [(pair.carried(pair.clear), pair.carried(pair.restored)) for pair in pairs]
    fates = Counter(fate for one in survivals for fate in one.fates)
    written = sum((Counter(one.written) for one in survivals), Counter[str]())
    whole = fates.total()
    came = fates[Fate.INTACT] + fates[Fate.TOLERATED]
    return {
        "tasks": len(pairs),
        "redacted_tasks": sum(bool(pair.sent.values) for pair in pairs),
        "clear_right": sum(clear for clear, _ in verdicts),
        "redacted_right": sum(redacted for _, redacted in verdicts),
        "difference": _rounded([sum(differences) / max(1, len(pairs))])[0],
        "difference_interval": _rounded(difference_interval(differences)),
        "lost": differences.count(-1),
        "gained": differences.count(1),
        "placeholders": whole,
        "fates": {fate.value: fates[fate] for fate in Fate},
        "came_through": _rounded([came / whole])[0] if whole else None,
        "came_through_interval": _rounded(share_interval(came, whole)),
        "written": dict(sorted(written.items())),
        "kept": sum(pair.kept for pair in pairs),
        "values_in_clear": sum(len(clear) for clear, _ in carried),
        "values_restored": sum(len(restored) for _, restored in carried),
        "values_in_both": sum(len(clear & restored) for clear, restored in carried),
    }


def _rounded(figures: Iterable[float]) -> list[float]:
    return [round(figure, 4) for figure in figures]


def _score_row(name: str, figures: dict[str, Any]) -> list[str]:
    low, high = figures["difference_interval"]
    tasks, clear, redacted = (figures[key] for key in ("tasks", "clear_right", "redacted_right"))
    return [
        name,
        str(tasks),
        f"{clear} ({clear / tasks:.0%})",
        f"{redacted} ({redacted / tasks:.0%})",
        f"{figures['difference']:+.0%} ({low:+.0%} to {high:+.0%})",
        str(figures["lost"]),
        str(figures["gained"]),
    ]


def _fate_row(name: str, figures: dict[str, Any]) -> list[str]:
    low, high = figures["came_through_interval"]
    return [
        name,
        str(figures["placeholders"]),
        *(str(figures["fates"][fate]) for fate in Fate),
        f"{figures['came_through']:.0%} ({low:.0%} to {high:.0%})",
        str(figures["written"].get("invented", 0)),
        str(figures["values_in_clear"]),
    ]
