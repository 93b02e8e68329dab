"""Spans of requests: made when a request has ended, with its true times, and never of content.

Nothing of a trace goes to a provider, so no span needs a name before it has ended, and a request
that is not sampled costs one decision.
"""

import time
from collections.abc import Iterable, Mapping

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from gateway.telemetry.recorder import Exchange
from gateway.telemetry.table import attributes as names
from gateway.telemetry.timeline import ProviderCall, Timeline

_SERVER_FAULT = 500  # below, the status of a server's span stays unset: the caller is at fault
_TRACE = (b"traceparent", b"tracestate")
_NS = 1_000_000_000
_propagator = TraceContextTextMapPropagator()


class RequestSpans:
    """A span for each request, below that of ``traceparent``, and one below it for each attempt."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def record(
        self, timeline: Timeline, exchange: Exchange, fields: Mapping[str, object], *, now: float
    ) -> None:
        """Makes the spans of a request that has ended; ``now`` is monotonic seconds."""
        ahead = time.time_ns() - int(now * _NS)  # of the wall clock before the monotonic one
        span = self._tracer.start_span(
            _named(timeline.operation or exchange.method, timeline.model or exchange.route),
            context=_parent(exchange.headers),
            kind=SpanKind.SERVER,
            start_time=ahead + int(timeline.started * _NS),
        )
        if span.is_recording():
            span.set_attributes(_request(timeline, exchange, fields))
            if exchange.status >= _SERVER_FAULT:
                span.set_status(Status(StatusCode.ERROR))
            below = set_span_in_context(span, Context())
            for call in timeline.calls:
                self._attempt(timeline, call, below, ahead)
        span.end(ahead + int(now * _NS))

    def _attempt(self, timeline: Timeline, call: ProviderCall, below: Context, ahead: int) -> None:
        span: Span = self._tracer.start_span(
            _named(timeline.operation, call.destination.model),
            context=below,
            kind=SpanKind.CLIENT,
            start_time=ahead + int(call.started * _NS),
            attributes=_call(timeline, call),
        )
        if call.error:
            span.set_status(Status(StatusCode.ERROR))
        ended = timeline.ended if call.ended is None else call.ended
        span.end(ahead + int(ended * _NS))


def _parent(headers: Iterable[tuple[bytes, bytes]]) -> Context:
    """The context that the caller names, if it is well formed."""
    trace = {name.decode(): value.decode("latin-1") for name, value in headers if name in _TRACE}
    return _propagator.extract(trace, Context())


def _named(operation: str, what: str) -> str:
    return f"{operation} {what}".rstrip()


def _request(
    timeline: Timeline, exchange: Exchange, fields: Mapping[str, object]
) -> dict[str, AttributeValue]:
    found: dict[str, object] = {
        names.METHOD: exchange.method,
        names.ROUTE: exchange.route,
        names.SCHEME: exchange.scheme,
        names.STATUS: exchange.status,
        names.OPERATION: timeline.operation,
        names.MODEL: timeline.model,
        names.ERROR: timeline.error,
        names.CODE: timeline.code,
        names.LEVEL: fields.get("level"),
        names.ZONE: fields.get("zone"),
        names.DEPLOYMENT: fields.get("deployment"),
    }
    return _known(found)


def _call(timeline: Timeline, call: ProviderCall) -> dict[str, AttributeValue]:
    where = call.destination
    found: dict[str, object] = {
        names.OPERATION: timeline.operation,
        names.PROVIDER: where.provider,
        names.MODEL: where.model,
        names.ADDRESS: where.address,
        names.PORT: int(where.port),
        names.DEPLOYMENT: where.deployment,
        names.ERROR: call.error,
    }
    return _known(found)


def _known(found: Mapping[str, object]) -> dict[str, AttributeValue]:
    """The attributes that have a value."""
    return {
        name: value if isinstance(value, int) else str(value)
        for name, value in found.items()
        if value
    }
