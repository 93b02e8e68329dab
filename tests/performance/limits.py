"""What a decision on limits costs: in memory, and in a store if its URL is given.

``python -m tests.performance.limits [redis://127.0.0.1:6379]``. Each request has limits and a
budget in six scopes. CPU is that of this process.
"""

import asyncio
import os
import sys
import time
from itertools import pairwise
from statistics import median

from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Allowance, Budget, Limits, Snapshot, Team, UseCase
from gateway.core.usage import Price, Spending, Usage
from gateway.limits import Limiter, Meter
from gateway.limits.store_settings import StoreSettings

_MUCH = Limits(10**9, 10**12, 10**6)
_BUDGET = Budget(1e12)
_ALLOWED = Allowance(_MUCH, _BUDGET)
_PRICE = Price(1.0, 1.0)
_MODELS = ("assistant", "gpt-eu")
_ROUNDS = 5


def _snapshot() -> Snapshot:
    per_model = dict.fromkeys(_MODELS, _ALLOWED)
    team = Team("one", limits=_MUCH, budget=_BUDGET, per_person=_ALLOWED, per_model=per_model)
    case = UseCase("service", "o", "contract", "limited", limits=_MUCH, budget=_BUDGET)
    return Snapshot(0.0, {}, teams=[team], use_cases=[case])


def _caller() -> Principal:
    return Principal(
        "k_app",
        "app",
        "app",
        "one",
        frozenset(),
        frozenset(),
        (),
        Level.RESTRICTED,
        Level.PUBLIC,
        strict=False,
        limits=Limits(),
        key_limits=_MUCH,
        key_budget=_BUDGET,
        person="u_jan",
    )


async def _ask(meter: Limiter, caller: Principal, times: int, waits: list[float]) -> None:
    for _ in range(times):
        await meter.admit(caller)
        began = time.perf_counter()
        held = await meter.reserve(
            caller, tokens=100, price=_PRICE, models=_MODELS, use_case="service"
        )
        waits.append(time.perf_counter() - began)
        meter.settle(held, Usage(50, 20))
        await meter.settled(held)


async def _measure(meter: Limiter, *, requests: int, at_once: int) -> str:
    caller, costs, waits = _caller(), list[float](), list[float]()
    for _ in range(_ROUNDS):
        waits.clear()
        began = time.process_time()
        share = requests // at_once
        await asyncio.gather(*(_ask(meter, caller, share, waits) for _ in range(at_once)))
        costs.append((time.process_time() - began) / (share * at_once))
    waits.sort()
    return (
        f"{min(costs) * 1e6:.1f} us of CPU a request at best, {median(costs) * 1e6:.1f} in the "
        f"median (an admission, a reservation and a settlement); a reservation takes "
        f"{median(waits) * 1e3:.3f} ms, 99 % {waits[int(len(waits) * 0.99)] * 1e3:.3f} ms"
    )


async def _each(meter: Meter, *, requests: int) -> str:
    """What each of the three decisions of a request costs, the requests one by one."""
    caller, best = _caller(), [float("inf")] * 3
    for _ in range(_ROUNDS):
        spent = [0] * 3
        for _ in range(requests):
            marks = [time.thread_time_ns()]
            await meter.admit(caller)
            marks.append(time.thread_time_ns())
            held = await meter.reserve(
                caller, tokens=100, price=_PRICE, models=_MODELS, use_case="service"
            )
            marks.append(time.thread_time_ns())
            meter.settle(held, Usage(50, 20))
            await meter.settled(held)
            marks.append(time.thread_time_ns())
            took = (end - start for start, end in pairwise(marks))
            spent = [old + new for old, new in zip(spent, took, strict=True)]
        best = [min(old, new / requests) for old, new in zip(best, spent, strict=True)]
    names = ("admission", "reservation", "settlement")
    return ", ".join(f"{name} {cost / 1e3:.1f} us" for name, cost in zip(names, best, strict=True))


async def _nothing(_: int) -> list[Spending]:
    return []


async def _main() -> None:
    meter = Meter(clock=time.monotonic, wall=time.time)
    meter.configure(_snapshot())
    print("memory:", await _measure(meter, requests=20_000, at_once=1))
    print("memory, CPU of each, the clock included:", await _each(meter, requests=20_000))
    for url in sys.argv[1:]:
        from gateway.limits.shared import SharedMeter, Store

        store = Store(StoreSettings(url, timeout_s=2), pepper=os.urandom(32))
        shared = SharedMeter(store, spent=_nothing, clock=time.monotonic, wall=time.time)
        shared.configure(_snapshot())
        await shared.look()
        for at_once in (1, 16):
            measured = await _measure(shared, requests=1_600, at_once=at_once)
            print(f"store, {at_once} at once:", measured)
        await shared.close()


if __name__ == "__main__":
    asyncio.run(_main())
