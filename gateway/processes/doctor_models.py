"""Checks of the doctor on models: versions without an approval, and what they keep from serving."""

import time

import msgspec

from gateway.core.errors import UpstreamFailed
from gateway.core.model_life import SERVED
from gateway.core.snapshot import Snapshot
from gateway.core.system.secrets import SecretsMissing, load_for_worker
from gateway.egress import UpstreamClient
from gateway.processes.doctor_checks import Diagnosis
from gateway.processes.settings import Settings, resolve_reference
from gateway.routing import problems, unproven

_WORKER = "worker"  # of providers
_TODO = {
    "files_changed": "restore the approved files, or promote a version whose files are as approved",
    "memory": "give the worker more memory, or restart it: it then loads this version alone",
}
_SEE_LOG = "see the log of the worker, and promote another version"


def check_versions(snapshot: Snapshot, record: Diagnosis) -> None:
    """Check that each deployment serves an approved version.

    What policy lets serve without one, or was in force before, is named and is no fault.
    """
    for deployment, _ in unproven(snapshot):
        record(
            f"deployment {deployment.name} serves an unproven model; register a version, have it "
            "approved, and state it as `version: name@tag`",
            ok=True,
        )
    now = time.time()
    ended = [
        f"{one.name}@{one.version}"
        for one in snapshot.models
        if one.state in SERVED and one.approved_until is not None and one.approved_until <= now
    ]
    record(
        "approvals of model versions are in force",
        ok=not ended,
        todo=f"have these approved again: {', '.join(ended)}",
    )
    unserved = [f"{name} ({problem})" for name, problem in problems(snapshot).items()]
    record(
        "each deployment serves an approved version",
        ok=not unserved,
        todo=f"these serve nothing: {', '.join(unserved)}",
    )


async def check_workers(settings: Settings, snapshot: Snapshot, record: Diagnosis) -> None:
    """Check that each worker answers, and has loaded the versions that it is to serve."""
    workers = [one for one in snapshot.providers if one.kind == _WORKER]
    if not workers:
        return
    try:
        token, _ = load_for_worker(settings.secrets_dir)
    except SecretsMissing:
        return  # on another machine
    egress = UpstreamClient(
        msgspec.structs.replace(snapshot, providers=workers),
        secret=resolve_reference,
        worker_token=token,
        formats={},
    )
    try:
        for worker in workers:
            await _check_worker(egress, worker.name, record)
    finally:
        await egress.close()


async def _check_worker(egress: UpstreamClient, name: str, record: Diagnosis) -> None:
    try:
        report = await egress.report(name)
    except UpstreamFailed as failure:
        todo = f"start it, or correct its address and api_key in sluis.yaml ({failure.message})"
        record(f"worker {name} answers", ok=False, todo=todo)
        return
    refused = [
        f"{one.id} ({f'{one.stands_in} goes on; ' if one.stands_in else ''}"
        f"{_TODO.get(one.cause or '', _SEE_LOG)})"
        for one in report.refused
    ]
    record(
        f"worker {name} has loaded the versions that it is to serve",
        ok=not refused,
        todo=f"refused: {', '.join(refused)}",
    )
