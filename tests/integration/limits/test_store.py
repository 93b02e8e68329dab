"""A real store: what it holds, how it is reached, and what happens to it."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.core.errors import LimitsUnavailable, QuotaExceeded, RateLimited
from gateway.core.limits_policy import LocalLimits
from gateway.core.snapshot import Allowance, Budget, Limits, Snapshot, Team
from gateway.core.usage import Spending, Usage
from gateway.limits.shared import SharedMeter, Store, StoreAway, problem_of, try_out
from gateway.limits.store_settings import StoreSettings
from tests.integration.limits.test_shared_counters import CENT, FREE, PEPPER, principal
from tests.support.certificates import certificate
from tests.support.valkey import ValkeyServer, running

pytestmark = pytest.mark.integration
TEAM = Team("support", budget=Budget(100), limits=Limits(concurrent=2))
SNAPSHOT = Snapshot(0.0, {}, teams=[TEAM])
CALLER = principal("k_app", "support")
SPENT = [Spending("support", "support-k_app", "support-k_app", "gpt", "gpt-eu", 40.0)]


@dataclasses.dataclass
class Trail:
    """What the trail says was spent, and how often it was asked."""

    spent: list[Spending] = dataclasses.field(default_factory=lambda: list(SPENT))
    asked: int = 0

    async def __call__(self, _: int) -> list[Spending]:
        self.asked += 1
        return self.spent


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    with running(tmp_path / "valkey") as server:
        yield server


def gateway(server: ValkeyServer, trail: Trail, *, lease_s: float = 20.0) -> SharedMeter:
    """The limits of one gateway."""
    store = Store(StoreSettings(server.url), pepper=PEPPER)
    made = SharedMeter(store, spent=trail, clock=time.monotonic, wall=time.time, lease_s=lease_s)
    made.configure(SNAPSHOT)
    return made


async def until(meter: SharedMeter, *, counts: bool, limit: float = 5.0) -> None:
    """Look once a tenth of a second until the store counts, or does not."""
    async with asyncio.timeout(limit):
        while (meter.problem is None) is not counts:
            await meter.look()
            await asyncio.sleep(0.1)


async def test_the_store_names_nobody(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail())
    await meter.look()
    person = principal("u_jan.jansen@example.nl", "support")
    await meter.reserve(person, tokens=1, price=CENT, models=("gpt",))
    store = Store(StoreSettings(valkey.url), pepper=PEPPER)
    keys = await store._client.keys("*")
    held = repr(keys) + repr([await store._client.dump(key) for key in keys])
    assert len(keys) > 4
    assert len({str(key).split("}")[0] for key in keys}) == 1  # one hash tag: one slot of a cluster
    for word in ("jan", "support", "gpt", "k_app"):
        assert word not in held
    await store.close()
    await meter.close()


async def test_a_second_gateway_reads_no_trail_and_doubles_nothing(valkey: ValkeyServer) -> None:
    trail = Trail()
    first, second = gateway(valkey, trail), gateway(valkey, trail)
    await first.look()
    await second.look()
    assert trail.asked == 1
    held = await first.reserve(CALLER, tokens=50, price=CENT)
    with pytest.raises(QuotaExceeded):
        await second.reserve(CALLER, tokens=11, price=CENT)
    first.settle(held, Usage(20, 0))
    await first.settled(held)
    await second.reserve(CALLER, tokens=40, price=CENT)
    await first.close()
    await second.close()


async def test_what_is_under_way_when_the_store_loses_all_counts_once(
    valkey: ValkeyServer,
) -> None:
    trail = Trail()
    first, second = gateway(valkey, trail), gateway(valkey, trail)
    await first.look()
    await second.look()
    held = await first.reserve(CALLER, tokens=30, price=CENT)
    assert valkey.send("FLUSHALL") == b"+OK"
    for meter in (first, second):
        await meter.look()
        await until(meter, counts=True)
    with pytest.raises(QuotaExceeded):
        await second.reserve(CALLER, tokens=31, price=CENT)
    first.settle(held, Usage(10, 0))
    await first.settled(held)
    with pytest.raises(QuotaExceeded):
        await second.reserve(CALLER, tokens=51, price=CENT)
    await second.reserve(CALLER, tokens=50, price=CENT)
    await first.close()
    await second.close()


async def test_old_counters_of_a_server_that_was_started_again_are_not_used(
    tmp_path: Path,
) -> None:
    trail = Trail()
    with running(tmp_path / "kept", "--save", "''", "--appendonly", "no") as server:
        meter = gateway(server, trail)
        await meter.look()
        assert server.send("SAVE") == b"+OK"  # what was spent after this is lost with the server
        trail.spent = [*SPENT, Spending("support", "k", "k", "gpt", "gpt-eu", 55.0)]
        server.kill()
        server.start()
        await meter.look()
        await until(meter, counts=True)
        with pytest.raises(QuotaExceeded):
            await meter.reserve(CALLER, tokens=6, price=CENT)
        assert trail.asked == 2
        await meter.close()


async def test_another_installation_that_comes_first_hides_no_restart(tmp_path: Path) -> None:
    with running(tmp_path / "valkey", "--save", "''", "--appendonly", "yes") as server:
        trail = Trail()
        meter = gateway(server, trail)
        await meter.look()
        server.kill()
        server.start()
        other = Store(StoreSettings(server.url, timeout_s=2), pepper=b"of another installation")
        assert (await other.call("look"))[0] == "empty"
        await meter.look()
        await until(meter, counts=True)
        assert trail.asked == 2
        await other.close()
        await meter.close()


async def test_a_trial_reserves_and_settles_in_counters_of_its_own(valkey: ValkeyServer) -> None:
    trail = Trail()
    meter = gateway(valkey, trail)
    await meter.look()
    store = Store(StoreSettings(valkey.url), pepper=PEPPER)
    before = sorted(await store._client.keys("*"))
    times = await try_out(StoreSettings(valkey.url, timeout_s=2))
    assert all(time_ms > 0 for time_ms in times)
    assert sorted(await store._client.keys("*")) == before
    await meter.look()
    assert meter.problem is None
    assert trail.asked == 1
    await store.close()
    await meter.close()


async def test_a_trial_of_a_store_that_is_away_says_why(valkey: ValkeyServer) -> None:
    valkey.kill()
    with pytest.raises(StoreAway, match="no connection"):
        await try_out(StoreSettings(valkey.url, timeout_s=2))


async def test_a_place_that_nobody_renews_is_free_again(valkey: ValkeyServer) -> None:
    killed, other = gateway(valkey, Trail(), lease_s=0.5), gateway(valkey, Trail())
    await killed.look()
    await other.look()
    for _ in range(2):
        await killed.reserve(CALLER, tokens=30, price=CENT)
    with pytest.raises((RateLimited, QuotaExceeded)):
        await other.reserve(CALLER, tokens=1, price=CENT)
    await asyncio.sleep(0.6)  # the killed one renews nothing any more
    await other.reserve(CALLER, tokens=60, price=CENT)  # its money is free too: the trail has none
    await killed.close()
    await other.close()


async def test_an_answer_longer_than_a_lease_keeps_its_place(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail(), lease_s=6.0)
    await meter.look()
    for _ in range(2):
        await meter.reserve(CALLER, tokens=1, price=CENT)
    meter._renew_at = 0.0
    await meter.look()
    assert await meter._store._client.zcard(meter._store._fixed[1]) == 2
    await meter.close()


async def test_settlements_during_a_short_outage_arrive_later(valkey: ValkeyServer) -> None:
    trail = Trail()
    meter = gateway(valkey, trail)
    await meter.look()
    held = await meter.reserve(CALLER, tokens=60, price=CENT)
    valkey.pause()
    with pytest.raises(LimitsUnavailable):
        await meter.reserve(CALLER, tokens=1, price=CENT)
    began = time.monotonic()
    meter.settle(held, Usage(10, 0))
    await meter.settled(held)
    assert time.monotonic() - began < 5  # as long as the store hangs, without a deadline
    valkey.resume()
    await until(meter, counts=True)
    async with asyncio.timeout(5):
        while True:
            try:
                await meter.reserve(CALLER, tokens=50, price=CENT)
                break
            except QuotaExceeded:
                await asyncio.sleep(0.05)
    assert trail.asked == 1  # nothing was lost, so nothing was filled again
    await meter.close()


async def test_without_a_limit_nobody_waits_for_the_store(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail())
    await meter.look()
    valkey.kill()
    free = principal("k_free", "another")
    held = await meter.reserve(free, tokens=1, price=CENT)
    assert meter.settle(held, Usage(1, 0)) == 1
    await meter.settled(held)
    await meter.close()


async def test_each_decision_is_one_round_trip(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail())
    await meter.look()
    least = Limits(requests_per_minute=60)
    limited = dataclasses.replace(CALLER, key_limits=least)
    client = meter._store._client
    await client.config_resetstat()
    await meter.admit(limited)
    held = await meter.reserve(limited, tokens=1, price=CENT, models=("gpt",))
    meter.settle(held, Usage(1, 0))
    await meter.settled(held)
    calls = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert calls == 3  # an admission, a reservation and a settlement
    await meter.close()


async def test_a_share_of_each_limit_is_counted_here_meanwhile(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail())
    await meter.look()
    meter.allow(LocalLimits(replicas=2))
    valkey.kill()
    await until(meter, counts=False)
    await meter.look()
    assert not meter.refuses
    with pytest.raises(QuotaExceeded):
        await meter.reserve(CALLER, tokens=31, price=CENT)  # twice 31 of the 60 that are left
    await meter.reserve(CALLER, tokens=30, price=CENT)
    with pytest.raises(RateLimited):
        await meter.reserve(CALLER, tokens=1, price=FREE)
    await meter.close()


async def test_a_person_of_a_new_limit_has_the_months_spending(valkey: ValkeyServer) -> None:
    meter = gateway(valkey, Trail())
    await meter.look()
    own = Team("support", per_person=Allowance(budget=Budget(50)))
    meter.configure(Snapshot(0.0, {}, teams=[own]))
    jan = dataclasses.replace(principal("u_jan", "support"), person="support-k_app")
    with pytest.raises(QuotaExceeded):
        await meter.reserve(jan, tokens=11, price=CENT)
    await meter.close()


async def test_tls_and_a_login_with_few_rights(tmp_path: Path) -> None:
    shown = certificate(tmp_path)
    rights = "user sluis on >p@ss ~{sluis-* resetchannels -@all +@scripting +@hash +@sortedset"
    rights += " +@string +@keyspace +@connection +time +info -@dangerous +info"
    (tmp_path / "acl").write_text(f"user default off\n{rights}\n", encoding="utf-8")
    folder = tmp_path / "valkey"
    folder.mkdir()
    tls = ["--tls-cert-file", str(shown.path), "--tls-key-file", str(shown.key)]
    tls += ["--tls-ca-cert-file", str(shown.path), "--tls-auth-clients", "no"]
    server = ValkeyServer(folder, *tls, "--aclfile", str(tmp_path / "acl"), tls=True)
    server.start()
    try:
        url = f"rediss://sluis:p%40ss@127.0.0.1:{server.port}"
        good = Store(StoreSettings(url, ca=str(shown.path), timeout_s=2), pepper=PEPPER)
        meter = SharedMeter(good, spent=Trail(), clock=time.monotonic, wall=time.time)
        meter.configure(SNAPSHOT)
        await meter.look()
        assert meter.problem is None
        await meter.reserve(CALLER, tokens=1, price=CENT)
        assert problem_of(await good.facts()) is None
        await meter.close()
        for settings, says in (
            (StoreSettings(url, timeout_s=2), "certificate"),
            (StoreSettings(url.replace("p%40ss", "no"), str(shown.path), 2), "password"),
        ):
            bad = Store(settings, pepper=PEPPER)
            with pytest.raises(StoreAway, match=says) as refused:
                await bad.call("look")
            assert "p%40ss" not in str(refused.value)
            await bad.close()
    finally:
        server.stop()


async def test_a_server_that_may_forget_is_named(tmp_path: Path) -> None:
    options = ("--save", "''", "--maxmemory-policy", "allkeys-lru")
    with running(tmp_path / "valkey", *options) as server:
        store = Store(StoreSettings(server.url), pepper=PEPPER)
        assert "noeviction" in str(problem_of(await store.facts()))
        await store.close()
    assert "version 5.0.7" in str(problem_of({"version": "5.0.7", "eviction": "noeviction"}))
