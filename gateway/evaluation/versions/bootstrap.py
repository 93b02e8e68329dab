"""Percentile bootstrap intervals, with a fixed seed; differences are paired."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SEED, RESAMPLES, CONFIDENCE = 20_260_801, 1000, 0.95
Draws = NDArray[np.intp]
# The value of a sample, by the positions of its units, one row for each resample.
Statistic = Callable[[Draws], NDArray[np.float64]]


def draws(count: int) -> Draws:
    """The resamples of so many units, the same at each call."""
    generator = np.random.default_rng(SEED)
    return generator.integers(0, count, size=(RESAMPLES, count), dtype=np.intp)


def interval(statistic: Statistic, count: int) -> tuple[float, float]:
    """The two-sided 95 % interval of a statistic over so many units."""
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(statistic(draws(count)), [tail, 100 - tail])
    return float(low), float(high)


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
