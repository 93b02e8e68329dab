"""Intervals of scores: the wider of the exact one and a bootstrap; differences are paired."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SEED, RESAMPLES, CONFIDENCE = 20_260_801, 1000, 0.95
_HALVINGS, _ROUNDING = 40, 1e-9
Draws = NDArray[np.intp]
# The value of a sample, by the positions of its units, one row for each resample.
Statistic = Callable[[Draws], NDArray[np.float64]]


def draws(count: int) -> Draws:
    """The resamples of so many units, the same at each call."""
    generator = np.random.default_rng(SEED)
    return generator.integers(0, count, size=(RESAMPLES, count), dtype=np.intp)


def interval(statistic: Statistic, count: int) -> tuple[float, float]:
    """The two-sided 95 % interval of a statistic over so many units, with values from 0 to 1.

    Resamples of few or of like units hardly differ, so a bootstrap alone is too narrow near 0 and
    1. The interval therefore also holds the exact one of a share of the same size (Clopper and
    Pearson 1934): values from 0 to 1 vary at most as hits and misses with the same mean do.
    """
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(statistic(draws(count)), [tail, 100 - tail])
    hits = float(statistic(np.arange(count)[None, :])[0]) * count
    least = lowest_share(math.floor(hits + _ROUNDING), count)
    most = 1 - lowest_share(count - math.ceil(hits - _ROUNDING), count)
    return min(float(low), least), max(float(high), most)


def lowest_share(hits: int, count: int) -> float:
    """The share at which so many hits, or more, have a probability of 2.5 %; 0 without hits."""
    if hits == 0:
        return 0.0
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, count + 1)))))
    number = np.arange(hits, count + 1)
    ways = logs[count] - logs[number] - logs[count - number]
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        chances = ways + number * np.log(share) + (count - number) * np.log1p(-share)
        if np.exp(chances).sum() < (1 - CONFIDENCE) / 2:
            low = share
        else:
            high = share
    return low


def lowest_difference(candidate: Statistic, other: Statistic, count: int) -> float:
    """What the difference of two statistics over the same units exceeds with 95 % confidence."""
    sample = draws(count)
    return float(np.percentile(candidate(sample) - other(sample), 100 * (1 - CONFIDENCE)))


def mean_of(values: Sequence[float]) -> Statistic:
    """The mean as a statistic."""
    held = np.asarray(values, dtype=np.float64)
    return lambda sample: held[sample].mean(axis=1)


def macro_f1_of(expected: Sequence[int], given: Sequence[int], labels: int) -> Statistic:
    """The macro-averaged F1 as a statistic; a label of ``labels`` or more is an unreadable answer.

    Labels that occur in no expected answer of a sample are left out of its mean.
    """
    wanted, found = np.asarray(expected), np.asarray(given)

    def statistic(sample: Draws) -> NDArray[np.float64]:
        totals = np.zeros(len(sample))
        present = np.zeros(len(sample))
        for label in range(labels):
            is_wanted, is_found = (wanted == label)[sample], (found == label)[sample]
            hits = (is_wanted & is_found).sum(axis=1)
            size = is_wanted.sum(axis=1) + is_found.sum(axis=1)
            there = is_wanted.any(axis=1)
            totals += np.where(there, 2 * hits / np.maximum(size, 1), 0.0)
            present += there
        return totals / np.maximum(present, 1)

    return statistic
