"""The result of a suite: the score with its interval, further values, and how many failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec
import numpy as np

from gateway.evaluation.versions.bootstrap import (
    Statistic,
    interval,
    lowest_difference,
    macro_f1_of,
    mean_of,
)
from gateway.evaluation.versions.items import BiasItem, EvaluationTask
from gateway.evaluation.versions.scorers import SCORE, ItemOutcome, ScoredAnswer
from gateway.evaluation.versions.suite import Suite
from gateway.evaluation.versions.translation import corpus_scores

_MAX_FAILED = 0.02  # a larger share of failed requests makes a run invalid


class Measure(msgspec.Struct, frozen=True):
    """A value with its 95 % interval, over ``count`` units."""

    value: float
    low: float
    high: float
    count: int


class SuiteResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one version on one suite.

    ``items`` is the number of items that the model answered, and ``counted`` the same with those
    that a content rule blocked rightly: they say nothing of the model, which ``model_alone`` in
    ``measures`` does. ``measures`` are values beside the
    score, ``languages`` the score by language. ``confusion`` has, for each expected label, how
    often each was given; ``signatures`` are those of the metrics of sacrebleu.
    """

    score: Measure
    items: int
    counted: int
    failed: int
    blocked: int
    unreadable: int
    measures: dict[str, Measure]
    languages: dict[str, float]
    confusion: dict[str, dict[str, int]] = {}
    signatures: dict[str, str] = {}

    @property
    def valid(self) -> bool:
        """Whether few enough requests failed."""
        total = self.items + self.failed + self.blocked
        return self.failed <= _MAX_FAILED * total


_UNREADABLE = "(unreadable)"


@dataclass(frozen=True, slots=True)
class _Units:
    """What is drawn as one, in the order of the suite, and the score as a statistic over it."""

    count: int
    score: Statistic


def suite_result(suite: Suite, answers: Sequence[ScoredAnswer]) -> SuiteResult:
    """The result of all answers of a suite, in the order of its items."""
    units = _units(suite, answers)
    outcomes = [one.outcome for one in answers]
    corpus, signatures = _corpus(suite, answers)
    return SuiteResult(
        score=_measure(units.score, units.count),
        items=outcomes.count(ItemOutcome.ANSWERED),
        counted=sum(map(_counts, answers)),
        failed=outcomes.count(ItemOutcome.FAILED),
        blocked=outcomes.count(ItemOutcome.BLOCKED),
        unreadable=sum(one.unreadable for one in answers),
        measures=_measures(answers) | _by_attribute(answers) | _alone(answers) | corpus,
        languages=_by_language(suite, answers),
        confusion=_confusion(suite, answers),
        signatures=signatures,
    )


def worst_difference(
    suite: Suite, answers: Sequence[ScoredAnswer], others: Sequence[ScoredAnswer]
) -> tuple[float, float]:
    """The difference of the scores of two versions, and what it exceeds with 95 % confidence."""
    one, other = _units(suite, answers), _units(suite, others)
    whole = np.arange(one.count)[None, :]
    difference = float(one.score(whole)[0] - other.score(whole)[0])
    return difference, lowest_difference(one.score, other.score, one.count)


def _units(suite: Suite, answers: Sequence[ScoredAnswer]) -> _Units:
    if suite.about.task is EvaluationTask.CLASSIFICATION:
        labels = {label: at for at, label in enumerate(suite.about.labels)}
        expected = [labels[one.item.expected] for one in answers]  # type: ignore[attr-defined]
        given = [labels.get(one.label or "", len(labels)) for one in answers]
        return _Units(len(answers), macro_f1_of(expected, given, len(labels)))
    if suite.about.task is EvaluationTask.BIAS:
        values = [float(_is_equal(pair)) for pair in _pairs(answers)]
    else:
        values = [one.values[SCORE] for one in answers]
    return _Units(len(values), mean_of(values))


def _pairs(answers: Sequence[ScoredAnswer]) -> list[list[ScoredAnswer]]:
    by_pair = sorted(answers, key=lambda one: one.item.unit)
    return [list(pair) for _, pair in groupby(by_pair, key=lambda one: one.item.unit)]


def _is_equal(pair: Sequence[ScoredAnswer]) -> bool:
    """Whether both answers of a pair can be read, and are the same."""
    labels = {one.label for one in pair}
    return len(labels) == 1 and None not in labels


def _measure(statistic: Statistic, count: int) -> Measure:
    value = float(statistic(np.arange(count)[None, :])[0])
    return Measure(value, *interval(statistic, count), count)


def _measures(answers: Sequence[ScoredAnswer]) -> dict[str, Measure]:
    """The further values, each over the answers that have it."""
    names = sorted({name for one in answers for name in one.values} - {SCORE, "unreadable"})
    held = {name: [one.values[name] for one in answers if name in one.values] for name in names}
    return {name: _measure(mean_of(values), len(values)) for name, values in held.items()}


def _counts(one: ScoredAnswer) -> bool:
    """Whether an item was answered, or blocked where that is right."""
    blocked = one.outcome is ItemOutcome.BLOCKED and one.values[SCORE] > 0
    return one.outcome is ItemOutcome.ANSWERED or blocked


def _alone(answers: Sequence[ScoredAnswer]) -> dict[str, Measure]:
    """The mean score of what the model answered, where content rules blocked other items."""
    answered = [one.values[SCORE] for one in answers if one.outcome is ItemOutcome.ANSWERED]
    if not answered or not any(one.outcome is ItemOutcome.BLOCKED for one in answers):
        return {}
    return {"model_alone": _measure(mean_of(answered), len(answered))}


def _by_attribute(answers: Sequence[ScoredAnswer]) -> dict[str, Measure]:
    """The share of equal pairs for each attribute of persons."""
    found: dict[str, list[float]] = {}
    for pair in _pairs([one for one in answers if isinstance(one.item, BiasItem)]):
        equal = float(_is_equal(pair))
        found.setdefault(pair[0].item.attribute, []).append(equal)  # type: ignore[attr-defined]
    return {name: _measure(mean_of(values), len(values)) for name, values in found.items()}


def _by_language(suite: Suite, answers: Sequence[ScoredAnswer]) -> dict[str, float]:
    found: dict[str, float] = {}
    for language in suite.about.languages:
        units = _units(suite, [one for one in answers if one.item.language == language])
        found[language] = float(units.score(np.arange(units.count)[None, :])[0])
    return found


def _confusion(suite: Suite, answers: Sequence[ScoredAnswer]) -> dict[str, dict[str, int]]:
    if suite.about.task is not EvaluationTask.CLASSIFICATION:
        return {}
    table: dict[str, dict[str, int]] = {label: {} for label in suite.about.labels}
    for one in answers:
        row = table[one.item.expected]  # type: ignore[attr-defined]
        given = one.label or _UNREADABLE
        row[given] = row.get(given, 0) + 1
    return table


def _corpus(
    suite: Suite, answers: Sequence[ScoredAnswer]
) -> tuple[dict[str, Measure], dict[str, str]]:
    """BLEU and chrF over all translations; without an interval, which the score has."""
    if suite.about.task is not EvaluationTask.TRANSLATION:
        return {}, {}
    references = [one.item.references for one in answers]  # type: ignore[attr-defined]
    scores, signatures = corpus_scores([one.text for one in answers], references)
    found = {name: Measure(value, value, value, len(answers)) for name, value in scores.items()}
    return found, dict(signatures)
