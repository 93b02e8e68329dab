"""A real installation for the console: control plane, identity provider, console, browser."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.core.system import secrets
from gateway.evidence import CLOSE, INTENT, Entry, Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.processes import settings as process_settings
from gateway.processes.console import OidcClient, command
from gateway.processes.settings import Settings
from tests.support import oidc_provider
from tests.support.cards import CARD
from tests.support.ports import free_port

CHROMIUM = Path("/usr/bin/chromium")
AUDIENCE = "urn:sluis:control"
_TIMEOUT_MS = 60_000  # a machine that runs the whole suite may be slow to draw
REQUEST = "req_5f2c81d09ab34e6f9d10c2b7a4e8f311"
COMPLAINED = "9d10c2b7a4e8f3115f2c81d09ab34e6f"  # a request as a gateway names it
_ANSWERED_MS = [600_000 * (number + 1) for number in range(12)]  # ages of requests in the trail
_REQUEST_MS, _COMPLAINED_MS, _REFUSED_MS = 60_000, 3_600_000, 30_000
_AGES_MS = (*_ANSWERED_MS, _REQUEST_MS, _COMPLAINED_MS, _REFUSED_MS)
_ROOT = Path(__file__).parents[3]
_CONTROL = """
import asyncio, sys
from pathlib import Path
from gateway.processes import settings
from gateway.processes import control_plane
asyncio.run(control_plane.serve(settings.read(data_dir=Path(sys.argv[1]))))
"""
# Of two persons, so that one approves what the other proposes.
_SECRETS = {
    name: f"{name}-0000000000000000"
    for name in ("TEST_ADMIN_KEY", "TEST_AUTHOR_KEY", "TEST_THIRD_KEY")
} | {"TEST_SIGNING_SECRET": "console-secret-for-tests-only"}
_CONFIG = """
version: 1
providers:
  - {{name: example-eu, kind: openai, base_url: "https://llm.example.eu/v1", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments:
  - name: gpt-eu
    provider: example-eu
    model: gpt-5-mini
    price: {{input_per_million: 0.25, output_per_million: 2.0}}
aliases:
  - {{name: assistant, candidates: [gpt-eu]}}
use_cases:
  - {{name: customer-service, owner: "team support", legal_basis: contract, risk: limited}}
teams:
  - {{name: support}}
keys:
  - {{name: admin, kind: admin, owner: ada, secret: "env:TEST_ADMIN_KEY",
     roles: [platform_admin, policy_approver, model_owner]}}
  - {{name: author, kind: admin, owner: otto, secret: "env:TEST_AUTHOR_KEY",
     roles: [policy_author]}}
  - {{name: third, kind: admin, owner: tess, secret: "env:TEST_THIRD_KEY",
     roles: [policy_approver]}}
identity:
  issuers:
    - name: staff
      issuer: "{issuer}"
      audience: "{audience}"
      roles_claim: groups
      roles: {{compliance: compliance_officer, approvers: policy_approver}}
      logout_clients: [console]
"""


@dataclass(frozen=True)
class Installation:
    """Addresses of an installation, and its keys."""

    settings: Settings
    console: str
    issuer: str
    admin_key: str
    author_key: str
    operator: str = ""
    third_key: str = _SECRETS["TEST_THIRD_KEY"]
    filled_ms: int = 0  # when its trail was filled

    def asked_since(self, moment: datetime) -> int:
        """How many of the requests in its trail came at or after a moment."""
        since = int(moment.timestamp() * 1000)
        return sum(self.filled_ms - age >= since for age in _AGES_MS)

    def issued(self, name: str, role: str) -> str:
        """A key of a person of its own, which another one approved."""
        body = {"name": name, "kind": "admin", "roles": [role], "owner": f"{name}@example.nl"}
        with self.client(self.operator) as api:
            made = api.post("/keys", json=body).raise_for_status().json()
        with self.client(self.admin_key) as api:
            path = f"/proposals/{made['proposal']}/approve"
            api.post(path, json={"comment": "agreed"}).raise_for_status()
        return str(made["secret"])

    def as_author(self) -> httpx.Client:
        return self.client(self.author_key)

    def client(self, bearer: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.settings.control_url}/admin/v1",
            trust_env=False,
            timeout=30,
            headers={"authorization": f"Bearer {bearer}"},
        )


@pytest.fixture(scope="session")
def identity_provider_folder(pytestconfig: pytest.Config) -> Path:
    """oidc-provider, installed once from its lock file."""
    return oidc_provider.install(pytestconfig)


@pytest.fixture(scope="session")
def installation(
    identity_provider_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with running(tmp_path_factory.mktemp("sluis"), identity_provider_folder) as ready:
        yield ready


@contextmanager
def running(
    folder: Path, identity_provider: Path, *, idle_s: int | None = None
) -> Iterator[Installation]:
    """Start all processes in order; the end of the block stops them in reverse."""
    issuer_port, control_port, console_port = free_port(), free_port(), free_port()
    settings = process_settings.read(
        {"SLUIS_CONTROL_PORT": str(control_port)}, data_dir=folder / "data"
    )
    settings.data_dir.mkdir(parents=True)
    operator = secrets.create(settings.secrets_dir).operator_token
    # In a thread of its own: Playwright's loop may already run in this one.
    filled_ms = int(time.time() * 1000)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(fill_trail(settings, filled_ms))).result()
    console = f"http://127.0.0.1:{console_port}"
    sign_on = OidcClient(
        issuer=f"http://127.0.0.1:{issuer_port}",
        client_id="console",
        resource=AUDIENCE,
        client_secret=_SECRETS["TEST_SIGNING_SECRET"],
        redirect_uri=f"{console}/oauth2callback",
        cookie_secret="cookie-secret-for-tests-only-0123456789",
        scopes=("openid", "profile", "groups"),
    )
    with ExitStack() as stack:
        stack.enter_context(
            started(
                [
                    "node",
                    str(identity_provider / "provider.mjs"),
                    provider_settings(issuer_port, sign_on, settings.control_url),
                ],
                f"{sign_on.issuer}/.well-known/openid-configuration",
                log=folder / "provider.log",
            )
        )
        stack.enter_context(
            started(
                [sys.executable, "-c", _CONTROL, str(settings.data_dir)],
                f"{settings.control_url}/healthz",
                log=folder / "control.log",
                environment={**os.environ, **_SECRETS, "SLUIS_CONTROL_PORT": str(control_port)},
            )
        )
        argv, environment = command(
            port=console_port,
            host="127.0.0.1",
            url=console,
            control_url=settings.control_url,
            sign_on=sign_on,
            folder=folder / "console",
            idle_s=settings.console_idle_s if idle_s is None else idle_s,
        )
        stack.enter_context(
            started(
                argv,
                f"{console}/_stcore/health",
                log=folder / "console.log",
                environment=environment,
            )
        )
        ready = set_up(settings, console, sign_on.issuer, operator, folder)
        yield replace(ready, filled_ms=filled_ms)


def set_up(
    settings: Settings, console: str, issuer: str, operator: str, folder: Path
) -> Installation:
    """Set up catalogue, keys and a model through the API."""
    anonymous = Installation(settings, console, issuer, "", "")
    with anonymous.client(operator) as api:
        api.post("/apply", json={"text": config_text(issuer)}).raise_for_status()
        bot = api.post("/keys", json={"name": "support-bot", "team": "support"}).json()
        with anonymous.client(_SECRETS["TEST_ADMIN_KEY"]) as admin:  # the first key of its team
            admin.post(f"/proposals/{bot['proposal']}/approve", json={}).raise_for_status()
        base = folder / "model"
        base.mkdir()
        (base / "config.json").write_text("{}", encoding="utf-8")
        (base / "README.md").write_text(f"{CARD}Writes **formal** letters.", encoding="utf-8")
        for version in ("1", "2"):
            (base / "LICENSE").write_text(f"version {version}", encoding="utf-8")
            body = {"name": "letters", "version": version, "base": str(base)}
            api.post("/models", json=body).raise_for_status()
    keys = _SECRETS["TEST_ADMIN_KEY"], _SECRETS["TEST_AUTHOR_KEY"]
    return Installation(settings, console, issuer, *keys, operator)


def config_text(issuer: str) -> str:
    """The configuration file of the installation; it ends with the issuer of persons."""
    return _CONFIG.format(issuer=issuer, audience=AUDIENCE)


def provider_settings(port: int, sign_on: OidcClient, control: str) -> str:
    return json.dumps({
        "port": port,
        "client": {
            "id": sign_on.client_id,
            "secret": sign_on.client_secret,
            "redirect": sign_on.redirect_uri,
            "approvals": sign_on.redirect_uri.removesuffix("oauth2callback"),
            "logout": f"{control}/logout/backchannel/staff",
        },
        "users": {
            "carla": {"name": "Carla de Vries", "groups": ["compliance"]},
            "bert": {"name": "Bert Bakker", "groups": ["approvers"]},
            "brief": {"name": "Brief Visitor", "groups": ["compliance"], "seconds": 12},
        },
    })


@contextmanager
def started(
    argv: list[str], url: str, *, log: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """A child process that answers at a URL; the end of the block stops it."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            argv, cwd=_ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(url, child, log)
            yield
        finally:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_for(url: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 90
    while time.monotonic() < ends and child.poll() is None:
        try:
            if httpx.get(url, trust_env=False, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"{url} did not answer:\n{log.read_text(encoding='utf-8')[-2000:]}")


async def fill_trail(settings: Settings, now: int) -> None:
    """Write the entries of a data plane: one known request, a refusal, and others."""
    kek = secrets.load(settings.secrets_dir).kek
    trail = Trail(LedgerStore(settings.data_dir / "audit-gateway.db"), kek=kek, origin="gateway")
    await trail.start(clock_ms=now - 7_200_000)
    for number, age in enumerate(_ANSWERED_MS):
        await record_answer(trail, f"req_{number:032x}", now - age, number)
    await record_answer(trail, REQUEST, now - _REQUEST_MS, 3)
    await record_answer(trail, COMPLAINED, now - _COMPLAINED_MS, 2)
    await trail.record(
        Entry(
            "request:refusal:record",
            "req_" + "f" * 32,
            now - _REFUSED_MS,
            {
                "principal": "k_support-bot",
                "principal_kind": "app",
                "team": "support",
                "model": "assistant",
                "level": "restricted",
                "reasons": ["secret"],
                "findings": {"SECRET": 1},
                "rules": [],
                "unread": [],
                "latency_ms": 4,
                "outcome": "access_denied",
                "refused_by": ["restricted.stays-inside"],
            },
            subject="k_support-bot",
        )
    )
    await trail.stop(clock_ms=now)


async def record_answer(trail: Trail, request: str, at: int, number: int) -> None:
    fields: dict[str, Any] = {
        "principal": "k_support-bot",
        "principal_kind": "app",
        "team": "support",
        "model": "assistant",
        "purpose": "customer-service",
        "dropped": [],
        "level": "confidential" if number % 2 else "internal",
        "reasons": ["personal_data"] if number % 2 else [],
        "findings": {"PERSON": 1, "IBAN": 1} if number % 2 else {},
        "rules": [],
        "unread": [],
        "deployment": "gpt-eu",
        "zone": "eu",
        "provider": "example-eu",
        "policies": ["clearance.redacted" if number % 2 else "clearance.clear"],
        "attempt": 1,
        "redacted": 2 if number % 2 else 0,
        "body_sha256": f"{number:064x}",
    }
    body = {"messages": [{"role": "user", "content": "Schrijf <b>PERSON_1</b> over IBAN_1"}]}
    await trail.record(
        Entry(INTENT, request, at, dict(fields), subject="k_support-bot"), orjson.dumps(body)
    )
    fields |= {
        "outcome": "ok",
        "latency_ms": 400 + 90 * number,
        "input_tokens": 120 + number,
        "output_tokens": 80,
        "usage_estimated": False,
        "cost_micros": 190 + number,
        "currency": "EUR",
        "unknown_placeholders": 0,
    }
    answer = [{"content": "Geachte PERSON_1, het bedrag staat op IBAN_1."}]
    await trail.record(
        Entry(CLOSE, request, at + 900, fields, subject="k_support-bot"), orjson.dumps(answer)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An English browser in Amsterdam without stored state."""
    with browser.new_context(
        locale="en-GB", timezone_id="Europe/Amsterdam", viewport={"width": 1400, "height": 1000}
    ) as context:
        context.set_default_timeout(_TIMEOUT_MS)
        expect.set_options(timeout=_TIMEOUT_MS)
        yield context.new_page()


@pytest.fixture(scope="module")
def people(installation: Installation) -> dict[str, str]:
    """The keys of persons by what they are."""
    roles = ("compliance_officer", "data_protection_officer", "auditor")
    return {
        "admin": installation.admin_key,
        "author": installation.author_key,
        "approver": installation.third_key,
        **{role: installation.issued(f"{role}-at-a-desk", role) for role in roles},
    }


@pytest.fixture(params=["nl", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)
