"""A trial of the store: reservations and settlements in counters that no caller has."""

import os
import time
from typing import Any

from gateway.core.usage import Spending
from gateway.limits.scopes import TEAM
from gateway.limits.shared.filling import fill
from gateway.limits.shared.store import Store, StoreAway
from gateway.limits.store_settings import StoreSettings

_BUDGET, _COST, _SPENT = 1.0, 0.6, 0.1
_SCOPE = (False, False, False, _BUDGET, False)  # a budget, and no other limit
_LEASE_MS = 5000


async def try_out(settings: StoreSettings) -> list[float]:
    """Reserve, be refused, settle and reserve again; returns the milliseconds of each call.

    A key of its own keeps these counters apart from those of the installation. They are removed.

    Raises:
        StoreAway: when the store does not answer, or does not count.
    """
    trial = _Trial(Store(settings, pepper=os.urandom(32)))
    try:
        if not await fill(trial.store, _nothing, time.time):
            raise StoreAway("it does not fill new counters")
        await trial.expect("ok", "reserve", id="first")
        await trial.expect("budget", "reserve", id="second")
        await trial.expect("ok", "settle", id="first", cost=_SPENT)
        await trial.expect("ok", "reserve", id="third")
        await trial.expect("ok", "settle", id="third", cost=_SPENT)
        return trial.times_ms
    finally:
        await trial.end()


class _Trial:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.times_ms: list[float] = []
        self._names = [store.name((TEAM, "", "trial"))]

    async def expect(self, status: str, operation: str, **ask: Any) -> None:
        """One call, whose answer must be this one."""
        given = {"tokens": 0, "cost": _COST, "lease": _LEASE_MS, "scopes": [_SCOPE]}
        given |= {"used": 0, "age": 0.0, "month": "", **ask}
        began = time.perf_counter()
        answer, *_ = await self.store.call(operation, self._names, **given)
        self.times_ms.append((time.perf_counter() - began) * 1000)
        if answer != status:
            raise StoreAway(f"{operation} was answered by {answer!s:.32}, not by {status}")

    async def end(self) -> None:
        """Remove the counters, where the store is there."""
        try:
            await self.store.remove(self._names)
        except StoreAway:
            return  # nothing renews them
        finally:
            await self.store.close()


async def _nothing(_: int) -> list[Spending]:
    return []
