"""Checks of the doctor on limits and budgets: where they are counted, and whether that is sound."""

import time

from gateway.core.snapshot import Snapshot
from gateway.governance.plane import ControlPlane
from gateway.governance.stops.acknowledgements import gateways
from gateway.limits import has_limits
from gateway.processes.doctor_checks import Diagnosis
from gateway.processes.settings import Settings

_SHARED = "limits and budgets hold for all gateways together"


async def check_store(settings: Settings, record: Diagnosis) -> None:
    """Check that the store of shared limits answers, and keeps what it is given."""
    if settings.valkey is None:
        return
    from gateway.limits.shared import Store, StoreAway, problem_of

    store = Store(settings.valkey, pepper=b"")
    try:
        problem = problem_of(await store.facts())
    except StoreAway as away:
        problem = str(away)
    finally:
        await store.close()
    record(
        "the store of limits and budgets",
        ok=problem is None,
        todo=f"{settings.valkey.place}: {problem}",
    )


async def check_gateways(
    plane: ControlPlane, settings: Settings, published: Snapshot, record: Diagnosis
) -> None:
    """Check that no two gateways each allow the whole of a limit; a rollout takes some seconds."""
    if settings.embedded or settings.valkey is not None:
        return
    live = (await gateways(plane.trail.rows, int(time.time() * 1000))).live
    names = ", ".join(one.name for one in live)
    if len(live) > 1 and has_limits(published) and settings.count_per_replica:
        about = f"each of {len(live)} gateways allows the whole of every limit and budget"
        record(f"{about}, as SLUIS_COUNT_PER_REPLICA says", ok=True)
    elif len(live) < 2 or has_limits(published):
        record(
            _SHARED,
            ok=len(live) < 2,
            todo=f"set SLUIS_VALKEY_URL, or run one gateway: each of {names} allows the whole of "
            "every limit and budget (docs/limits.md). Where the limits are divided by the number "
            "of gateways, set SLUIS_COUNT_PER_REPLICA=on",
        )
    else:
        about = f"{len(live)} gateways run without a store of limits: set SLUIS_VALKEY_URL before"
        record(f"{about} you set a limit or a budget", ok=True)
