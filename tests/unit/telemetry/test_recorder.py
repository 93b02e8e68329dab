"""What is recorded of requests, read where Prometheus reads it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.telemetry import Exchange, Observed, Telemetry, Timeline, destination_of
from gateway.telemetry.table import TABLE
from gateway.telemetry.table import gateway as table
from gateway.telemetry.timeline import (
    ADMIT,
    CLASSIFY,
    DELIVER,
    INSPECT,
    RECEIVE,
    RECORD,
)
from tests.support.prometheus_text import Family, parse

EU = destination_of("openai", "https://api.example.eu/v1", "gpt-5-mini", "gpt-eu")
HOUSE = destination_of("worker", "http://10.0.0.1:8082/v1", "small@1", "house")
FIELDS: dict[str, Any] = {
    "zone": "eu",
    "level": "internal",
    "deployment": "gpt-eu",
    "input_tokens": 12,
    "output_tokens": 30,
    "redacted": 2,
    "cost_micros": 1500,
    "currency": "EUR",
}


@dataclass
class Bench:
    """A recorder over a clock that the test moves."""

    old_names: bool = True
    now: float = 100.0
    observed: tuple[Observed, ...] = ()
    telemetry: Telemetry = field(init=False)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry(
            None, clock=lambda: self.now, old_names=self.old_names, observed=self.observed
        )

    def lap(self, timeline: Timeline, stage: int, seconds: float) -> None:
        self.now += seconds
        timeline.lap(stage)

    def arrived(self) -> Timeline:
        timeline = self.telemetry.arrived()
        timeline.operation, timeline.model = "chat", "assistant"
        return timeline

    def served(self, timeline: Timeline, status: int = 200) -> None:
        exchange = Exchange("POST", "/v1/chat/completions", "http", status, [])
        self.telemetry.served(timeline, exchange, FIELDS)

    def families(self) -> dict[str, Family]:
        return parse(self.telemetry.exposition())


@pytest.fixture
def bench() -> Bench:
    return Bench()


def answered(bench: Bench) -> Timeline:
    """A request of 1.75 s, of which it waits 1.5 s for its client and its provider."""
    timeline = bench.arrived()
    bench.lap(timeline, ADMIT, 0.05)
    bench.lap(timeline, RECEIVE, 0.5)
    bench.lap(timeline, CLASSIFY, 0.1)
    bench.lap(timeline, RECORD, 0.05)
    timeline.depart(EU)
    bench.now += 1.0
    timeline.answered()
    bench.lap(timeline, INSPECT, 0.03)
    bench.lap(timeline, RECORD, 0.02)
    bench.telemetry.finished(timeline, FIELDS, outcome="ok")
    bench.served(timeline)
    return timeline


def test_a_request_is_counted_by_the_conventions(bench: Bench) -> None:
    answered(bench)
    found = bench.families()
    duration = found["gen_ai_client_operation_duration_seconds"]
    assert duration.value("_sum") == pytest.approx(1.0)
    assert {k: v for k, v in duration.labels()[0].items() if k != "le"} == {
        "gen_ai_operation_name": "chat",
        "gen_ai_provider_name": "openai",
        "gen_ai_request_model": "gpt-5-mini",
        "server_address": "api.example.eu",
        "server_port": "443",
        "sluis_deployment": "gpt-eu",
    }
    tokens = found["gen_ai_client_token_usage"]
    assert tokens.value("_sum", gen_ai_token_type="input") == 12
    assert tokens.value("_sum", gen_ai_token_type="output") == 30
    http = found["http_server_request_duration_seconds"]
    assert http.value("_sum") == pytest.approx(1.75)
    assert http.value("_count", http_route="/v1/chat/completions", url_scheme="http") == 1
    assert http.value("_count", http_response_status_code="200") == 1
    assert found["sluis_gateway_cost_total"].value(sluis_currency="EUR") == 0.0015
    assert found["sluis_gateway_requests_total"].value(sluis_zone="eu", sluis_outcome="ok") == 1


def test_overhead_is_the_whole_time_less_all_waiting(bench: Bench) -> None:
    answered(bench)
    found = bench.families()
    overhead, stages = (
        found["sluis_gateway_overhead_seconds"],
        found["sluis_gateway_stage_duration_seconds"],
    )
    assert overhead.value("_sum", sluis_zone="eu") == pytest.approx(0.25)
    assert stages.value("_sum") == pytest.approx(1.75)
    assert stages.value("_sum", sluis_stage="upstream") == pytest.approx(1.0)
    assert stages.value("_sum", sluis_stage="record") == pytest.approx(0.07)


def test_the_wait_for_a_provider_that_failed_is_no_overhead(bench: Bench) -> None:
    timeline = bench.arrived()
    bench.lap(timeline, RECORD, 0.1)
    timeline.depart(EU)
    bench.now += 7
    timeline.answered("upstream_timeout")
    bench.telemetry.failed_over("gpt-eu", "upstream_timeout")
    bench.lap(timeline, RECORD, 0.1)
    timeline.depart(HOUSE)
    bench.now += 2
    timeline.answered()
    bench.telemetry.finished(timeline, FIELDS, outcome="ok")
    found = bench.families()
    assert found["sluis_gateway_overhead_seconds"].value("_sum") == pytest.approx(0.2)
    calls = found["gen_ai_client_operation_duration_seconds"]
    assert calls.value("_sum", error_type="upstream_timeout", sluis_deployment="gpt-eu") == 7
    assert calls.value("_sum", gen_ai_provider_name="sluis", server_port="8082") == 2
    failovers = found["sluis_gateway_failovers_total"]
    assert failovers.value(sluis_deployment="gpt-eu", error_type="upstream_timeout") == 1
    assert found["gen_ai_client_token_usage"].value("_count", sluis_deployment="gpt-eu") == 0


def test_chunks_are_timed_from_the_departure(bench: Bench) -> None:
    timeline = bench.arrived()
    bench.lap(timeline, RECORD, 5)
    timeline.depart(EU)
    bench.now += 0.5
    timeline.begun()
    for gap in (0.0, 0.1, 0.3):
        bench.now += gap
        timeline.chunk()
        bench.lap(timeline, DELIVER, 0.0)
    timeline.answered()
    bench.telemetry.finished(timeline, FIELDS, outcome="ok")
    found = bench.families()
    first = found["gen_ai_client_operation_time_to_first_chunk_seconds"]
    each = found["gen_ai_client_operation_time_per_output_chunk_seconds"]
    assert (first.value("_count"), first.value("_sum")) == (1, 0.5)
    assert each.value("_count") == 2
    assert each.value("_sum") == pytest.approx(0.4)
    assert each.value("_bucket", le="0.16") == 1


def test_refusals_are_counted_by_their_outcome(bench: Bench) -> None:
    timeline = bench.arrived()
    bench.telemetry.refused(timeline, "stopped")
    timeline.code = "access_denied"
    bench.served(timeline, 403)
    found = bench.families()
    assert found["sluis_gateway_refusals_total"].value(error_type="stopped") == 1
    http = found["http_server_request_duration_seconds"]
    assert http.value("_count", http_response_status_code="403", error_type="stopped") == 1


def test_a_refusal_that_no_entry_tells_of_is_counted_too(bench: Bench) -> None:
    timeline = bench.arrived()
    timeline.code = "service_unavailable"
    bench.served(timeline, 503)
    found = bench.families()
    assert found["sluis_gateway_refusals_total"].value(error_type="service_unavailable") == 1


def test_requests_under_way_are_counted_until_their_end(bench: Bench) -> None:
    timelines = [bench.arrived() for _ in range(3)]
    assert bench.families()["http_server_active_requests"].value() == 3
    for timeline in timelines:
        bench.served(timeline, 0)
    found = bench.families()
    assert found["http_server_active_requests"].value() == 0
    (labels,) = {tuple(one) for one in found["http_server_request_duration_seconds"].labels()} - {
        ("http_request_method", "http_route", "url_scheme")
    }
    assert "http_response_status_code" not in labels  # none went out


@pytest.mark.parametrize("old_names", [True, False])
def test_old_names_stand_beside_the_new_until_they_are_switched_off(*, old_names: bool) -> None:
    bench = Bench(old_names, observed=(Observed(table.SPOOL, lambda: 7),))
    answered(bench)
    bench.telemetry.refused(bench.arrived(), "access_denied")
    found = bench.families()
    old = {
        "sluis_requests_total",
        "sluis_refusals_total",
        "sluis_overhead_seconds",
        "sluis_redacted_values_total",
        "sluis_trail_spool_bytes",
    }
    assert (old & found.keys()) == (old if old_names else set())
    if old_names:
        assert found["sluis_requests_total"].value(zone="eu", outcome="ok") == 1
        assert found["sluis_refusals_total"].value(code="access_denied") == 1
        assert found["sluis_trail_spool_bytes"].value() == 7
        assert found["sluis_refusals_total"].help.startswith("Deprecated, use sluis_gateway_")


def test_labels_of_strange_names_are_escaped() -> None:
    strange = [(('a "name"\\\nwith all',), 1.0)]
    bench = Bench(observed=(Observed(table.BREAKERS, lambda: strange),))
    (labels,) = bench.families()["sluis_gateway_breaker_open"].labels()
    assert labels == {"sluis_deployment": 'a \\"name\\"\\\\\\nwith all'}


def test_what_has_no_value_yet_is_not_exposed() -> None:
    bench = Bench(observed=(Observed(table.SNAPSHOT_AGE, lambda: None),))
    assert not bench.families()["sluis_gateway_snapshot_age_seconds"].samples


class TestTable:
    def test_names_are_unique_and_end_as_prometheus_wants(self) -> None:
        for metrics in TABLE.values():
            names = [one.prometheus for one in metrics]
            old = [one.old for one in metrics if one.old not in ("", one.prometheus)]
            assert len({*names, *old}) == len(names) + len(old)
            for metric in metrics:
                assert (metric.kind.value == "counter") == metric.prometheus.endswith("_total")
                assert (metric.kind.value == "histogram") == bool(metric.buckets)
                assert list(metric.buckets) == sorted(metric.buckets)

    def test_buckets_of_the_conventions_are_theirs(self) -> None:
        served = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
        assert list(table.SERVED.buckets) == served
        for metric in (table.CALL_TIME, table.FIRST_CHUNK, table.EACH_CHUNK):
            assert len(metric.buckets) == 14
            assert {metric.buckets[0], metric.buckets[-1]} == {0.01, 81.92}
        assert (table.TOKENS.buckets[0], table.TOKENS.buckets[-1]) == (1, 67_108_864)
