"""The worker's metrics, from the same table as those of the gateway.

Attributes carry the version that answered, never a user or a tenant.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.telemetry import Counter, Histogram, Instrument, Metric, Observed, exposition
from gateway.telemetry.table import worker as table

_ENDED_WELL = ("stop", "length")
EMBEDDED = "embedded"  # the outcome of a request for embeddings that was answered


@dataclass(slots=True)
class Timing:
    """Times of one answer on this process's monotonic clock, in seconds."""

    arrived: float
    started: float | None = None
    first_token: float | None = None
    ended: float | None = None


class Metrics:
    """Histograms and counters in memory; safe to use from several threads."""

    def __init__(self, *, old_names: bool = True) -> None:
        """``old_names``: they also have the names of the version before."""
        self._old_names = old_names
        self._duration = Histogram(table.SERVED)
        self._first_token = Histogram(table.FIRST_TOKEN)
        self._each_token = Histogram(table.EACH_TOKEN)
        self._queued = Histogram(table.QUEUED)
        self._input = Counter(table.INPUT)
        self._output = Counter(table.OUTPUT)
        self._requests = Counter(table.REQUESTS)
        self._restarts = Counter(table.RESTARTS)
        self._lock = threading.Lock()

    def record_answer(
        self, model: str, timing: Timing, *, prompt: int, completion: int, outcome: str
    ) -> None:
        """Record one ended answer; ``outcome`` is a finish reason or an error code."""
        ok = outcome in _ENDED_WELL
        values = ("chat", "sluis", model, model)
        ended = timing.arrived if timing.ended is None else timing.ended
        with self._lock:
            self._duration.at((*values, "" if ok else outcome)).record(ended - timing.arrived)
            if timing.started is not None:
                self._queued.at((model,)).record(timing.started - timing.arrived)
            if ok and timing.first_token is not None:
                self._first_token.at(values).record(timing.first_token - timing.arrived)
                if completion > 1:
                    each = (ended - timing.first_token) / (completion - 1)
                    self._each_token.at(values).record(each)
            self._input.add((model,), prompt)
            self._output.add((model,), completion)
            self._requests.add((model, outcome))

    def record_embedding(self, model: str, timing: Timing, *, tokens: int, outcome: str) -> None:
        """Record one ended request for embeddings; ``outcome`` is ``embedded`` or an error code."""
        values = ("embeddings", "sluis", model, model)
        ended = timing.arrived if timing.ended is None else timing.ended
        with self._lock:
            failed = "" if outcome == EMBEDDED else outcome
            self._duration.at((*values, failed)).record(ended - timing.arrived)
            if timing.started is not None:
                self._queued.at((model,)).record(timing.started - timing.arrived)
            self._input.add((model,), tokens)
            self._requests.add((model, outcome))

    def record_restart(self, model: str) -> None:
        """Record that a version's generation thread died and was rebuilt."""
        with self._lock:
            self._restarts.add((model,))

    def text(self, gauges: Iterable[tuple[Metric, str, float]]) -> str:
        """All metrics in Prometheus text; ``gauges`` are current values as (metric, model, value).

        A model of "" is none.
        """
        with self._lock:
            instruments = [*self._instruments(), *_observed(gauges)]
            return exposition(instruments, old_names=self._old_names)

    def _instruments(self) -> Iterator[Instrument]:
        yield from (self._duration, self._first_token, self._each_token, self._queued)
        yield from (self._input, self._output, self._requests, self._restarts)


def _observed(gauges: Iterable[tuple[Metric, str, float]]) -> Iterator[Observed]:
    values: dict[str, tuple[Metric, list[tuple[tuple[str, ...], float]]]] = {}
    for metric, model, value in gauges:
        labels = (model,) if metric.attributes else ()
        values.setdefault(metric.name, (metric, []))[1].append((labels, value))
    for metric, found in values.values():
        yield Observed(metric, found.copy)
