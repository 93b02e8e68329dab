"""A real installation in a folder of its own: real processes, real files, free ports."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx

from gateway.evidence.ledger_import import connect, import_ledgers
from tests.support import fork_server
from tests.support.detector import CACHE
from tests.support.ports import free_port

APP_KEY = "sk-test-app-000000000000000000"
PUBLIC_KEY = "sk-test-public-0000000000000000"
LOW_KEY = "sk-test-low-0000000000000000000"
STRICT_KEY = "sk-test-strict-0000000000000000"
POOR_KEY = "sk-test-poor-000000000000000000"
SLOW_KEY = "sk-test-slow-000000000000000000"
ADMIN_KEY = "sk-test-admin-00000000000000000"
OFFICER_KEY = "sk-test-officer-000000000000000"
SECRETS = {
    "TEST_APP_KEY": APP_KEY,
    "TEST_PUBLIC_KEY": PUBLIC_KEY,
    "TEST_LOW_KEY": LOW_KEY,
    "TEST_STRICT_KEY": STRICT_KEY,
    "TEST_POOR_KEY": POOR_KEY,
    "TEST_SLOW_KEY": SLOW_KEY,
    "TEST_ADMIN_KEY": ADMIN_KEY,
    "TEST_OFFICER_KEY": OFFICER_KEY,
    "TEST_UPSTREAM_KEY": "sk-upstream-canary-0000000000",
}
# The trail of a campaign is long.
_COMMAND_S = 1200 if os.environ.get("SLUIS_CAMPAIGN") == "1" else 120
Process = subprocess.Popen[bytes] | fork_server.ForkedProcess
_OWNERLESS = re.compile(r"(name: (\w+), kind: admin,)(?! owner)")
CONFIG = """\
version: 1
providers:
  - {{name: eu, kind: openai, base_url: "{eu}", api_key: "env:TEST_UPSTREAM_KEY", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
  - {{name: far, kind: openai, base_url: "{global_provider}", zone: global,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
  - {{name: house, kind: openai, base_url: "{internal_provider}", zone: internal}}
  - {{name: dead, kind: openai, base_url: "http://127.0.0.1:1/v1", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments:
  - {{name: gpt-eu, provider: eu, model: gpt,
     price: {{input_per_million: 1000, output_per_million: 1000}}}}
  - {{name: gpt-flaky, provider: eu, model: gpt}}
  - {{name: gpt-far, provider: far, model: gpt}}
  - {{name: house-chat, provider: house, model: own}}
  - {{name: gpt-dead, provider: dead, model: gpt}}
  - {{name: embed-eu, provider: eu, model: text-embedding,
     price: {{input_per_million: 1000}}}}
  - {{name: house-embed, provider: house, model: own-embedding}}
  - {{name: house-blind, provider: house, model: own,
     capabilities: {{context: 1000, images: false, tools: false}}}}
  - {{name: gpt-named, provider: eu, model: gpt}}
  - {{name: gpt-spare, provider: eu, model: gpt}}
  - {{name: gpt-hurried, provider: eu, model: gpt,
     timeouts: {{first_token: 0.4, idle: 0.4, total: 3}}}}
aliases:
  - {{name: assistant, candidates: [gpt-far, gpt-eu, house-chat]}}
  - {{name: outside, candidates: [gpt-eu]}}
  - {{name: flaky, candidates: [gpt-flaky]}}
  - {{name: resilient, candidates: [gpt-dead, gpt-eu]}}
  - {{name: hopeless, candidates: [gpt-dead]}}
  - {{name: pair, candidates: [gpt-eu, gpt-flaky]}}
  - {{name: inside, candidates: [house-chat]}}
  - {{name: blind, candidates: [house-blind]}}
  - {{name: seeing, candidates: [house-blind, house-chat]}}
  - {{name: spared, candidates: [gpt-named, gpt-spare]}}
  - {{name: hurried, candidates: [gpt-hurried, gpt-flaky]}}
  - {{name: embed, candidates: [embed-eu, house-embed]}}
use_cases:
  - {{name: service, owner: "support", legal_basis: contract, risk: limited}}
  - {{name: inside-only, owner: "hr", legal_basis: contract, risk: high, zones: [internal],
     dpia: "https://intranet.example.nl/dpia/7", review: 2099-12-31}}
  - {{name: open, owner: "press", legal_basis: public-task, risk: minimal, floor: public}}
teams:
  - {{name: support}}
  - {{name: press, floor: public}}
  - {{name: poor, budget: {{amount: 0.01}}}}
  - {{name: slow, limits: {{requests_per_minute: 2}}}}
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted,
     purposes: [service, inside-only]}}
  - {{name: public, team: press, secret: "env:TEST_PUBLIC_KEY", purposes: [open], floor: public}}
  - {{name: low, team: support, secret: "env:TEST_LOW_KEY", clearance: internal, models: [outside]}}
  - {{name: strict, team: support, secret: "env:TEST_STRICT_KEY", clearance: restricted,
     strict: true}}
  - {{name: poor, team: poor, secret: "env:TEST_POOR_KEY"}}
  - {{name: slow, team: slow, secret: "env:TEST_SLOW_KEY"}}
  - {{name: admin, kind: admin, roles: [platform_admin, policy_author, model_owner],
     secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [compliance_officer, policy_approver],
     secret: "env:TEST_OFFICER_KEY"}}
"""


def config_for(*, eu: str, global_provider: str, internal_provider: str) -> str:
    """A sluis.yaml with every zone and every kind of key."""
    return CONFIG.format(
        eu=eu, global_provider=global_provider, internal_provider=internal_provider
    )


@dataclass
class Installation:
    """``sluis`` processes over one data directory (or PostgreSQL)."""

    folder: Path
    database_url: str | None = None
    data_port: int = field(default_factory=free_port)
    control_port: int = field(default_factory=free_port)
    worker_port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    forks: bool = os.environ.get("SLUIS_CAMPAIGN") != "1"
    _running: dict[str, Process] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.data_port}"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def worker(self) -> str:
        return f"http://127.0.0.1:{self.worker_port}"

    @property
    def models_dir(self) -> Path:
        """From where models are registered over the API."""
        return self.data_dir / "uploads"

    def environment(self) -> dict[str, str]:
        env = {
            **os.environ,
            **SECRETS,
            "SLUIS_DATA_DIR": str(self.data_dir),
            "SLUIS_CACHE_DIR": str(CACHE),
            "SLUIS_DATA_PORT": str(self.data_port),
            "SLUIS_CONTROL_PORT": str(self.control_port),
            "SLUIS_WORKER_PORT": str(self.worker_port),
            **self.settings,
        }
        if self.database_url:
            env["SLUIS_DATABASE_URL"] = self.database_url
        return env

    def command(self, *arguments: str) -> list[str]:
        """The command line of ``sluis`` with arguments."""
        return [sys.executable, "-m", "gateway", *arguments]

    def sluis(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        env = self.environment()
        if self.forks:
            done = fork_server.run(arguments, env, timeout=_COMMAND_S)
        else:
            done = subprocess.run(
                self.command(*arguments),
                env=env,
                capture_output=True,
                text=True,
                check=False,
                timeout=_COMMAND_S,
            )
        if check:
            done.check_returncode()
        return done

    def apply(self, config: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "sluis.yaml"
        # Outside embedded mode every key of an administrator has an owner.
        config = _OWNERLESS.sub(r"\1 owner: \2,", config) if self.database_url else config
        path.write_text(config, encoding="utf-8")
        self.sluis("apply", "-f", str(path))

    def start(self, *parts: str) -> None:
        """Starts ``gateway``, ``control`` and ``worker`` at once; waits until they answer."""
        for part in parts:
            self.begin(part)
        addresses = {
            "gateway": (self.data_port, "/readyz"),
            "control": (self.control_port, "/readyz"),
            "worker": (self.worker_port, "/health/ready"),
        }
        for part in parts:
            ready = partial(_is_ready, *addresses[part])
            self.until(ready, f"{part} is ready", self._running[part])

    def begin(self, part: str) -> None:
        """Starts a part, and does not wait."""
        with (self.folder / f"{part}.log").open("ab") as log:
            env = self.environment()
            if self.forks and part != "worker":  # it brings torch, which nobody else loads
                self._running[part] = fork_server.start([part], env, log)
            else:
                command = self.command(part)
                self._running[part] = subprocess.Popen(command, env=env, stdout=log, stderr=log)

    def process(self, part: str) -> Process:
        """A part that runs."""
        return self._running[part]

    def kill(self, part: str) -> None:
        """SIGKILL: no goodbye."""
        process = self._running.pop(part)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(timeout=30)
        self._running.clear()

    def until(self, condition: Any, what: str, process: Any = None, limit: float = 60) -> None:
        """Waits for a condition; fails when it does not come or the process ends."""
        ends = time.monotonic() + limit
        while not condition():
            if process is not None and process.poll() is not None:
                log = "".join(f.read_text() for f in self.folder.glob("*.log"))
                raise AssertionError(f"{what}: the process ended\n{log[-3000:]}")
            assert time.monotonic() < ends, f"{what}: not after {limit} s"
            threading.Event().wait(0.05)

    def ask(self, body: Any, key: str | None = APP_KEY, **headers: str) -> httpx.Response:
        """One chat completion; ``body`` may be a text for the assistant, a dict or raw bytes."""
        if isinstance(body, str):
            body = {"model": "assistant", "messages": [{"role": "user", "content": body}]}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/json"}
        if key:
            sent["authorization"] = f"Bearer {key}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            f"{self.url}/v1/chat/completions", content=content, headers=sent, timeout=60
        )

    def admin(self, method: str, path: str, key: str = ADMIN_KEY, **options: Any) -> httpx.Response:
        """One request to the control plane."""
        return httpx.request(
            method,
            f"{self.control}/admin/v1{path}",
            timeout=60,
            headers={"authorization": f"Bearer {key}"},
            **options,
        )

    def entries(self, request: str | None = None) -> list[dict[str, Any]]:
        """Entries of the data plane with their disclosed fields, from the SQLite file."""
        tables = self.data_dir / "audit-gateway.db"
        import_ledgers(tables)
        with closing(connect(tables)) as db:
            rows = db.execute(
                "SELECT e.request, e.event, e.log, e.seq, d.disclosure FROM audit_entry e "
                "JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq ORDER BY e.rowid"
            ).fetchall()
        return [
            {"request": r, "event": event, "log": log, "seq": seq, **json.loads(disclosure)[1]}
            for r, event, log, seq, disclosure in rows
            if request in (None, r)
        ]


def _is_ready(port: int, path: str) -> bool:
    try:  # asked again and again, so without the cost of a client
        with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
