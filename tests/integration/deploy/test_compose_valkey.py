"""Valkey of the reference stack: its own command and health check, with a real server."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.ports import free_port

pytestmark = pytest.mark.integration
_ROOT = Path(__file__).resolve().parents[3]
SERVICE: dict[str, Any] = yaml.safe_load((_ROOT / "compose.yaml").read_text("utf-8"))["services"][
    "valkey"
]
PASSWORD = "0123456789abcdef"
_TRIES = 100


class Stack:
    """The service without a container: its secret in a folder, its server on a free port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        (folder / "valkey-password").write_text(PASSWORD, encoding="utf-8")

    def command(self, words: list[str]) -> list[str]:
        """As compose runs it."""
        place = {"$$": "$", "/run/secrets": str(self._folder)}
        place |= {"valkey-server -": f"valkey-server - --port {self.port}"}
        place |= {"valkey-cli": f"valkey-cli -p {self.port}"}
        made = list(words)
        for before, after in place.items():
            made = [word.replace(before, after) for word in made]
        return made

    def healthy(self) -> bool:
        check = ["sh", "-c", SERVICE["healthcheck"]["test"]]
        done = subprocess.run(self.command(check), capture_output=True, check=False, timeout=10)
        return done.returncode == 0

    def asked(self, *words: str) -> str:
        done = subprocess.run(
            [str(shutil.which("valkey-cli")), "-p", str(self.port), *words],
            capture_output=True, text=True, check=False, timeout=10,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    if not (shutil.which("valkey-server") and shutil.which("valkey-cli")):
        pytest.skip("needs valkey-server: bash scripts/system-packages.sh")
    return Stack(tmp_path)


@pytest.fixture
def server(stack: Stack, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        stack.command(SERVICE["entrypoint"]), cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    assert any(stack.healthy() for _ in range(_TRIES))
    yield process
    process.kill()
    process.wait()


def test_it_is_unhealthy_until_it_answers(stack: Stack) -> None:
    assert not stack.healthy()


@pytest.mark.usefixtures("server")
def test_it_asks_for_the_password_and_never_forgets(stack: Stack, tmp_path: Path) -> None:
    assert stack.asked("PING").startswith("NOAUTH")
    login = ("--no-auth-warning", "-a", PASSWORD)
    assert "noeviction" in stack.asked(*login, "CONFIG", "GET", "maxmemory-policy")
    assert stack.asked(*login, "SET", "a", "1") == "OK"
    assert {path.name for path in tmp_path.iterdir()} == {"valkey-password"}


def test_its_process_is_the_server_and_stops_at_once(
    server: "subprocess.Popen[bytes]",
) -> None:
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert b"valkey-server" in command.split(b"\0")[0]
    assert PASSWORD.encode() not in command
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=5) == 0
