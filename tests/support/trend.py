"""Whether a measured quantity grows: a line through block means, with its confidence interval.

Samples of memory are correlated, so they are first averaged in blocks of equal length. The line is
the least-squares one, its interval that of 95 % with Student's t for the residuals of the blocks.
Source: NIST/SEMATECH, e-Handbook of Statistical Methods, section 4.1.4.1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

BLOCKS = 12
_T = 2.228  # Student's t, 97.5 %, for BLOCKS - 2 degrees of freedom


@dataclass(frozen=True)
class Trend:
    """Growth in percent of the mean in an hour: the estimate, and half of its interval."""

    estimate: float
    half: float
    mean: float

    @property
    def least(self) -> float:
        """The growth that the samples surely show."""
        return self.estimate - self.half

    def __str__(self) -> str:
        return f"{self.mean:.1f}, {self.estimate:+.2f} ± {self.half:.2f} % an hour"


def trend_of(samples: Sequence[tuple[float, float]]) -> Trend:
    """The trend of (seconds, value) samples at equal distances; at least two for each block."""
    size = len(samples) // BLOCKS
    if size < 2:
        raise ValueError(f"{len(samples)} samples are too few for {BLOCKS} blocks")
    blocks = [samples[size * one : size * (one + 1)] for one in range(BLOCKS)]
    hours = [fmean(at for at, _ in block) / 3600 for block in blocks]
    values = [fmean(value for _, value in block) for block in blocks]
    mean, middle = fmean(values), fmean(hours)
    spread = sum((hour - middle) ** 2 for hour in hours)
    pairs = list(zip(hours, values, strict=True))
    slope = sum((hour - middle) * (value - mean) for hour, value in pairs) / spread
    rest = sum((value - mean - slope * (hour - middle)) ** 2 for hour, value in pairs)
    error = math.sqrt(rest / (BLOCKS - 2) / spread)
    return Trend(100 * slope / mean, 100 * _T * error / mean, mean)
