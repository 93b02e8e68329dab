"""What a model worker reads from the control plane, with its token and nothing else."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Snapshot, SnapshotError, unseal
from gateway.core.system.secrets import create
from gateway.governance.catalogue.config_file import parse
from gateway.processes.control_snapshots import ControlPlaneSource
from gateway.processes.snapshot_source import SnapshotWatcher
from tests.support.control_app import control_app
from tests.support.persons import applied, issued
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
PATH = "/worker/v1/snapshot"
WORKER = """
providers:
  - {name: own, kind: worker, base_url: "http://127.0.0.1:8082/v1", zone: internal}
deployments:
  - {name: local, provider: own, model: "tiny@production"}
"""


@pytest.fixture
async def published(kept: Retained) -> Retained:
    """An installation with a worker, a key and teams in its snapshot."""
    text = CONFIG.replace("providers:\n", WORKER.split("deployments:", maxsplit=1)[0], 1)
    text = text.replace("deployments:\n", f"deployments:{WORKER.split('deployments:')[1]}", 1)
    await applied(kept.plane, parse(text, source="sluis.yaml"))
    await issued(kept.plane, NewKey(name="bot"))
    await kept.plane.snapshots.publish()
    return kept


def client(kept: Retained, token: str | None = None) -> httpx.AsyncClient:
    token = kept.plane.secrets.worker_token if token is None else token
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(control_app(kept.plane)),
        base_url="http://control",
        headers={"authorization": f"Bearer {token}"},
    )


async def test_it_holds_models_and_their_deployments_only(published: Retained) -> None:
    async with client(published) as worker:
        answer = await worker.get(PATH)
        assert answer.status_code == 200, answer.text
        again = await worker.get(PATH, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    snapshot, digest = unseal(answer.content, published.plane.secrets.signing.public_key())
    assert answer.headers["etag"] == f'"{digest}"'
    assert [one.name for one in snapshot.deployments] == ["local"]
    assert [one.name for one in snapshot.providers] == ["own"]
    assert not any((
        snapshot.keys,
        snapshot.teams,
        snapshot.issuers,
        snapshot.use_cases,
        snapshot.bundle,
        snapshot.changes,
        snapshot.settings,
    ))


async def test_what_does_not_concern_workers_changes_nothing_for_them(
    published: Retained,
) -> None:
    async with client(published) as worker:
        before = (await worker.get(PATH)).headers["etag"]
        await issued(published.plane, NewKey(name="other"))
        await published.plane.snapshots.publish()
        assert (await worker.get(PATH)).headers["etag"] == before


@pytest.mark.parametrize("token", ["", "wrong", "admin", "operator"])
async def test_another_credential_is_refused(published: Retained, token: str) -> None:
    plane = published.plane
    if token == "admin":
        token = await issued(plane, NewKey(name="a", kind="admin", roles=["platform_admin"]))
    if token == "operator":
        token = plane.secrets.operator_token
    async with client(published, token) as caller:
        answer = await caller.get(PATH)
    assert answer.status_code == 401
    assert "worker-token" in answer.text


async def test_the_token_of_workers_opens_nothing_else(published: Retained) -> None:
    async with client(published) as worker:
        for path in ("/admin/v1/me", "/admin/v1/catalogue", "/scim/v2/Users"):
            assert (await worker.get(path)).status_code == 401, path


@pytest.fixture
async def served(published: Retained) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(control_app(published.plane), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def test_a_worker_follows_the_control_plane(published: Retained, served: str) -> None:
    taken: list[Snapshot] = []

    async def take(snapshot: Snapshot, _: str) -> None:
        taken.append(snapshot)

    plane = published.plane
    source = ControlPlaneSource(served, plane.secrets.worker_token)
    watcher = SnapshotWatcher(source, plane.secrets.signing.public_key(), take, wall=time.time)
    for _ in range(3):
        await watcher.poll()
    assert len(taken) == 1
    await applied(plane, parse(CONFIG, source="sluis.yaml"))
    await plane.snapshots.publish()
    await watcher.poll()
    assert [len(one.deployments) for one in taken] == [1, 0]
    assert watcher.problem is None
    await source.aclose()


async def test_a_forged_snapshot_is_not_taken(
    published: Retained, served: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def take(snapshot: Snapshot, _: str) -> None:
        raise AssertionError(snapshot)

    other = create(tmp_path_factory.mktemp("other") / "secrets")
    source = ControlPlaneSource(served, published.plane.secrets.worker_token)
    watcher = SnapshotWatcher(source, other.signing.public_key(), take, wall=time.time)
    await watcher.poll()
    assert SnapshotError.__name__ in str(watcher.problem)
    await source.aclose()


async def test_a_control_plane_that_is_away_or_refuses_is_named(
    published: Retained, served: str
) -> None:
    async def take(_: Snapshot, __: str) -> None:
        """Nothing."""

    key = published.plane.secrets.signing.public_key()
    for url, token, problem in (
        ("http://127.0.0.1:9", published.plane.secrets.worker_token, "ConnectError"),
        (served, "wrong", "answered 401"),
    ):
        source = ControlPlaneSource(url, token)
        watcher = SnapshotWatcher(source, key, take, wall=time.time)
        await watcher.poll()
        assert problem in str(watcher.problem)
        await source.aclose()
