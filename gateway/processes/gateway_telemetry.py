"""The telemetry of a gateway."""

import math
import time
from collections.abc import Callable, Iterable, Mapping

from gateway.classifiers.pool import DetectorPool
from gateway.evidence import Spool
from gateway.limits import Limiter
from gateway.processes.settings import Settings
from gateway.routing import CircuitBreakers
from gateway.telemetry import Observed, Telemetry
from gateway.telemetry.recorder import Spans
from gateway.telemetry.table import gateway as table


def gateway_telemetry(settings: Settings, observed: Iterable[Observed]) -> Telemetry:
    """Metrics, and sampled spans when a collector is configured.

    ``observed`` are the metrics that other parts keep.
    """
    spans: Spans | None = None
    if settings.otlp_endpoint:  # the exporter is loaded only when there is a collector
        from gateway.telemetry.export import tracer
        from gateway.telemetry.spans import RequestSpans

        spans = RequestSpans(tracer(settings.otlp_endpoint, sampled=settings.otlp_sampled))
    return Telemetry(
        spans,
        clock=time.monotonic,
        observed=tuple(observed),
        old_names=settings.old_metric_names,
    )


def observed_spool(spool: Spool) -> tuple[Observed, ...]:
    """The metrics of the trail on this disk."""
    return (
        Observed(table.DEGRADED, lambda: int(spool.active)),
        Observed(table.SPOOL, lambda: spool.bytes),
    )


def observed_limits(limits: Limiter) -> Observed:
    """Whether the store of shared limits is away."""
    return Observed(table.LIMITS_AWAY, lambda: int(limits.problem is not None))


def observed_detectors(detectors: DetectorPool) -> tuple[Observed, ...]:
    """The metrics of the classifier."""
    return (
        Observed(table.DETECTORS, lambda: detectors.serving),
        Observed(table.DETECTOR_TIME, lambda: detectors.busy_s),
        Observed(table.DETECTOR_WAITING, lambda: detectors.waiting),
        Observed(table.DETECTOR_OLDEST, lambda: detectors.oldest_s),
        Observed(table.DETECTOR_ASKED, lambda: detectors.characters),
        Observed(table.DETECTOR_KNOWN, lambda: detectors.known),
    )


def observed_rules(faults: Mapping[str, int]) -> Observed:
    """The rules that failed on a text."""
    return Observed(
        table.RULE_FAULTS, lambda: [((rule,), float(count)) for rule, count in [*faults.items()]]
    )


def observed_snapshot(age_s: Callable[[], float]) -> Observed:
    """The age of the snapshot; none before the first."""
    return Observed(table.SNAPSHOT_AGE, lambda: age if math.isfinite(age := age_s()) else None)


def observed_breakers(
    breakers: CircuitBreakers, deployments: Callable[[], Iterable[str]]
) -> Observed:
    """The breakers of all deployments in use."""
    return Observed(
        table.BREAKERS,
        lambda: [((name,), float(breakers.is_open_for(name))) for name in deployments()],
    )
