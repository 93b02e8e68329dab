"""Checks of the doctor on models: versions without an approval, and what they keep from serving."""

import time

from gateway.core.model_life import SERVED
from gateway.core.snapshot import Snapshot
from gateway.processes.doctor_checks import Diagnosis
from gateway.routing import problems, unproven


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
