"""Telemetry at an OpenTelemetry collector: measurements, and no content."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.otlp_collector import OtlpCollector

pytestmark = pytest.mark.e2e
CANARY = "zeldzaamwoord-quetzalcoatl"
TEXT = f"Mijn naam is Jan de Vries, bsn 111222333, over {CANARY}."
USER = "worker-4711@example.nl"


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with OtlpCollector() as collector:
        yield collector


def test_spans_and_metrics_arrive_without_content(
    tmp_path: Path, config: str, collector: OtlpCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER_ARG": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_METRIC_EXPORT_INTERVAL": "200",
    }.items():
        monkeypatch.setenv(name, value)
    sluis = Installation(tmp_path)
    sluis.apply(config)
    try:
        sluis.start("control", "gateway")
        for _ in range(2):
            assert sluis.ask(TEXT, x_sluis_user=USER).status_code == 200
        assert sluis.ask("how to make a bomb").status_code == 400
        sluis.until(lambda: len(collector.spans()) >= 2, "the spans are there")
        names = {"sluis_requests_total", "sluis_refusals_total", "sluis_overhead_seconds"}
        sluis.until(lambda: names <= collector.metrics().keys(), "the metrics are there")
        sluis.until(lambda: requests(collector) == 2, "both requests are counted")
    finally:
        sluis.stop()
    span = collector.spans()[0]
    attributes = {a.key: a.value.string_value for a in span.attributes}
    assert attributes["gen_ai.request_model"] == "gpt-eu"
    assert attributes["sluis.level"] == "confidential"
    overhead = collector.metrics()["sluis_overhead_seconds"].histogram.data_points[0]
    assert overhead.count == sum(overhead.bucket_counts) == 2
    assert len(overhead.bucket_counts) == len(overhead.explicit_bounds) + 1
    assert not overhead.HasField("max")
    everything = b"".join(collector.raw)
    for secret in (
        CANARY,
        "Vries",
        "111222333",
        "quetz",
        USER,
        APP_KEY,
        "bomb",
        "k_app",
        "support",
    ):
        assert secret.encode() not in everything, secret
    assert re.search(rb"\[[A-Z_]+_[a-z0-9]+\]", everything) is None  # no placeholder either


def requests(collector: OtlpCollector) -> int:
    points = collector.metrics()["sluis_requests_total"].sum.data_points
    return sum(point.as_int for point in points)
