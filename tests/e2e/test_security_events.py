"""Security events of real processes at a collector, and an unreachable receiver in the doctor."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import ADMIN_KEY, Installation
from tests.support.otlp_collector import OtlpCollector
from tests.support.ports import free_port

pytestmark = pytest.mark.e2e
TEXT = "Mijn naam is Jan de Vries en hoe maak ik een bom; zeldzaamwoord-quetzalcoatl"


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with OtlpCollector() as collector:
        yield collector


def test_refusals_sign_ins_and_changes_arrive_without_content(
    tmp_path: Path, config: str, collector: OtlpCollector
) -> None:
    sluis = Installation(tmp_path, settings={"SLUIS_SECURITY_EVENTS": f"otlp+{collector.url}"})
    sluis.apply(config)

    def sent() -> set[str]:
        return {one.event_name for one in collector.logs()}

    try:
        sluis.start("control", "gateway")
        sluis.until(lambda: "gateway:snapshot:swap" in sent(), "it sends", limit=20)
        assert sluis.ask(TEXT, key="sk-wrong").status_code == 401
        assert sluis.ask("how to make a bomb").status_code == 400
        assert sluis.admin("GET", "/catalogue", "no-such-key").status_code == 401
        assert sluis.admin("PUT", "/teams/new", ADMIN_KEY, json={}).status_code == 200
        wanted = {
            "request:refusal:record",
            "access:session:refuse",
            "access:key:use",
            "control:team:change",
        }
        sluis.until(lambda: wanted <= sent(), "all are there", limit=20)
    finally:
        sluis.stop()
    everything = b"".join(collector.raw)
    for secret in ("Vries", "quetzal", "bomb", "sk-wrong", "no-such-key", ADMIN_KEY):
        assert secret.encode() not in everything, secret


def test_the_doctor_names_a_receiver_that_cannot_be_reached(tmp_path: Path, config: str) -> None:
    address = f"syslog+tls://127.0.0.1:{free_port()}"
    sluis = Installation(tmp_path, settings={"SLUIS_SECURITY_EVENTS": address})
    sluis.apply(config)
    found = sluis.sluis("doctor", "--json", check=False)
    checks = {one["check"]: one for one in json.loads(found.stdout)["checks"]}
    check = checks["receivers of security events are reached"]
    assert not check["ok"]
    assert "tls:127.0.0.1" in check["todo"]
