"""Fills empty counters of the store with the money that the trail says was spent this month."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

from gateway.core.usage import Spending
from gateway.limits.months import month_of, month_start
from gateway.limits.scopes import ScopeId, spenders
from gateway.limits.shared.store import Store, StoreAway

_CHUNK = 500  # scopes of one call
_LOCK_MS = 60_000
_SETTLING_S = 0.3  # what was settled before this is in the trail after it
_MARGIN_S = 0.2
Spent = Callable[[int], Awaitable[list[Spending]]]


async def fill(store: Store, spent: Spent, wall: Callable[[], float]) -> bool:
    """Whether the counters are filled now; False while another gateway fills them.

    ``spent`` reads the spending since a time (epoch milliseconds) from the trail.

    Raises:
        StoreAway: when the store does not answer.
        Unavailable: when the trail cannot be read.
    """
    token = os.urandom(8).hex()
    status, _, *rest = await store.call("lock", token=token, lease=_LOCK_MS)
    if status != "locked":
        return bool(status == "ready")
    try:
        await asyncio.sleep(_SETTLING_S)
        now = wall()
        sums = _by_scope(await spent(month_start(now)))
        since = float(rest[0]) + _SETTLING_S - _MARGIN_S
        return await _write(store, sums, token=token, month=month_of(now), since=since)
    except BaseException:
        await _unlock(store, token)
        raise


async def _write(
    store: Store, sums: dict[ScopeId, float], *, token: str, month: str, since: float
) -> bool:
    scopes = list(sums)
    for first in range(0, len(scopes) or 1, _CHUNK):
        chunk = scopes[first : first + _CHUNK]
        status, *_ = await store.call(
            "fill",
            [store.name(scope) for scope in chunk],
            token=token,
            month=month,
            since=since,
            spent=[sums[scope] for scope in chunk],
            last=first + _CHUNK >= len(scopes),
        )
        if status not in {"ok", "ready"}:
            return False
    return True


async def _unlock(store: Store, token: str) -> None:
    try:
        await store.call("unlock", token=token)
    except StoreAway:
        return  # the lock ends by itself


def _by_scope(spent: Iterable[Spending]) -> dict[ScopeId, float]:
    sums: dict[ScopeId, float] = defaultdict(float)
    for one in spent:
        for scope in spenders(one):
            sums[scope] += one.cost
    return sums
