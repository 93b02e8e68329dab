"""Export of spans and metrics to an OpenTelemetry collector, by OTLP (protobuf over HTTP)."""

import time
from collections.abc import Iterable
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Gauge as GaugeData
from opentelemetry.sdk.metrics.export import Histogram as HistogramData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Tracer

from gateway.telemetry.histogram import Counter, Gauge, Histogram, Labels, Total

_SCOPE = "sluis"
_RESOURCE = {"service.name": "sluis-gateway"}
_CUMULATIVE = AggregationTemporality.CUMULATIVE


def tracer(endpoint: str, *, sampled: float) -> Tracer:
    """Returns a tracer that sends a share of all spans in batches, from its own thread."""
    provider = TracerProvider(
        sampler=TraceIdRatioBased(sampled), resource=Resource.create(_RESOURCE)
    )
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + "/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer(_SCOPE)


class MetricSender:
    """Sends the present counters and histograms. ``send`` blocks on the network: use a thread."""

    def __init__(self, endpoint: str) -> None:
        self._exporter = OTLPMetricExporter(endpoint.rstrip("/") + "/v1/metrics")
        self._resource = Resource.create(_RESOURCE)
        self._started = time.time_ns()

    def send(self, metrics: Iterable[Histogram | Counter | Gauge]) -> None:
        """Sends all series. The exporter logs a collector that is down; nothing is raised."""
        now = time.time_ns()
        named = [self._metric(metric, now) for metric in metrics]
        scope = ScopeMetrics(InstrumentationScope(_SCOPE), [m for m in named if m], "")
        self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scope], "")]))

    def _metric(self, metric: Histogram | Counter | Gauge, now: int) -> Metric | None:
        data: Sum | HistogramData | GaugeData
        if isinstance(metric, Total):
            data = Sum([self._number((), metric.value(), now)], _CUMULATIVE, is_monotonic=True)
        elif isinstance(metric, Gauge):
            data = GaugeData([self._number((), metric.value(), now)])
        elif isinstance(metric, Counter):
            values = [self._number(labels, value, now) for labels, value in metric.points()]
            data = Sum(values, _CUMULATIVE, is_monotonic=True)
        else:
            data = HistogramData(
                [self._distribution(metric, *point, now) for point in metric.points()], _CUMULATIVE
            )
        return Metric(metric.name, metric.help, "", data) if data.data_points else None

    def _number(self, labels: Labels, value: float, now: int) -> NumberDataPoint:
        return NumberDataPoint(dict(labels), self._started, now, value)

    def _distribution(
        self, metric: Histogram, labels: Labels, counts: tuple[int, ...], total: float, now: int
    ) -> HistogramDataPoint:
        unknown: Any = (
            None  # minimum and maximum are not kept; the wire format allows their absence
        )
        return HistogramDataPoint(
            dict(labels),
            self._started,
            now,
            sum(counts),
            total,
            list(counts),
            list(metric.bounds),
            min=unknown,
            max=unknown,
        )
