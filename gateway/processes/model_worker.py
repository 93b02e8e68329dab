"""The model worker process: serves the approved versions of the snapshot only."""

import asyncio
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gateway.core.model_life import CANDIDATES, SERVED
from gateway.core.snapshot import ModelVersion, Snapshot
from gateway.core.system.secrets import load_for_worker
from gateway.processes.control_snapshots import worker_source
from gateway.processes.jobs import Jobs
from gateway.processes.settings import Settings
from gateway.processes.snapshot_source import POLL_S, SnapshotWatcher
from gateway.processes.uvicorn_server import server
from gateway.worker.app import create_app
from gateway.worker.engine import Engine
from gateway.worker.spec import PAGE_SIZE, ServedModel, WorkerOptions

_NONE: Mapping[tuple[str, str], ModelVersion] = MappingProxyType({})


def served_models(snapshot: Snapshot) -> list[ServedModel]:
    """The versions that a deployment on a worker names, by version or by tag.

    They are approved, or under evaluation: the gateway sends a draft its evaluation alone.
    """
    workers = {provider.name for provider in snapshot.providers if provider.kind == "worker"}
    served = {d.model for d in snapshot.deployments if d.provider in workers}
    approved = {
        (model.name, model.version): model for model in snapshot.models if model.state in SERVED
    }
    evaluated = {key.evaluates for key in snapshot.keys}
    candidates = [
        model
        for model in snapshot.models
        if model.state in CANDIDATES and model.digest in evaluated
    ]
    return [
        _served(model, approved)
        for model in (*approved.values(), *candidates)
        if served & {f"{model.name}@{reference}" for reference in (model.version, *model.tags)}
    ]


async def serve(settings: Settings) -> None:
    """Run until a signal stops it; running answers may end first.

    Raises:
        SecretsMissing: when the secrets directory is incomplete.
    """
    token, signer = load_for_worker(settings.secrets_dir)
    options = _options(token, settings)
    engine = Engine(options, show=_show)
    updates: set[asyncio.Task[None]] = set()

    async def apply_snapshot(snapshot: Snapshot, _: str) -> None:
        task = asyncio.ensure_future(engine.serve(served_models(snapshot)))
        updates.add(task)
        task.add_done_callback(updates.discard)

    source = worker_source(settings, token)
    watcher = SnapshotWatcher(source, signer, apply_snapshot, wall=time.time)
    await watcher.poll()
    jobs = Jobs()
    jobs.start(POLL_S, watcher.poll)
    try:
        app = create_app(engine, options)
        await server(
            app,
            settings.host,
            settings.worker_port,
            drain_s=settings.drain_s,
            lifespan="on",
            certificate=settings.worker_certificate,
        ).serve()
    finally:
        await jobs.stop()


def _show(line: str) -> None:
    sys.stdout.write(f"plan {line}\n")
    sys.stdout.flush()


def _options(token: str, settings: Settings) -> WorkerOptions:
    return WorkerOptions(
        token=token,
        threads=settings.worker_threads,
        num_blocks=math.ceil(settings.worker_pool_tokens / PAGE_SIZE),
        max_batch_tokens=settings.worker_batch_tokens,
        max_waiting=settings.worker_waiting or None,
        dtype=settings.worker_dtype,
        request_deadline_s=settings.worker_deadline_s,
        metrics_token=settings.metrics_token,
        old_metric_names=settings.old_metric_names,
    )


def _served(
    model: ModelVersion, approved: Mapping[tuple[str, str], ModelVersion] = _NONE
) -> ServedModel:
    before = dict.fromkeys(one for versions in model.earlier.values() for one in versions)
    return ServedModel(
        name=model.name,
        version=model.version,
        tags=tuple(model.tags),
        base_dir=Path(model.base_dir),
        base_digest=model.base_digest,
        adapter_dir=Path(model.adapter_dir) if model.adapter_dir else None,
        adapter_digest=model.adapter_digest,
        digest=model.digest,
        earlier=tuple(
            _served(approved[model.name, version])
            for version in before
            if (model.name, version) in approved
        ),
    )
