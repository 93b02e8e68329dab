"""Sums of requests by hour and series, in memory: what a batch of entries adds."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field

import orjson

SUMS = ("requests", "answered", "refused", "estimated", "input_tokens", "output_tokens")
HOUR_SUMS = (*SUMS, "cost_micros")
LABEL_SUMS = ("requests", "items", "taken")
Label = tuple[str, str]  # kind and name
Cell = tuple[tuple[object, ...], int]  # a place and a value


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What requests are counted by."""

    team: str
    key: str
    model: str
    provider: str
    zone: str
    use_case: str
    level: str
    result: str
    currency: str

    @property
    def id(self) -> int:
        """A number of 63 bits that all processes give to these values."""
        digest = hashlib.sha256(orjson.dumps(astuple(self))).digest()
        return int.from_bytes(digest[:8]) >> 1


@dataclass(frozen=True, slots=True)
class Sample:
    """What the end of one request adds; ``sums`` are in the order of ``HOUR_SUMS``."""

    hour: int
    series: SeriesKey
    sums: tuple[int, ...]
    histograms: tuple[tuple[str, int], ...] = ()  # kind and bucket
    labels: dict[Label, tuple[int, int, int]] = field(default_factory=dict)


class Cells:
    """Sums of samples. Subtracting a sample undoes adding it."""

    def __init__(self) -> None:
        self.series: dict[int, SeriesKey] = {}
        self.hours: dict[tuple[int, int], list[int]] = {}
        self.histograms: defaultdict[tuple[int, int, str], Counter[int]] = defaultdict(Counter)
        self.labels: dict[tuple[int, int, str, str], list[int]] = {}
        self._ids: dict[SeriesKey, int] = {}

    def add(self, sample: Sample, sign: int = 1) -> None:
        """Add a sample, or subtract it."""
        series = self._ids.get(sample.series)
        if series is None:
            series = self._ids[sample.series] = sample.series.id
            self.series[series] = sample.series
        place = (sample.hour, series)
        _grow(self.hours.setdefault(place, [0] * len(HOUR_SUMS)), sample.sums, sign)
        for kind, bucket in sample.histograms:
            self.histograms[*place, kind][bucket] += sign
        for label, values in sample.labels.items():
            _grow(self.labels.setdefault((*place, *label), [0] * len(LABEL_SUMS)), values, sign)

    def cells(self) -> Iterator[tuple[int, Cell]]:
        """Every sum that is not 0, by hour: its place and its value."""
        for (hour, series), sums in self.hours.items():
            yield from ((hour, ((series, n), v)) for n, v in zip(HOUR_SUMS, sums, strict=True) if v)
        for (hour, *rest), counts in self.histograms.items():
            yield from ((hour, ((*rest, bucket), n)) for bucket, n in counts.items() if n)
        for (hour, *rest), sums in self.labels.items():
            yield from (
                (hour, ((*rest, name), value))
                for name, value in zip(LABEL_SUMS, sums, strict=True)
                if value
            )


class Fingerprints:
    """A number for each hour that depends on all its sums, whatever the order they came in."""

    def __init__(self) -> None:
        self.by_hour: defaultdict[int, int] = defaultdict(int)

    def add(self, hour: int, cell: Cell) -> None:
        """Add a sum; two that are added give the same as their total."""
        place, value = cell
        digest = hashlib.blake2b(orjson.dumps(place), digest_size=8).digest()
        self.by_hour[hour] = (self.by_hour[hour] + int.from_bytes(digest) * value) % 2**64


def _grow(sums: list[int], values: tuple[int, ...], sign: int) -> None:
    for place, value in enumerate(values):
        sums[place] += sign * value
