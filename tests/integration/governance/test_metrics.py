"""The metrics of a control plane, read where Prometheus reads them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway.core.objects.keys import NewKey
from gateway.core.system.secrets import create
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.app import create_app
from gateway.governance.metrics import PlaneMetrics
from gateway.governance.plane import ControlPlane, build
from gateway.telemetry.table.control import CONTROL
from tests.support.prometheus_text import Family, parse
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
TOKEN = "token-of-the-metrics-0123456789"


@asynccontextmanager
async def started(folder: Path, witness: str = "") -> AsyncIterator[ControlPlane]:
    endpoints = (WitnessEndpoint.parse(witness),) if witness else ()
    plane = build(
        database_url=f"sqlite:///{folder / 'governance.db'}",
        secrets=create(folder / "secrets"),
        data_dir=folder,
        witnessing=WitnessConfig(endpoints),
    )
    await migrate(plane.database)
    await plane.start()
    try:
        yield plane
    finally:
        await plane.close()


async def scraped(
    plane: ControlPlane, metrics: PlaneMetrics, *paths: str, token: str = TOKEN
) -> httpx.Response:
    app = create_app(plane, resolve=lambda _: None, metrics=metrics)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://control"
    ) as client:
        for path in paths:
            await client.get(path)
        return await client.get("/metrics", headers={"authorization": f"Bearer {token}"})


async def families(plane: ControlPlane, metrics: PlaneMetrics, *paths: str) -> dict[str, Family]:
    await metrics.look()
    return parse((await scraped(plane, metrics, *paths)).text)


def metrics_of(plane: ControlPlane, token: str | None = TOKEN) -> PlaneMetrics:
    return PlaneMetrics(plane, token=token, old_names=True)


async def test_what_is_sealed_and_what_waits(tmp_path: Path) -> None:
    async with started(tmp_path) as plane:
        metrics = metrics_of(plane)
        before = await families(plane, metrics)
        assert before["sluis_control_audit_unsealed"].value() > 0
        assert before["sluis_control_audit_sealed"].value() == 0
        assert not before["sluis_control_audit_head_age_seconds"].samples
        sealed = await plane.trail.log.advance()
        await plane.keys.create(NewKey("one"), LOCAL_OPERATOR)
        after = await families(plane, metrics)
        assert after["sluis_control_audit_sealed"].value() == sealed
        unsealed = after["sluis_control_audit_unsealed"].value()
        assert after["sluis_control_audit_heads"].value() == 1
        assert 0 <= after["sluis_control_audit_head_age_seconds"].value() < 60
        assert after["sluis_control_proposals_waiting"].value() == 0
        assert await plane.trail.log.advance() == unsealed > 0


async def test_a_witness_is_behind_until_it_was_shown_the_newest_head(tmp_path: Path) -> None:
    async with started(tmp_path, f"file:{tmp_path / 'heads'}") as plane:
        metrics = metrics_of(plane)
        await plane.trail.log.advance()
        name = "sluis_control_witness_age_seconds"
        assert (await families(plane, metrics))[name].value() == float("inf")
        await plane.trail.witnesses.show()
        shown = (await families(plane, metrics))[name]
        assert shown.labels() == [{"sluis_witness": "file:heads"}]
        assert shown.value() == 0
        await plane.keys.create(NewKey("one"), LOCAL_OPERATOR)
        await plane.trail.log.advance()
        assert 0 < (await families(plane, metrics))[name].value() < 60


async def test_jobs_and_requests_are_counted(tmp_path: Path) -> None:
    async with started(tmp_path) as plane:
        metrics = metrics_of(plane)
        metrics.job("sealing", 0.02, "")
        metrics.job("sealing", 1.5, "Unavailable")
        found = await families(plane, metrics, "/admin/v1/keys", "/healthz", "/nobody-knows-this")
        jobs = found["sluis_control_job_duration_seconds"]
        assert jobs.value("_count", sluis_job="sealing") == 2
        assert jobs.value("_sum", error_type="Unavailable") == 1.5
        served = found["http_server_request_duration_seconds"]
        assert served.value("_count", http_route="/healthz", http_response_status_code="200") == 1
        assert served.value("_count", http_response_status_code="401") == 1
        assert "nobody-knows-this" not in str(served)


async def test_every_metric_is_in_the_table(tmp_path: Path) -> None:
    async with started(tmp_path) as plane:
        known = {metric.prometheus for metric in CONTROL}
        assert (await families(plane, metrics_of(plane))).keys() <= known


async def test_connections_to_postgresql_are_counted(tmp_path: Path, postgres_url: str) -> None:
    plane = build(database_url=postgres_url, secrets=create(tmp_path / "secrets"), data_dir=None)
    try:
        await migrate(plane.database)
        await plane.start()
        found = await families(plane, metrics_of(plane))
    finally:
        await plane.close()
    connections = found["db_client_connection_count"]
    assert connections.value(db_client_connection_state="used") == 0
    assert connections.value(db_client_connection_state="idle") >= 1
    assert found["db_client_connection_max"].value() == 10


@pytest.mark.parametrize("sent", ["", "wrong", TOKEN[:-1], TOKEN + "x"])
async def test_without_the_token_there_are_no_metrics(tmp_path: Path, sent: str) -> None:
    async with started(tmp_path) as plane:
        refused = await scraped(plane, metrics_of(plane), token=sent)
        assert refused.status_code == 401
        assert "sluis_control" not in refused.text
        assert (await scraped(plane, metrics_of(plane, None), token=sent)).status_code == 200
