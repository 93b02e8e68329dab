"""The telemetry of a gateway."""

import time

from gateway.classifiers.pool import DetectorPool
from gateway.evidence import Spool
from gateway.limits import Limiter
from gateway.processes.settings import Settings
from gateway.telemetry import Gauge, Telemetry, Total


def gateway_telemetry(
    settings: Settings,
    spool: Spool | None,
    detectors: DetectorPool | None,
    limits: Limiter | None = None,
) -> Telemetry:
    """Metrics, and sampled spans when a collector is configured; ``limits`` have a store."""
    spans = None
    if settings.otlp_endpoint:  # the exporter is loaded only when there is a collector
        from gateway.telemetry.export import tracer

        spans = tracer(settings.otlp_endpoint, sampled=settings.otlp_sampled)
    gauges = (
        *(_spool_gauges(spool) if spool else ()),
        *(_detector_gauges(detectors) if detectors else ()),
        *(_limits_gauges(limits) if limits else ()),
    )
    return Telemetry(spans, clock=time.monotonic, gauges=gauges)


def _detector_gauges(detectors: DetectorPool) -> tuple[Gauge, ...]:
    return (
        Gauge(
            "sluis_detector_waiting_characters",
            "Text that waits for the classifier.",
            lambda: detectors.waiting,
        ),
        Gauge(
            "sluis_detector_oldest_waiting_seconds",
            "For how long the oldest of it has waited.",
            lambda: detectors.oldest_s,
        ),
        Total(
            "sluis_detector_characters_total",
            "Text that the classifier was asked about.",
            lambda: detectors.characters,
        ),
        Total(
            "sluis_detector_known_characters_total",
            "Text of this that it had read before.",
            lambda: detectors.known,
        ),
    )


def _limits_gauges(limits: Limiter) -> tuple[Gauge, ...]:
    return (
        Gauge(
            "sluis_limits_store_away",
            "1 while the store of shared limits and budgets does not count.",
            lambda: int(limits.problem is not None),
        ),
    )


def _spool_gauges(spool: Spool) -> tuple[Gauge, ...]:
    return (
        Gauge(
            "sluis_trail_degraded",
            "1 while entries wait on this gateway's disk because the database takes none.",
            lambda: int(spool.active),
        ),
        Gauge("sluis_trail_spool_bytes", "What waits there.", lambda: spool.bytes),
    )
