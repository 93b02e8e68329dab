"""Instruments: what counts, and what is read when it is asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.telemetry.metric import Metric, Values

_NONE: Values = ()


class Point(NamedTuple):
    """The present state of one series; ``counts`` by bucket are those of a histogram."""

    values: Values
    value: float
    counts: tuple[int, ...] = ()


class HistogramSeries:
    """One series of a histogram. Recording costs one list increment."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last is above all bounds
        self.total = 0.0

    def record(self, value: float) -> None:
        """Counts one value, in the unit of the metric."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def record_all(self, values: Sequence[float]) -> None:
        """Counts many values, for less than one by one."""
        ordered, before = sorted(values), 0
        for number, bound in enumerate(self.bounds):
            below = bisect_right(ordered, bound, before)
            self.counts[number] += below - before
            before = below
        self.counts[-1] += len(ordered) - before
        self.total += sum(ordered)


class Histogram:
    """A histogram with the buckets of its metric."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._series: dict[Values, HistogramSeries] = {}

    def at(self, values: Values = _NONE) -> HistogramSeries:
        """Returns the series of these values of the attributes."""
        series = self._series.get(values)
        if series is None:
            series = self._series[values] = HistogramSeries(self.metric.buckets)
        return series

    def points(self) -> Iterator[Point]:
        """Yields each series that has counted something; the value is the sum."""
        for values, series in list(self._series.items()):
            if any(series.counts):
                yield Point(values, series.total, tuple(series.counts))


class Counter:
    """A sum by attributes."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._series: dict[Values, float] = {}

    def add(self, values: Values = _NONE, amount: float = 1) -> None:
        """Adds ``amount`` to a series."""
        self._series[values] = self._series.get(values, 0) + amount

    def points(self) -> Iterator[Point]:
        """Yields each series."""
        for values, value in list(self._series.items()):
            yield Point(values, value)


class Observed:
    """Values that their owner keeps: they are read when they are exposed."""

    def __init__(
        self, metric: Metric, read: Callable[[], float | Iterable[tuple[Values, float]] | None]
    ) -> None:
        """``read`` gives one value, None for none, or values by attributes."""
        self.metric = metric
        self._read = read

    def points(self) -> Iterator[Point]:
        """Yields each value."""
        found = self._read()
        if found is None:
            return
        if isinstance(found, int | float):
            yield Point(_NONE, found)
            return
        for values, value in found:
            yield Point(values, value)


Instrument = Histogram | Counter | Observed
