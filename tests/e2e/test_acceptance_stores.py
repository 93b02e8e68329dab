"""Acceptance of what an installation leans on: Valkey, a collector, a witness, a key service."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.installation import Installation
from tests.support.otlp_collector import OtlpCollector
from tests.support.ports import free_port
from tests.support.valkey import ValkeyServer, running
from tests.support.vault_transit import TOKEN, VaultTransit

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
CHECKS = ("limits", "collect", "witness", "key_service")
Found = dict[str, dict[str, Any]]
ALONE = dict.fromkeys(("witness", "key_service"), "not_applicable")


@pytest.fixture(scope="module")
def sluis(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    """An installation whose control plane has published its configuration."""
    made = Installation(tmp_path_factory.mktemp("shared"))
    made.apply(config)
    made.start("control")
    yield made
    made.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    with running(tmp_path / "valkey") as server:
        yield server


def findings(sluis: Installation, *options: str, **settings: str) -> Found:
    """What is found of ``CHECKS``; no gateway runs, so the whole is a fault."""
    output = sluis.folder / "acceptance.json"
    with _settings(sluis, settings):
        named = ("--gateway", sluis.url, "--output", str(output))
        done = sluis.sluis("acceptance", *named, *options, check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(output.read_bytes())["facts"]["findings"]
    return {one["check"]: one for one in found if one["check"].startswith(CHECKS)}


@contextmanager
def _settings(sluis: Installation, settings: dict[str, str]) -> Iterator[None]:
    before = dict(sluis.settings)
    sluis.settings |= settings
    try:
        yield
    finally:
        sluis.settings = before


def test_a_store_that_counts_is_in_order_and_keeps_nothing(
    sluis: Installation, valkey: ValkeyServer
) -> None:
    found = findings(sluis, SLUIS_VALKEY_URL=valkey.url)
    outcomes = {name: one["outcome"] for name, one in found.items()}
    assert outcomes == ALONE | {
        "limits_store": "ok",
        "limits_scripts": "ok",
        "limits_latency": "ok",
        "limits_away": "not_applicable",
        "collector": "not_applicable",
    }
    assert found["limits_store"]["about"] == f"redis://127.0.0.1:{valkey.port}"
    assert found["limits_store"]["detail"].startswith("version ")
    assert found["limits_latency"]["detail"].endswith(" ms")
    assert found["limits_away"]["reason"] == "not_caused"
    assert found["limits_away"]["detail"] == "mode: refuse"
    assert valkey.send("DBSIZE") == b":0"


def test_without_settings_none_applies(sluis: Installation) -> None:
    found = findings(sluis)
    reasons = {name: one["reason"] for name, one in found.items()}
    assert reasons == {
        "limits_store": "no_store",
        "collector": "no_collector",
        "witness": "no_witness",
        "key_service": "no_key_service",
    }


def test_a_witness_and_a_key_service_are_in_order(tmp_path: Path, config: str) -> None:
    with VaultTransit() as vault:
        named = {"VAULT_TOKEN": TOKEN, "SLUIS_WITNESSES": f"file:{tmp_path / 'witness.txt'}"}
        sluis = Installation(tmp_path, settings=named)
        sluis.sluis("secrets", "create")
        sluis.apply(config)
        sluis.sluis("secrets", "wrap", "--vault", vault.url, "--key", "sluis")
        try:
            sluis.start("control")
            period = ("--from", "2020-01-01", "--to", "2100-01-01")  # an export is witnessed
            sluis.sluis("audit", "export", *period, "--output", str(tmp_path / "trail.zip"))
            found = findings(sluis)
        finally:
            sluis.stop()
    assert {name: found[name]["outcome"] for name in ALONE} == dict.fromkeys(ALONE, "ok")
    assert found["witness"]["about"] == "file:witness.txt"
    assert found["witness"]["detail"].startswith("it has seen ")
    assert vault.url.removeprefix("http://") in found["key_service"]["detail"]


def test_a_store_that_is_away_is_a_fault_without_its_password(sluis: Installation) -> None:
    port = free_port()
    found = findings(sluis, SLUIS_VALKEY_URL=f"redis://sluis:hunter2@127.0.0.1:{port}/0")
    assert {one["check"] for one in found.values() if one["outcome"] == "fault"} == {"limits_store"}
    assert found["limits_store"]["detail"] == "no connection"
    assert "limits_scripts" not in found
    texts = [path.read_text("utf-8") for path in sluis.folder.glob("acceptance.*")]
    assert texts
    assert not [text for text in texts if "hunter2" in text]


def test_a_store_that_forgets_is_a_fault(sluis: Installation, valkey: ValkeyServer) -> None:
    assert valkey.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru") == b"+OK"
    found = findings(sluis, SLUIS_VALKEY_URL=valkey.url)
    assert found["limits_store"]["outcome"] == "fault"
    assert "noeviction" in found["limits_store"]["detail"]


def test_a_user_who_may_not_run_the_script_is_a_fault(
    sluis: Installation, valkey: ValkeyServer
) -> None:
    rights = ("~{sluis-*", "+@all", "-@scripting")
    assert valkey.send("ACL", "SETUSER", "sluis", "on", ">p", *rights) == b"+OK"
    found = findings(
        sluis, "--language", "nl", SLUIS_VALKEY_URL=f"redis://sluis:p@127.0.0.1:{valkey.port}/0"
    )
    assert found["limits_store"]["outcome"] == "ok"
    assert found["limits_scripts"]["outcome"] == "fault"
    assert "lacks a permission" in found["limits_scripts"]["detail"]
    text = (sluis.folder / "acceptance.txt").read_text("utf-8")
    assert "Controleer de rechten van de gebruiker in Valkey" in text


def test_a_collector_that_takes_an_empty_export_is_in_order(sluis: Installation) -> None:
    with OtlpCollector() as collector:
        found = findings(sluis, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        assert found["collector"]["outcome"] == "ok", found
        assert found["collector"]["about"] == collector.url
        assert collector.raw == [b"", b""]


def test_a_collector_that_is_away_is_a_fault(sluis: Installation) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    found = findings(sluis, OTEL_EXPORTER_OTLP_ENDPOINT=gone)
    assert found["collector"]["outcome"] == "fault"
    assert found["collector"]["detail"] == "traces, metrics: no connection (ConnectionRefusedError)"


def test_what_answers_and_is_no_collector_is_a_fault(sluis: Installation) -> None:
    found = findings(sluis, OTEL_EXPORTER_OTLP_ENDPOINT=f"{sluis.control}/elsewhere")
    assert found["collector"]["outcome"] == "fault"
    assert found["collector"]["detail"].endswith("it answers, and takes no export")
