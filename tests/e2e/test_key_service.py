"""Real processes whose key-encryption key is wrapped by a key service (a stand-in on loopback)."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from gateway.core.system import secrets
from tests.support.aws_kms import ARN, KEY_ID, SECRET, SESSION, AwsKms
from tests.support.installation import OFFICER_KEY, Installation
from tests.support.ports import free_port
from tests.support.vault_transit import TOKEN, VaultTransit

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
TEXT = "What is a lock?"
LOGIN = {
    "VAULT_TOKEN": TOKEN,
    "AWS_ACCESS_KEY_ID": KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": SESSION,
    "SLUIS_DETECTORS": "0",
}


@dataclass
class Wrapped(Installation):
    """An installation whose processes have a login for the key services."""

    extra: dict[str, str] = field(default_factory=lambda: dict(LOGIN))

    def environment(self) -> dict[str, str]:
        return super().environment() | self.extra

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets"

    def log(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.glob("*.log"))

    def restart(self) -> None:
        self.stop()
        self.start("control", "gateway")

    def asked(self) -> str:
        """The id of a request that was answered."""
        answer = self.ask(TEXT)
        assert answer.status_code == 200, answer.text
        return answer.headers["x-sluis-audit-id"]

    def revealed(self, audit_id: str) -> str:
        path = f"/audit/{audit_id}/reveal"
        return self.admin(
            "POST", path, OFFICER_KEY, json={"code": "complaint", "reason": "complaint 12"}
        ).text


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Wrapped]:
    installation = Wrapped(tmp_path)
    secrets.create(installation.secrets)
    try:
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def vault() -> Iterator[VaultTransit]:
    with VaultTransit() as service:
        yield service


def test_stored_bodies_stay_readable_across_wraps_rotations_and_services(
    place: Wrapped, vault: VaultTransit, config: str
) -> None:
    kek = (place.secrets / "kek").read_text(encoding="ascii")
    place.apply(config)
    place.restart()
    ids = [place.asked()]
    wrap(place, vault)
    vault.keys["sluis"].rotate()
    place.sluis("secrets", "rewrap")
    vault.keys["sluis"].min_decryption_version = 2
    place.restart()
    ids.append(place.asked())
    with AwsKms() as kms:
        place.sluis("secrets", "rewrap", "--kms", kms.url, "--key", ARN)
        vault.keys.clear()
        place.restart()
        started = len(kms.asked)
        ids.append(place.asked())
        for audit_id in ids:
            assert TEXT in place.revealed(audit_id)
        assert len(kms.asked) == started  # once a start: never for a request
    for path in place.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (kek, TOKEN, SECRET, SESSION):
                assert secret.encode() not in data, path
            assert bytes.fromhex(kek) not in data, path


def test_a_start_waits_for_a_service_that_starts_later(place: Wrapped, vault: VaultTransit) -> None:
    wrap(place, vault)
    port, wrapped = free_port(), place.secrets / "kek.wrapped"
    document = json.loads(wrapped.read_text(encoding="utf-8"))
    document["address"] = f"http://127.0.0.1:{port}"
    wrapped.write_text(json.dumps(document), encoding="utf-8")
    with started(place, "gateway") as gateway:
        place.until(lambda: "secrets:kek:wait" in place.log(), "it says that it waits", gateway)
        with VaultTransit(port=port) as late:
            late.keys = vault.keys
            place.until(lambda: ready(f"{place.url}/healthz"), "it lives", gateway)
    assert TOKEN not in place.log()


def test_a_worker_needs_neither_the_key_nor_the_service(
    place: Wrapped, vault: VaultTransit
) -> None:
    pytest.importorskip("transformers")
    wrap(place, vault)
    asked, port = len(vault.asked), free_port()
    place.extra = {"SLUIS_WORKER_PORT": str(port)}
    with started(place, "worker") as worker:
        place.until(lambda: ready(f"http://127.0.0.1:{port}/health/live"), "it lives", worker)
    assert len(vault.asked) == asked


Change = Callable[[Wrapped, VaultTransit], object]


def altered(place: Wrapped, _: VaultTransit) -> None:
    path = place.secrets / "kek.wrapped"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("vault:v1:", "vault:v1:AAAA"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p, _: p.extra.update(VAULT_TOKEN="hvs.CANARYOTHER"), "refused the token (403)"),
        (lambda p, _: p.extra.update(VAULT_TOKEN=""), "set VAULT_TOKEN, or VAULT_TOKEN_FILE"),
        (lambda _, v: v.keys.clear(), "is not there (400)"),
        (altered, "that was altered"),
        (lambda p, _: (p.secrets / "kek").write_text("0f" * 32), "Remove kek"),
    ],
)
def test_a_gateway_refuses_to_start_with_one_line(
    place: Wrapped, vault: VaultTransit, change: Change, says: str
) -> None:
    wrap(place, vault)
    change(place, vault)
    refused(place, ["gateway"], says)


def test_every_other_process_that_needs_the_key_refuses_to_start(
    place: Wrapped, vault: VaultTransit
) -> None:
    wrap(place, vault)
    vault.token = "hvs.other"
    for command in (["control"], ["migrate"], ["keys", "list"]):
        refused(place, command, "refused the token (403)")
    (place.secrets / "kek.wrapped").unlink()  # and no new key is made in its place
    refused(place, ["migrate"], "kek is missing. Restore")


def test_only_a_wrapped_key_loads_an_http_client(place: Wrapped, vault: VaultTransit) -> None:
    code = (
        "import asyncio, sys, gateway.processes.cli, gateway.processes.data_plane as d;"
        "from gateway.processes.settings import read;"
        "asyncio.run(d.gateway_secrets_of(read()));"
        "print([n for n in ('httpx', 'gateway.key_services') if n in sys.modules])"
    )

    def loaded() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=place.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert loaded() == "[]"
    wrap(place, vault)
    assert loaded() == "['httpx', 'gateway.key_services']"


def wrap(place: Wrapped, vault: VaultTransit) -> None:
    place.sluis("secrets", "wrap", "--vault", vault.url, "--key", "sluis")


def refused(place: Wrapped, command: list[str], says: str) -> None:
    done = place.sluis(*command, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert "CANARY" not in done.stderr


@contextmanager
def started(place: Wrapped, part: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (place.folder / f"{part}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", part],
            env=place.environment(),
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
