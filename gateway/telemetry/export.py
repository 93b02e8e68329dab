"""Export of spans and metrics to an OpenTelemetry collector, by OTLP (protobuf over HTTP)."""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    HistogramDataPoint,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Histogram as HistogramData
from opentelemetry.sdk.metrics.export import Metric as MetricData
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Tracer
from opentelemetry.util.types import AttributeValue

from gateway.telemetry.instruments import Instrument, Point
from gateway.telemetry.metric import Metric, MetricKind, Values
from gateway.telemetry.table.attributes import PORT, STATUS

_SCOPE = "sluis"
_INTEGERS = {PORT, STATUS}
_CUMULATIVE = AggregationTemporality.CUMULATIVE
_INSTANCE = str(uuid.uuid4())  # sums of two processes must not be taken for those of one


def _resource() -> Resource:
    """This process; ``OTEL_SERVICE_NAME`` and ``OTEL_RESOURCE_ATTRIBUTES`` come first."""
    own = {
        "service.name": "sluis-gateway",
        "service.version": version("sluis"),
        "service.instance.id": _INSTANCE,
    }
    return Resource.create(own).merge(OTELResourceDetector().detect())


def tracer(endpoint: str, *, sampled: float) -> Tracer:
    """Returns a tracer that sends spans in batches, from a thread of its own.

    A caller's trace is sampled as the caller has decided, of the others the share ``sampled``.
    """
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(sampled), resource=_resource())
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + "/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer(_SCOPE, version("sluis"))


def refused_signals(endpoint: str, *, timeout_s: float) -> list[str]:
    """Returns the signals whose export the collector does not take; nothing is in what is sent.

    It blocks on the network, at most ``timeout_s`` for each signal: use a thread.
    """
    base = endpoint.rstrip("/")
    spans = OTLPSpanExporter(base + "/v1/traces", timeout=timeout_s)
    metrics = OTLPMetricExporter(base + "/v1/metrics", timeout=timeout_s)
    taken = {
        "traces": spans.export([]) is SpanExportResult.SUCCESS,
        "metrics": metrics.export(MetricsData([])) is MetricExportResult.SUCCESS,
    }
    return [signal for signal, is_taken in taken.items() if not is_taken]


class MetricSender:
    """Sends the present state of metrics. ``send`` blocks on the network: use a thread."""

    def __init__(self, endpoint: str, *, old_names: bool) -> None:
        """``old_names``: also under the names of the version before."""
        self._exporter = OTLPMetricExporter(endpoint.rstrip("/") + "/v1/metrics")
        self._old_names = old_names
        self._resource = _resource()
        self._scope = InstrumentationScope(_SCOPE, version("sluis"))
        self._started = time.time_ns()

    def send(self, instruments: Iterable[Instrument]) -> None:
        """Sends all series. The exporter logs a collector that is down; nothing is raised."""
        now = time.time_ns()
        named = [one for instrument in instruments for one in self._named(instrument, now)]
        scope = ScopeMetrics(self._scope, named, "")
        self._exporter.export(MetricsData([ResourceMetrics(self._resource, [scope], "")]))

    def _named(self, instrument: Instrument, now: int) -> Iterator[MetricData]:
        """The metric under its name, and under the old one."""
        metric, points = instrument.metric, list(instrument.points())
        if not points:
            return
        data = self._data(metric, metric.attributes, points, now)
        yield MetricData(metric.name, metric.description, metric.unit, data)
        if self._old_names and metric.old:
            note = f"Deprecated, use {metric.name}."
            data = self._data(metric, metric.old_attributes, points, now)
            yield MetricData(metric.old, note, "", data)

    def _data(
        self, metric: Metric, names: Sequence[str], points: Iterable[Point], now: int
    ) -> Sum | Gauge | HistogramData:
        if metric.kind is MetricKind.HISTOGRAM:
            distributions = [self._distribution(metric, names, point, now) for point in points]
            return HistogramData(distributions, _CUMULATIVE)
        numbers = [
            NumberDataPoint(_attributes(names, one.values), self._started, now, one.value)
            for one in points
        ]
        if metric.kind is MetricKind.GAUGE:
            return Gauge(numbers)
        return Sum(numbers, _CUMULATIVE, is_monotonic=metric.kind is MetricKind.COUNTER)

    def _distribution(
        self, metric: Metric, names: Sequence[str], point: Point, now: int
    ) -> HistogramDataPoint:
        # Minimum and maximum are not kept; the wire format allows their absence.
        unknown: Any = None
        return HistogramDataPoint(
            _attributes(names, point.values),
            self._started,
            now,
            sum(point.counts),
            point.value,
            list(point.counts),
            list(metric.buckets),
            min=unknown,
            max=unknown,
        )


def _attributes(names: Sequence[str], values: Values) -> Mapping[str, AttributeValue]:
    return {
        name: int(value) if name in _INTEGERS else value
        for name, value in zip(names, values, strict=True)
        if value
    }
