"""A real server of shared counters (Valkey, or Redis), in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.ports import free_port

_START_S = 10
_NO_SERVER = "needs valkey-server or redis-server: bash scripts/system-packages.sh"


class ValkeyServer:
    """The server as a process; ``options`` are those of its command line."""

    def __init__(self, folder: Path, *options: str, tls: bool = False) -> None:
        self.port = free_port()
        port = ("--port", "0", "--tls-port") if tls else ("--port",)
        self._command = [
            binary(),
            *port,
            str(self.port),
            "--dir",
            str(folder),
            "--maxmemory-policy",
            "noeviction",
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ends = time.monotonic() + _START_S
        while not self._listens():
            assert self._process.poll() is None, "the server of counters did not start"
            assert time.monotonic() < ends

    def kill(self) -> None:
        """SIGKILL, and gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def pause(self) -> None:
        """It keeps its connections, and answers nobody."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def send(self, *words: str) -> bytes:
        """The first line of the answer to a command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.makefile("rb").readline().strip()

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, which)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def binary() -> str:
    """The server's program; without one the test is skipped."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return found or pytest.skip(_NO_SERVER)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[ValkeyServer]:
    """A server that keeps nothing on disk unless ``options`` say so."""
    folder.mkdir(parents=True, exist_ok=True)
    server = ValkeyServer(folder, *(options or ("--save", "''", "--appendonly", "no")))
    server.start()
    try:
        yield server
    finally:
        server.stop()
