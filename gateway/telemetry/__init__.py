"""Telemetry: metrics for Prometheus and OTLP from one table, and spans. Never content."""

from gateway.telemetry.destination import Destination, destination_of
from gateway.telemetry.exposition import CONTENT_TYPE, exposition
from gateway.telemetry.instruments import Counter, Histogram, Instrument, Observed
from gateway.telemetry.metric import Metric, MetricKind
from gateway.telemetry.recorder import Exchange, Telemetry
from gateway.telemetry.timeline import Timeline

__all__ = [
    "CONTENT_TYPE",
    "Counter",
    "Destination",
    "Exchange",
    "Histogram",
    "Instrument",
    "Metric",
    "MetricKind",
    "Observed",
    "Telemetry",
    "Timeline",
    "destination_of",
    "exposition",
]
