"""GenAI metrics for Prometheus and sampled OpenTelemetry spans. Never content.

Names follow the OpenTelemetry GenAI semantic conventions (status Development), written here because
the constants of the Python package are deprecated. No user, team or key is ever a label.
"""

from collections.abc import Callable, Mapping, Sequence

from opentelemetry.trace import SpanKind, Tracer

from gateway.telemetry.histogram import Counter, Gauge, Histogram, Labels

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_OVERHEAD = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024)
_TOKENS = tuple(float(4**power) for power in range(14))


class Telemetry:
    """Metrics of one process; spans only when there is a tracer."""

    def __init__(
        self, tracer: Tracer | None, *, clock: Callable[[], float], gauges: Sequence[Gauge] = ()
    ) -> None:
        """``clock`` is monotonic seconds; ``gauges`` are those of other parts."""
        self._tracer = tracer
        self._gauges = gauges
        self._clock = clock
        self._duration = Histogram(
            "gen_ai_client_operation_duration_seconds", "From arrival to the last byte.", _SECONDS
        )
        self._first = Histogram(
            "gen_ai_client_operation_time_to_first_chunk_seconds",
            "From arrival to the first chunk of a stream.",
            _SECONDS,
        )
        self._per_chunk = Histogram(
            "gen_ai_client_operation_time_per_output_chunk_seconds",
            "Mean time between the chunks of a stream.",
            _SECONDS,
        )
        self._overhead = Histogram(
            "sluis_overhead_seconds", "From arrival to departure: what governing took.", _OVERHEAD
        )
        self._tokens = Histogram(
            "gen_ai_client_token_usage", "Tokens per request, by direction.", _TOKENS
        )
        self._refusals = Counter("sluis_refusals_total", "Refused requests, by code.")
        self._requests = Counter("sluis_requests_total", "Answered requests, by zone and outcome.")
        self._unread = Counter(
            "sluis_unread_requests_total", "Requests with a text that was not read, by reason."
        )
        self._overdue = Counter(
            "sluis_overdue_review_requests_total",
            "Requests of use cases whose review is overdue.",
        )
        self._redactions = Counter("sluis_redacted_values_total", "Values taken out, by zone.")

    def refused(self, code: str) -> None:
        """Counts a request that was not admitted."""
        self._refusals.add((("code", code),))

    def unread(self, reason: str) -> None:
        """Counts a request of which the classifier did not read all."""
        self._unread.add((("reason", reason),))

    def overdue(self, purpose: str) -> None:
        """Counts a request of a use case whose review is overdue."""
        self._overdue.add((("use_case", purpose),))

    def finished(
        self,
        fields: Mapping[str, object],
        *,
        operation: str,
        started: float,
        sent: float | None,
        first_chunk: float | None,
        chunks: int,
    ) -> None:
        """Counts an admitted request at its end; ``fields`` are those of its closing entry.

        ``operation`` is the operation name of the GenAI conventions; times are monotonic seconds.
        """
        now = self._clock()
        outcome = str(fields.get("outcome"))
        zone = str(fields.get("zone", "none"))
        labels: Labels = (
            ("gen_ai_operation_name", operation),
            ("gen_ai_provider_name", str(fields.get("provider", "none"))),
            ("gen_ai_request_model", str(fields.get("deployment", "none"))),
            *((("error_type", outcome),) if outcome not in ("ok", "content_filter") else ()),
        )
        self._requests.add((("zone", zone), ("outcome", outcome)))
        self._duration.record(now - started, labels)
        if sent is not None:
            self._overhead.record(sent - started, (("zone", zone),))
        if first_chunk is not None:
            self._first.record(first_chunk - started, labels)
            if chunks > 1:
                self._per_chunk.record((now - first_chunk) / (chunks - 1), labels)
        self._count(fields, labels, zone)
        if self._tracer is not None:
            self._span(self._tracer, operation, fields, labels, now - started)

    def metrics(self) -> tuple[Histogram | Counter | Gauge, ...]:
        """Returns all metrics with their present values."""
        return (
            self._duration,
            self._first,
            self._per_chunk,
            self._overhead,
            self._tokens,
            self._refusals,
            self._requests,
            self._unread,
            self._overdue,
            self._redactions,
            *self._gauges,
        )

    def exposition(self) -> str:
        """Returns all metrics in the Prometheus text format."""
        return "\n".join(line for metric in self.metrics() for line in metric.lines()) + "\n"

    def _count(self, fields: Mapping[str, object], labels: Labels, zone: str) -> None:
        for name, kind in (("input_tokens", "input"), ("output_tokens", "output")):
            value = fields.get(name)
            if isinstance(value, int):
                self._tokens.record(float(value), (*labels, ("gen_ai_token_type", kind)))
        redacted = fields.get("redacted")
        if isinstance(redacted, int) and redacted:
            self._redactions.add((("zone", zone),), redacted)

    @staticmethod
    def _span(
        tracer: Tracer,
        operation: str,
        fields: Mapping[str, object],
        labels: Labels,
        duration: float,
    ) -> None:
        span = tracer.start_span(
            f"{operation} {fields.get('deployment', '')}", kind=SpanKind.CLIENT
        )
        if span.is_recording():
            for name, value in labels:
                span.set_attribute(name.replace("gen_ai_", "gen_ai.", 1), value)
            span.set_attribute("sluis.level", str(fields.get("level")))
            span.set_attribute("sluis.zone", str(fields.get("zone")))
            span.set_attribute("sluis.duration_s", duration)
        span.end()
