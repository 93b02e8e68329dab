"""Telemetry: GenAI metrics for Prometheus and sampled OpenTelemetry spans. Never content."""

from gateway.telemetry.histogram import Gauge, Total
from gateway.telemetry.recorder import Telemetry

__all__ = ["Gauge", "Telemetry", "Total"]
