"""Histograms, counters and gauges. Recording a value costs one list increment."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

Labels = tuple[tuple[str, str], ...]


class Histogram:
    """A histogram with fixed upper bounds, in the unit of its name."""

    def __init__(self, name: str, help_text: str, bounds: Sequence[float]) -> None:
        self.name = name
        self.help = help_text
        self.bounds = tuple(bounds)
        self._series: dict[Labels, tuple[list[int], list[float]]] = {}

    def record(self, value: float, labels: Labels) -> None:
        """Counts one value."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = ([0] * (len(self.bounds) + 1), [0.0])
        series[0][bisect_left(self.bounds, value)] += 1
        series[1][0] += value

    def points(self) -> Iterator[tuple[Labels, tuple[int, ...], float]]:
        """Yields labels, counts by bucket (the last is above all bounds) and sum of each series."""
        for labels, (counts, total) in list(self._series.items()):
            yield labels, tuple(counts), total[0]

    def lines(self) -> Iterator[str]:
        """Prometheus text format."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} histogram"
        for labels, (counts, total) in self._series.items():
            running = 0
            for bound, count in zip((*map(str, self.bounds), "+Inf"), counts, strict=True):
                running += count
                yield f"{self.name}_bucket{_text((*labels, ('le', bound)))} {running}"
            yield f"{self.name}_sum{_text(labels)} {total[0]:.6f}"
            yield f"{self.name}_count{_text(labels)} {running}"


class Counter:
    """A counter by labels."""

    def __init__(self, name: str, help_text: str) -> None:
        self.name = name
        self.help = help_text
        self._series: dict[Labels, int] = {}

    def add(self, labels: Labels, amount: int = 1) -> None:
        """Adds ``amount`` to a series."""
        self._series[labels] = self._series.get(labels, 0) + amount

    def points(self) -> Iterator[tuple[Labels, int]]:
        """Yields labels and value of each series."""
        yield from list(self._series.items())

    def lines(self) -> Iterator[str]:
        """Prometheus text format."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} counter"
        for labels, value in self._series.items():
            yield f"{self.name}{_text(labels)} {value}"


class Gauge:
    """A value that is read from its owner when it is exposed."""

    kind = "gauge"

    def __init__(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        self.name = name
        self.help = help_text
        self.value = value

    def lines(self) -> Iterator[str]:
        """Prometheus text format."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        yield f"{self.name} {self.value()}"


class Total(Gauge):
    """A count that only grows and that its owner keeps."""

    kind = "counter"


def _text(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return "{" + pairs + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
