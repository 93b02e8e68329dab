"""The metrics of real processes, scraped as Prometheus scrapes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.telemetry.metric import Metric, label
from gateway.telemetry.table import TABLE
from gateway.telemetry.timeline import STAGE_NAMES
from tests.support.installation import Installation
from tests.support.prometheus_text import Family, parse

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
TOKEN = "token-of-the-metrics-0123456789"
CANARY = "quetzalcoatl"
DURATION = "gen_ai_client_operation_duration_seconds"
HTTP = "http_server_request_duration_seconds"


@pytest.fixture
def sluis(tmp_path: Path, config: str) -> Iterator[Installation]:
    sluis = Installation(tmp_path, settings={"SLUIS_METRICS_TOKEN": f"{TOKEN}\n"})
    sluis.apply(config)
    sluis.start("control", "gateway")
    yield sluis
    sluis.stop()


def scraped(url: str, token: str = TOKEN) -> dict[str, Family]:
    answer = httpx.get(f"{url}/metrics", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def ask(sluis: Installation, model: str, text: str = "Hello", **more: Any) -> httpx.Response:
    return sluis.ask({"model": model, "messages": [{"role": "user", "content": text}], **more})


def described(families: dict[str, Family], metrics: tuple[Metric, ...]) -> None:
    """Every family and every label is one of the table, under its new or its old name."""
    known = {one.prometheus: set(map(label, one.attributes)) for one in metrics}
    known |= {
        one.old: set(one.old_attributes) for one in metrics if one.old not in ("", one.prometheus)
    }
    for name, family in families.items():
        for labels in family.labels():
            assert set(labels) <= known[name] | {"le"}, name


def test_requests_attempts_and_their_ends_are_counted(sluis: Installation) -> None:
    assert ask(sluis, "outside").status_code == 200
    assert ask(sluis, "outside", stream=True).status_code == 200
    assert ask(sluis, "resilient").status_code == 200
    for _ in range(3):
        assert ask(sluis, "hopeless").status_code == 503
    found = scraped(sluis.url)
    described(found, TABLE["gateway"])
    assert found[DURATION].value("_count", sluis_deployment="gpt-eu", error_type="") == 0
    assert found[DURATION].value("_count", sluis_deployment="gpt-eu") == 3
    assert found[DURATION].value("_count", error_type="upstream_error") == 4
    first = found["gen_ai_client_operation_time_to_first_chunk_seconds"]
    each = found["gen_ai_client_operation_time_per_output_chunk_seconds"]
    assert first.value("_count") == 1
    assert each.value("_count") > 1
    assert found["sluis_gateway_failovers_total"].value(sluis_deployment="gpt-dead") == 1
    assert found["sluis_gateway_breaker_open"].value(sluis_deployment="gpt-dead") == 1
    assert found["sluis_gateway_breaker_open"].value(sluis_deployment="gpt-eu") == 0
    assert found["sluis_gateway_requests_total"].value(sluis_outcome="no_upstream") == 3
    assert found["sluis_gateway_cost_total"].value(sluis_currency="EUR") > 0
    assert found["http_server_active_requests"].value() == 0
    assert 0 <= found["sluis_gateway_snapshot_age_seconds"].value() < 60
    assert found[HTTP].value("_count", http_route="/v1/chat/completions") == 6


def test_no_request_makes_a_series_of_its_own(sluis: Installation) -> None:
    assert ask(sluis, f"gpt-{CANARY}").status_code == 404
    paths = [f"/v1/{CANARY}", f"/{CANARY}/metrics", f"/v1/models/{CANARY}"]
    for path in paths:
        httpx.get(f"{sluis.url}{path}", headers={"x-sluis-purpose": CANARY})
        httpx.get(f"{sluis.control}{path}")
    httpx.request("PROPFIND", f"{sluis.url}/v1/models")
    httpx.get(f"{sluis.control}/admin/v1/keys/{CANARY}")
    found, control = scraped(sluis.url), scraped(sluis.control)
    assert CANARY not in str(found) + str(control)
    assert found[HTTP].value("_count", http_request_method="_OTHER") == 1
    assert found[HTTP].value("_count", http_route="/v1/models/") == 1
    described(control, TABLE["control plane"])
    jobs = "sluis_control_job_duration_seconds"
    sluis.until(
        lambda: scraped(sluis.control)[jobs].value("_count", sluis_job="sealing") > 0,
        "entries were sealed",
    )


def test_metrics_ask_for_their_token_and_for_no_other(sluis: Installation) -> None:
    for url in (sluis.url, sluis.control):
        for sent in ({}, {"authorization": f"Bearer {TOKEN}x"}, {"authorization": TOKEN}):
            refused = httpx.get(f"{url}/metrics", headers=sent)
            assert refused.status_code == 401
            assert refused.json()["error"]["code"] == "invalid_api_key"
            assert "sluis_" not in refused.text
        assert httpx.get(f"{url}/readyz").status_code == 200
        scraped(url)


def test_entries_say_where_the_time_of_a_request_went(sluis: Installation) -> None:
    answer = ask(sluis, "outside", stream=True)
    close = sluis.entries(answer.headers["x-sluis-audit-id"])[-1]
    stages = close["stages_us"]
    assert set(stages) <= set(STAGE_NAMES)
    assert {"admit", "receive", "classify", "decide", "redact", "record", "upstream"} <= set(stages)
    assert sum(stages.values()) <= (close["latency_ms"] + 1) * 1000
    refused = sluis.ask("how to make a bomb")
    (entry,) = sluis.entries(refused.headers["x-sluis-audit-id"])
    assert "classify" in entry["stages_us"]
    assert "upstream" not in entry["stages_us"]
