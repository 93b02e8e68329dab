"""Full disks and missing databases: nothing is sent, nothing is lost, one clear line."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
UNREACHABLE = "postgresql://sluis:geheim-wachtwoord@127.0.0.1:1/sluis"
EVER = ("--from", "0001-01-01", "--to", "9999-12-31")


@pytest.fixture(scope="module")
def upstream() -> Iterator[OpenAIApi]:
    """An upstream of this file alone, so that its requests can be counted."""
    with OpenAIApi() as api:
        yield api


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("full")


@pytest.fixture(scope="module")
def gateway_log(folder: Path) -> Iterator[int]:
    """A pipe instead of the file of the gateway's log, which could not grow on a full disk."""
    path = folder / "gateway.log"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield reader
    os.close(reader)


@pytest.fixture(scope="module")
def own(folder: Path, gateway_log: int, upstream: OpenAIApi) -> Iterator[Installation]:
    started = Installation(folder)
    started.apply(
        config_for(eu=upstream.url, global_provider=upstream.url, internal_provider=upstream.url)
    )
    started.start("control", "gateway")
    yield started
    started.stop()


@contextmanager
def full_disk(sluis: Installation, part: str) -> Iterator[None]:
    """No file of a process can grow beyond some bytes, as on a disk without room."""
    process = sluis.process(part).pid
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


def test_a_gateway_whose_disk_is_full_sends_nothing_and_recovers(
    own: Installation, upstream: OpenAIApi, gateway_log: int, tmp_path: Path
) -> None:
    answered = [own.ask("Hello")]
    sent = len(upstream.bodies)
    with full_disk(own, "gateway"):
        for _ in range(3):
            answer = own.ask("Hello")
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "service_unavailable"
            assert int(answer.headers["retry-after"]) >= 1
    assert len(upstream.bodies) == sent
    said = [json.loads(line) for line in os.read(gateway_log, 2**16).splitlines()]
    failed = [line for line in said if line["event"] == "trail:batch:failed"]
    assert "File too large" in failed[0]["reason"], failed
    assert all("disk has room" in line["message"] for line in failed)
    own.until(lambda: own.ask("Hello").status_code == 200, "it recovers", limit=10)
    answered.append(own.ask("Hello"))
    package = tmp_path / "e.zip"
    own.sluis("audit", "export", *EVER, "--output", str(package))
    assert own.sluis("audit", "verify", str(package)).returncode == 0
    recorded = {one["request"] for one in own.entries()}
    assert {one.headers["x-sluis-audit-id"] for one in answered} <= recorded


def test_an_export_to_a_full_disk_leaves_no_file_and_says_so(
    own: Installation, tmp_path: Path
) -> None:
    package = tmp_path / "e.zip"
    command = [sys.executable, "-m", "gateway", "audit", "export", *EVER]
    env = {
        **own.environment(),
        "SLUIS_TOKEN": OFFICER_KEY,
        "SLUIS_URL": own.control,
    }
    env.pop("SLUIS_DATA_DIR")
    done = subprocess.run(
        [*command, "--output", str(package)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_control_plane_whose_disk_is_full_says_so(own: Installation) -> None:
    body = {"name": "nobody", "team": "support"}
    with full_disk(own, "control"):
        refused = own.admin("POST", "/keys", ADMIN_KEY, json=body)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "service_unavailable"
    assert "disk has room" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) >= 1
    assert own.admin("POST", "/keys", ADMIN_KEY, json=body).status_code == 201


def test_an_export_is_refused_when_the_control_planes_disk_is_full(
    own: Installation,
) -> None:
    period = {"since": 0, "until": 2**42}
    with full_disk(own, "control"):
        refused = own.admin("POST", "/audit/exports", OFFICER_KEY, json=period)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "service_unavailable"
    assert own.admin("POST", "/audit/exports", OFFICER_KEY, json=period).status_code == 200


@pytest.mark.parametrize(
    "command",
    [
        ["keys", "list"],
        ["migrate"],
        ["control"],
        ["gateway"],
        ["audit", "export", *EVER, "--output", "e.zip"],
    ],
    ids=" ".join,
)
def test_without_a_database_each_command_says_what_to_do(
    command: list[str], tmp_path: Path
) -> None:
    sluis = Installation(tmp_path, database_url=UNREACHABLE)
    sluis.sluis("secrets", "create")
    done = sluis.sluis(*command, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-2].startswith("Error: ")
    assert "geheim" not in done.stdout + done.stderr


def test_the_doctor_names_a_missing_database(tmp_path: Path) -> None:
    sluis = Installation(tmp_path, database_url=UNREACHABLE)
    sluis.sluis("secrets", "create")
    done = sluis.sluis("doctor", check=False)
    assert done.returncode == 1
    fault = r"database +(ok=)?no +(todo=)?The database cannot be used"
    assert re.search(fault, done.stdout), done.stdout
    assert "Traceback" not in done.stderr


def test_a_directory_that_cannot_be_written_is_named(own: Installation, tmp_path: Path) -> None:
    done = own.sluis(
        "audit", "export", *EVER, "--output", str(tmp_path / "none" / "e.zip"), check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {tmp_path / 'none' / 'e.zip.part'}: No such file")
