"""The product as a user has it: commands, processes and HTTP, and nothing of its modules."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "tests" / "data" / "compatibility"
PATTERNS = Path(tempfile.gettempdir()) / "sluis-test-patterns"
READY_S = 200
PARTS = {
    "up": ("up", "--no-worker", "--no-console"),
    "gateway": ("gateway",),
    "control": ("control",),
}


def frozen(name: str) -> Any:
    """A stored JSON document."""
    return json.loads((FROZEN / name).read_text(encoding="utf-8"))


@dataclass
class Product:
    """Commands and processes over one data directory, on free loopback ports."""

    data: Path
    secrets: dict[str, str] = field(default_factory=dict)
    data_port: int = field(default_factory=free_port)
    control_port: int = field(default_factory=free_port)
    demo_port: int = field(default_factory=free_port)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=60, trust_env=False, verify=False)  # noqa: S501
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.data_port}"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def log(self) -> Path:
        return self.data.with_name(f"{self.data.name}.log")

    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("SLUIS_")}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "SLUIS_DATA_DIR": str(self.data),
            "SLUIS_CACHE_DIR": str(PATTERNS),
            "SLUIS_DATA_PORT": str(self.data_port),
            "SLUIS_CONTROL_PORT": str(self.control_port),
            "SLUIS_DEMO_PORT": str(self.demo_port),
            "SLUIS_DETECTORS": "1",
            **self.secrets,
        }

    def sluis(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments], cwd=ROOT, env=self.environment(),
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *parts: str) -> None:
        """Starts ``up``, ``gateway`` or ``control`` and waits until each is ready."""
        for part in parts:
            with self.log.open("ab") as log:
                self._running[part] = subprocess.Popen(
                    [sys.executable, "-m", "gateway", *PARTS[part]], cwd=ROOT,
                    env=self.environment(), stdout=log, stderr=log,
                )  # fmt: skip
        for part in parts:
            self._wait(f"{self.control if part == 'control' else self.url}/readyz", part)

    def stop(self) -> None:
        """Asks all parts to stop, and waits for their end."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._client.close()

    def ask(self, text: str, key: str, **headers: str) -> httpx.Response:
        """One chat completion of the alias ``assistant``."""
        body = {"model": "assistant", "messages": [{"role": "user", "content": text}]}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.v1("POST", "/chat/completions", key, body, **sent)

    def v1(
        self, method: str, path: str, key: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request to the data plane."""
        sent = {"authorization": f"Bearer {key}", **headers}
        return self._client.request(method, f"{self.url}/v1{path}", json=body, headers=sent)

    def admin(self, method: str, path: str, key: str, body: Any = None) -> httpx.Response:
        """One request to the control plane."""
        sent = {"authorization": f"Bearer {key}"}
        address = f"{self.control}/admin/v1{path}"
        return self._client.request(method, address, json=body, headers=sent)

    @property
    def operator(self) -> str:
        """The credential of commands on the machine itself."""
        return (self.data / "secrets" / "operator-token").read_text(encoding="ascii").strip()

    def _wait(self, address: str, part: str) -> None:
        ends = time.monotonic() + READY_S
        while time.monotonic() < ends:
            log = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
            assert self._running[part].poll() is None, f"{part} ended\n{log}"
            try:
                if self._client.get(address).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{part} is not ready after {READY_S} s\n{log}")
