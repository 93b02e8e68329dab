"""Telemetry at an OpenTelemetry collector: traces, measurements, and no content."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.otlp_collector import OtlpCollector

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
CANARY = "zeldzaamwoord-quetzalcoatl"
TEXT = f"Mijn naam is Jan de Vries, bsn 111222333, over {CANARY}."
USER = "worker-4711@example.nl"


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with OtlpCollector() as collector:
        yield collector


TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{CALLER}-01"
UNSAMPLED = f"00-{'a' * 32}-{CALLER}-00"
SERVER, CLIENT, ERROR = 2, 3, 2  # numbers of opentelemetry-proto


@pytest.fixture
def sluis(
    tmp_path: Path, config: str, collector: OtlpCollector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    for name, value in {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER_ARG": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_METRIC_EXPORT_INTERVAL": "200",
        "OTEL_SERVICE_NAME": "gateway-of-a-bank",
    }.items():
        monkeypatch.setenv(name, value)
    sluis = Installation(tmp_path)
    sluis.apply(config)
    try:
        sluis.start("control", "gateway")
        yield sluis
    finally:
        sluis.stop()


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def chat(model: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def test_a_trace_goes_through_the_gateway_with_true_times(
    sluis: Installation, collector: OtlpCollector, eu: OpenAIApi
) -> None:
    before = time.time_ns()
    assert sluis.ask(chat("resilient"), traceparent=SAMPLED).status_code == 200
    after = time.time_ns()
    assert sluis.ask(chat("outside"), traceparent=UNSAMPLED).status_code == 200
    sluis.until(lambda: len(collector.spans()) >= 3, "the spans are there")
    spans = {span.name: span for span in collector.spans()}
    request = spans["chat resilient"]
    assert (request.kind, request.trace_id.hex()) == (SERVER, TRACE)
    assert request.parent_span_id.hex() == CALLER
    assert before < request.start_time_unix_nano < after
    assert request.start_time_unix_nano < request.end_time_unix_nano < after + 1_000_000_000
    assert request.status.code == 0
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/v1/chat/completions",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "resilient",
        "sluis.level": "internal",
        "sluis.zone": "eu",
        "sluis.deployment": "gpt-eu",
    }
    tries = sorted(
        (span for span in collector.spans() if span.kind == CLIENT),
        key=lambda span: span.start_time_unix_nano,
    )
    assert [attributes(one)["sluis.deployment"] for one in tries] == ["gpt-dead", "gpt-eu"]
    for one in tries:
        assert one.parent_span_id == request.span_id
        assert request.start_time_unix_nano < one.start_time_unix_nano
        assert one.start_time_unix_nano < one.end_time_unix_nano < request.end_time_unix_nano
    failed, answered = tries
    assert (failed.status.code, answered.status.code) == (ERROR, 0)
    assert attributes(failed)["error.type"] == "upstream_error"
    assert attributes(answered) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt",
        "server.address": "127.0.0.1",
        "server.port": eu.port,
        "sluis.deployment": "gpt-eu",
    }
    assert len(collector.spans()) == 3  # nothing of the trace that its caller does not sample
    assert not any("traceparent" in headers for headers in eu.headers)
    assert collector.resource()["service.name"] == "gateway-of-a-bank"
    assert collector.resource()["service.instance.id"]


def test_refusals_and_outages_are_spans_with_their_code(
    sluis: Installation, collector: OtlpCollector
) -> None:
    assert sluis.ask("how to make a bomb", traceparent=SAMPLED).status_code == 400
    assert sluis.ask(chat("hopeless"), traceparent=SAMPLED).status_code == 503
    assert sluis.ask(chat(f"gpt-{CANARY}"), traceparent="nonsense").status_code == 404
    assert sluis.ask("Hello", key=None).status_code == 401
    sluis.until(lambda: len(collector.spans()) >= 5, "the spans are there")
    spans = [span for span in collector.spans() if span.kind == SERVER]
    refused = {attributes(span)["error.type"]: span for span in spans}
    assert {
        code: (attributes(span)["http.response.status_code"], span.status.code)
        for code, span in refused.items()
    } == {
        "content_policy_violation": (400, 0),
        "no_upstream": (503, ERROR),
        "model_not_found": (404, 0),
        "invalid_api_key": (401, 0),
    }
    assert attributes(refused["no_upstream"])["sluis.error.code"] == "no_upstream"
    assert refused["model_not_found"].name == "chat /v1/chat/completions"
    assert not refused["model_not_found"].parent_span_id
    assert CANARY.encode() not in b"".join(collector.raw)


def test_metrics_arrive_by_the_conventions_and_without_content(
    sluis: Installation, collector: OtlpCollector
) -> None:
    for _ in range(2):
        assert sluis.ask(TEXT, x_sluis_user=USER).status_code == 200
    assert sluis.ask("how to make a bomb").status_code == 400
    names = {"sluis.gateway.requests", "sluis.gateway.refusals", "sluis.gateway.overhead"}
    sluis.until(lambda: names <= collector.metrics().keys(), "the metrics are there")
    sluis.until(lambda: requests(collector) == 2, "both requests are counted")
    sluis.until(lambda: len(collector.spans()) >= 5, "the spans are there")
    metrics = collector.metrics()
    overhead = metrics["sluis.gateway.overhead"].histogram.data_points[0]
    assert overhead.count == sum(overhead.bucket_counts) == 2
    assert len(overhead.bucket_counts) == len(overhead.explicit_bounds) + 1
    assert not overhead.HasField("max")
    duration = metrics["gen_ai.client.operation.duration"]
    assert duration.unit == "s"
    (point,) = duration.histogram.data_points
    assert attributes(point)["gen_ai.provider.name"] == "openai"
    assert isinstance(attributes(point)["server.port"], int)
    assert metrics["gen_ai.client.token.usage"].unit == "{token}"
    assert not metrics["http.server.active_requests"].sum.is_monotonic
    old = metrics["sluis_requests_total"]
    assert old.description.startswith("Deprecated")
    assert sum(one.as_int for one in old.sum.data_points) == 2
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
    points = collector.metrics()["sluis.gateway.requests"].sum.data_points
    return sum(point.as_int for point in points)
