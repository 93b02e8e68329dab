"""The worker's metrics in Prometheus text: OpenTelemetry's gen_ai.server.* and its own.

Labels carry the version that answered, never a user or a tenant.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_DURATION = (
    0.01,
    0.02,
    0.04,
    0.08,
    0.16,
    0.32,
    0.64,
    1.28,
    2.56,
    5.12,
    10.24,
    20.48,
    40.96,
    81.92,
)
_FIRST_TOKEN = (
    0.001,
    0.005,
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
    20.0,
    40.0,
    80.0,
    160.0,
)
_PER_TOKEN = (
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.15,
    0.2,
    0.3,
    0.4,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
    20.0,
    40.0,
    80.0,
)
_QUEUE = (
    0.3,
    0.5,
    0.8,
    1.0,
    1.5,
    2.0,
    2.5,
    5.0,
    10.0,
    15.0,
    20.0,
    30.0,
    40.0,
    50.0,
    60.0,
    120.0,
    240.0,
    480.0,
    960.0,
    1920.0,
    7680.0,
)
_HISTOGRAMS: Mapping[str, tuple[float, ...]] = {
    "gen_ai_server_request_duration_seconds": _DURATION,
    "gen_ai_server_time_to_first_token_seconds": _FIRST_TOKEN,
    "gen_ai_server_time_per_output_token_seconds": _PER_TOKEN,
    "gateway_worker_request_queue_time_seconds": _QUEUE,
}
_COUNTERS = (
    "gateway_worker_prompt_tokens_total",
    "gateway_worker_generation_tokens_total",
    "gateway_worker_requests_total",
    "gateway_worker_restarts_total",
)


@dataclass(slots=True)
class Timing:
    """Times of one answer on this process's monotonic clock, in seconds."""

    arrived: float
    started: float | None = None
    first_token: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class _Histogram:
    buckets: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.buckets) + 1)

    def record(self, value: float) -> None:
        self.counts[bisect_left(self.buckets, value)] += 1
        self.total += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        running = 0
        edges = [*(f"{edge:g}" for edge in self.buckets), "+Inf"]
        for edge, count in zip(edges, self.counts, strict=True):
            running += count
            yield f'{name}_bucket{{{labels},le="{edge}"}} {running}'
        yield f"{name}_sum{{{labels}}} {self.total:.6f}"
        yield f"{name}_count{{{labels}}} {running}"


class Metrics:
    """Histograms and counters in memory; safe to use from several threads."""

    def __init__(self) -> None:
        self._histograms: dict[tuple[str, str], _Histogram] = {}
        self._counters: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def record_answer(
        self, model: str, timing: Timing, *, prompt: int, completion: int, outcome: str
    ) -> None:
        """Record one ended answer; ``outcome`` is a finish reason or an error code."""
        ok = outcome in ("stop", "length")
        labels = _labels({
            "gen_ai_operation_name": "chat",
            "gen_ai_provider_name": "sluis",
            "gen_ai_request_model": model,
            "gen_ai_response_model": model,
            **({} if ok else {"error_type": outcome}),
        })
        ended = timing.arrived if timing.ended is None else timing.ended
        with self._lock:
            self._observe("gen_ai_server_request_duration_seconds", labels, ended - timing.arrived)
            if timing.started is not None:
                queued = timing.started - timing.arrived
                self._observe(
                    "gateway_worker_request_queue_time_seconds", _labels({"model": model}), queued
                )
            if ok and timing.first_token is not None:
                first_token_s = timing.first_token - timing.arrived
                self._observe("gen_ai_server_time_to_first_token_seconds", labels, first_token_s)
                if completion > 1:
                    per_token = (ended - timing.first_token) / (completion - 1)
                    self._observe("gen_ai_server_time_per_output_token_seconds", labels, per_token)
            by_model = _labels({"model": model})
            self._count("gateway_worker_prompt_tokens_total", by_model, prompt)
            self._count("gateway_worker_generation_tokens_total", by_model, completion)
            by_outcome = _labels({"model": model, "finished_reason": outcome})
            self._count("gateway_worker_requests_total", by_outcome, 1)

    def record_restart(self, model: str) -> None:
        """Record that a version's generation thread died and was rebuilt."""
        with self._lock:
            self._count("gateway_worker_restarts_total", _labels({"model": model}), 1)

    def text(self, gauges: Iterable[tuple[str, str, float]]) -> str:
        """All metrics in Prometheus text; ``gauges`` are current values as (name, model, value)."""
        lines: list[str] = []
        with self._lock:
            for name in _HISTOGRAMS:
                lines.append(f"# TYPE {name} histogram")
                for (metric, labels), histogram in self._histograms.items():
                    if metric == name:
                        lines.extend(histogram.lines(name, labels))
            for name in _COUNTERS:
                lines.append(f"# TYPE {name} counter")
                lines.extend(
                    f"{name}{{{labels}}} {value:g}"
                    for (metric, labels), value in self._counters.items()
                    if metric == name
                )
        declared: set[str] = set()
        for name, model, value in sorted(gauges):
            if name not in declared:
                lines.append(f"# TYPE {name} gauge")
                declared.add(name)
            lines.append(f"{name}{{{_labels({'model': model})}}} {value:g}")
        return "\n".join(lines) + "\n"

    def _observe(self, name: str, labels: str, value: float) -> None:
        key = (name, labels)
        if key not in self._histograms:
            self._histograms[key] = _Histogram(_HISTOGRAMS[name])
        self._histograms[key].record(max(0.0, value))

    def _count(self, name: str, labels: str, value: float) -> None:
        self._counters[name, labels] = self._counters.get((name, labels), 0.0) + value


def _labels(values: Mapping[str, str]) -> str:
    return ",".join(
        f'{name}="{value.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'
        for name, value in values.items()
    )
