"""What the doctor finds on this machine: disk, certificates, names of providers."""

import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from gateway.core.level import Zone
from gateway.core.snapshot import Issuer, Provider, Snapshot
from gateway.processes import doctor_checks
from gateway.processes.settings import read
from tests.support.certificates import certificate

pytestmark = pytest.mark.unit


class Findings:
    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.checked = 0

    def __call__(self, what: str, *, ok: bool, todo: str = "") -> None:
        self.checked += 1
        if not ok:
            self.faults[what] = todo


def snapshot(**fields: Any) -> Snapshot:
    return Snapshot(created=0.0, bundle={}, **fields)


def at(url: str, zone: Zone, **stated: Any) -> Provider:
    return Provider("one", "vllm", url, zone, **stated)


@pytest.mark.parametrize(("free", "faults"), [(5 << 30, 0), (300 << 20, 1)])
def test_a_disk_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, faults: int
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as that of the library
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 0, free))
    found = Findings()
    doctor_checks.check_disk(read({"SLUIS_DATA_DIR": str(tmp_path)}), found)
    assert (found.checked, len(found.faults)) == (1, faults)
    assert not faults or "300 MiB" in str(found.faults)


def test_certificates_that_end_soon_are_named(tmp_path: Path) -> None:
    own = certificate(tmp_path)  # valid for a day
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate", encoding="utf-8")
    found, settings = Findings(), read({"SLUIS_DATA_DIR": str(tmp_path)})
    provider = at("https://x.nl", Zone.EU, ca=str(own.path))
    issuer = Issuer("staff", "https://id.nl", "sluis", ca=str(broken))
    doctor_checks.check_certificates(
        settings, snapshot(providers=[provider], issuers=[issuer]), found
    )
    (todo,) = found.faults.values()
    assert str(own.path) in todo
    assert f"{broken} (it holds no certificate)" in todo


def test_a_file_of_an_authority_may_be_missing_where_gateways_run_elsewhere_only() -> None:
    known = snapshot(providers=[at("https://x.nl", Zone.EU, ca="/on/another/machine.pem")])
    found = Findings()
    apart = read({"SLUIS_DATABASE_URL": "postgresql://db.nl/sluis"})
    doctor_checks.check_certificates(apart, known, found)
    assert not found.faults
    doctor_checks.check_certificates(read({}), known, found)
    (todo,) = found.faults.values()
    assert "/on/another/machine.pem (it is missing)" in todo


async def test_addresses_that_a_provider_may_not_have_are_named() -> None:
    found = Findings()
    good = at("http://127.0.0.1:1/v1", Zone.EU)
    await doctor_checks.check_providers(snapshot(providers=[good]), found)
    assert not found.faults
    inside = at("https://10.1.2.3/v1", Zone.INTERNAL)
    unknown = at("https://nowhere.invalid/v1", Zone.EU)
    by_proxy = at("https://nowhere.invalid/v1", Zone.EU, proxy="http://127.0.0.1:3128")
    listed = snapshot(providers=[inside, unknown, by_proxy])
    await doctor_checks.check_providers(listed, found)
    (todo,) = found.faults.values()
    assert "internal_networks" in todo
    assert todo.count("cannot be resolved") == 1  # a proxy resolves the name itself
