"""Telemetry: GenAI metrics for Prometheus and sampled OpenTelemetry spans. Never content."""

from gateway.telemetry.histogram import Gauge
from gateway.telemetry.recorder import Telemetry

__all__ = ["Gauge", "Telemetry"]
