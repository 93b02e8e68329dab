"""Shared counters give the answers of those in memory, in a real server."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import Refusal
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Allowance, Budget, Limits, Snapshot, Team, UseCase
from gateway.core.usage import Price, Spending, Usage
from gateway.limits import Limiter, Meter, Reservation
from gateway.limits.shared import SharedMeter, Store
from gateway.limits.store_settings import StoreSettings
from tests.support.effort import examples
from tests.support.valkey import ValkeyServer, running

pytestmark = pytest.mark.integration
PEPPER = bytes(32)
CENT = Price(1_000_000, 0, "EUR")
FREE = Price()
BEGIN = 1_800_000_000
NUMBERS = itertools.count()
CLOCK = "{redis.call('GET', 'clock'), '0'}"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with running(tmp_path_factory.mktemp("valkey")) as server:
        yield server


def principal(name: str, team: str, **rights: Any) -> Principal:
    """A key, or the person that a token proves where the name begins with u_."""
    proven = name if name.startswith("u_") else ""
    return Principal(
        f"{team}-{name}",
        name,
        "person" if proven else "app",
        team,
        frozenset(),
        frozenset(),
        (),
        Level.RESTRICTED,
        Level.PUBLIC,
        strict=False,
        limits=Limits(),
        person=f"{team}-{name}" if proven else "",
        **rights,
    )


async def nothing_spent(_: int) -> list[Spending]:
    return []


class Twins:
    """A meter in memory and one in the server, at one time and with the same limits."""

    def __init__(self, server: ValkeyServer) -> None:
        self.now = float(BEGIN)
        self._server = server
        self.runner = asyncio.Runner()
        self.set_clock(self.now)
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        store = Store(StoreSettings(self._server.url, timeout_s=5), pepper=PEPPER, clock=CLOCK)
        self.shared = SharedMeter(
            store, spent=nothing_spent, clock=lambda: self.now, wall=lambda: self.now, lease_s=1e9
        )
        self.local = Meter(clock=lambda: self.now, wall=lambda: self.now)
        await self.shared.look()
        assert self.shared.problem is None

    def set_clock(self, now: float) -> None:
        self.now = now
        self._server.send("SET", "clock", f"{now:.6f}")

    def configure(self, snapshot: Snapshot) -> None:
        self.shared.configure(snapshot)
        self.local.configure(snapshot)

    def both(self, ask: Any) -> tuple[Any, Any]:
        """What a question gives, or its refusal, in memory and in the server."""

        async def one(meter: Limiter) -> Any:
            try:
                return await ask(meter)
            except Refusal as refusal:
                return refusal.code, refusal.message, refusal.retry_after, refusal.rules

        async def each() -> tuple[Any, Any]:
            return await one(self.local), await one(self.shared)

        return self.runner.run(each())

    def settle(self, pair: tuple[Reservation, Reservation], usage: Usage) -> None:
        async def each() -> None:
            costs = self.local.settle(pair[0], usage), self.shared.settle(pair[1], usage)
            assert costs[0] == costs[1]
            await self.shared.settled(pair[1])

        self.runner.run(each())

    def close(self) -> None:
        self.runner.run(self.shared.close())
        self.runner.close()


@pytest.fixture(scope="module")
def twins(valkey: ValkeyServer) -> Iterator[Twins]:
    made = Twins(valkey)
    yield made
    made.close()


WHO = st.sampled_from(["k_app", "k_other", "u_jan", "u_els"])
RESERVE = st.tuples(st.just("reserve"), WHO, st.integers(1, 25), st.booleans())
SETTLE = st.tuples(st.just("settle"), st.integers(0, 9), st.integers(0, 30), st.just(False))
WAIT = st.tuples(st.just("wait"), st.integers(1, 30), st.just(0), st.just(False))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), WHO, st.just(0), st.just(False)),
        *[RESERVE] * 6,
        *[SETTLE] * 4,
        *[WAIT] * 2,
        st.tuples(st.just("month"), st.just(0), st.just(0), st.just(False)),
        st.tuples(st.just("limits"), st.integers(1, 3), st.just(0), st.just(False)),
    ),
    min_size=15,
    max_size=60,
)


def limits_of(team: str, factor: int) -> Snapshot:
    """Limits of every scope; multiples of 60, so that a second gives a whole number."""
    most = Limits(60 * factor, 120 * factor, 3 * factor)
    least = Allowance(Limits(60, 60 * factor, 2), Budget(15 * factor))
    teams = [
        Team(
            team,
            limits=most,
            budget=Budget(60 * factor),
            per_person=least,
            per_model={"gpt": Allowance(Limits(60, None, 3), Budget(40))},
        )
    ]
    case = UseCase(
        f"{team}-case", "o", "contract", "limited", limits=Limits(60, 120), budget=Budget(30)
    )
    return Snapshot(0.0, {}, teams=teams, use_cases=[case])


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_both_give_the_same_answers(twins: Twins, steps: list[tuple[str, Any, int, bool]]) -> None:
    team = f"t{next(NUMBERS)}"
    twins.configure(limits_of(team, 1))
    open_: list[tuple[Reservation, Reservation]] = []
    own: dict[str, Any] = {"key_limits": Limits(120, 60, 2), "key_budget": Budget(12)}
    for what, first, amount, paid in steps:
        if what == "admit":
            caller = principal(first, team, **own)
            here, there = twins.both(lambda meter, caller=caller: meter.admit(caller))
            assert here == there
        elif what == "reserve":
            caller = principal(first, team, **own)
            asked = {
                "tokens": amount,
                "price": CENT if paid else FREE,
                "models": ("gpt", "gpt-eu"),
                "use_case": f"{team}-case",
            }
            here, there = twins.both(
                lambda meter, caller=caller, asked=asked: meter.reserve(caller, **asked)
            )
            if isinstance(here, Reservation) and isinstance(there, Reservation):
                assert here.limits == there.limits
                open_.append((here, there))
            else:
                assert here == there
        elif what == "settle" and open_:
            twins.settle(open_.pop(first % len(open_)), Usage(amount, 0))
        elif what == "wait":
            twins.set_clock(twins.now + first)
        elif what == "month":
            twins.set_clock(twins.now + 31 * 86_400)
        elif what == "limits":
            twins.configure(limits_of(team, first))
    for pair in open_:
        twins.settle(pair, Usage())
