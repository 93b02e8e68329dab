"""canaille, a second real identity provider, as a process: from PyPI, in its own environment."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.ports import free_port

_LOCK = Path(__file__).parent / "canaille" / "requirements.lock"
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REDIRECT = "http://127.0.0.1:1/callback"
_PASSWORD = "Password-of-the-tests-1"
_SECRET = "secret-of-the-tests"
_SCOPES = ("openid", "profile", "email", "groups")


def install(config: pytest.Config) -> Path:
    """Its command, installed once from the lock file into pytest's cache."""
    folder = Path(config.cache.mkdir("canaille"))
    installed, lock = folder / "installed.lock", _LOCK.read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != lock:
        shutil.rmtree(folder / "venv", ignore_errors=True)
        venv.create(folder / "venv", with_pip=True)
        done = subprocess.run(
            [folder / "venv" / "bin" / "pip", "install", "--quiet", "--requirement", _LOCK],
            check=False,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"canaille could not be installed:\n{done.stderr[-2000:]}")
        installed.write_text(lock, encoding="utf-8")
    return folder / "venv" / "bin" / "canaille"


@dataclass(frozen=True)
class Canaille:
    """One that runs, with a user ``carla`` in the group ``officers``."""

    issuer: str

    def tokens(self) -> dict[str, str]:
        """What a sign-in of that user gives, through its pages."""
        with httpx.Client(
            base_url=self.issuer, follow_redirects=True, trust_env=False, timeout=60
        ) as browser:
            asked = {
                "response_type": "code",
                "client_id": "assistant",
                "redirect_uri": _REDIRECT,
                "scope": " ".join(_SCOPES),
                "state": "s",
                "nonce": "n",
            }
            page = browser.get("/oauth/authorize", params=asked)
            page = _posted(browser, page, login="carla", answer="")
            page = _posted(browser, page, password=_PASSWORD)
            browser.follow_redirects = False
            code = httpx.URL(_posted(browser, page, answer="accept").headers["location"])
            answer = browser.post(
                "/oauth/token",
                data={
                    "grant_type": "authorization_code",
                    "code": code.params["code"],
                    "redirect_uri": _REDIRECT,
                },
                auth=("assistant", _SECRET),
            )
        return dict(answer.raise_for_status().json())


@contextmanager
def running(command: Path, folder: Path, key: Any) -> Iterator[Canaille]:
    """Sets one up in a folder; the end of the block stops it."""
    port = free_port()
    values = key.as_dict(private=True).items()
    jwk = ", ".join(f"{name} = {json.dumps(value)}" for name, value in values)
    settings = folder / "canaille.toml"
    settings.write_text(
        f'SECRET_KEY = "only-for-tests-only-for-tests"\nSERVER_NAME = "127.0.0.1:{port}"\n'
        'PREFERRED_URL_SCHEME = "http"\n[CANAILLE]\nJAVASCRIPT = false\n'
        f"[CANAILLE_OIDC]\nACTIVE_JWKS = [{{{jwk}}}]\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "CANAILLE_CONFIG": str(settings)}

    def run(*arguments: str) -> None:
        subprocess.run(
            [command, *arguments],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )

    run("install")
    name = ["--family-name", "de Vries", "--formatted-name", "Carla de Vries"]
    person = ["--user-name", "carla", "--emails", "Carla@example.org", "--password", _PASSWORD]
    run("create", "user", *person, *name)
    run("create", "group", "--display-name", "officers", "--members", "carla")
    client = ["--client-secret", _SECRET, "--redirect-uris", _REDIRECT]
    client += ["--token-endpoint-auth-method", "client_secret_basic"]
    run("create", "client", "--client-id", "sluis", "--client-name", "sluis", *client)
    scopes = [part for scope in _SCOPES for part in ("--scope", scope)]
    grants = ["--grant-types", "authorization_code", "--response-types", "code"]
    known = ["--client-id", "assistant", "--client-name", "assistant", "--audience", "sluis"]
    run("create", "client", *known, *client, *scopes, *grants)
    with (folder / "canaille.log").open("wb") as log:
        child = subprocess.Popen(
            [command, "run", "--bind", f"127.0.0.1:{port}"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}", child, folder / "canaille.log")
            yield Canaille(f"http://127.0.0.1:{port}")
        finally:
            child.terminate()
            child.wait(timeout=30)


def _posted(browser: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    token = _CSRF.search(page.text)
    assert token is not None, page.text
    return browser.post(page.url, data={"csrf_token": token[1], **fields})


def _wait_for(address: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 120
    while True:
        try:
            found = httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False)
        except httpx.HTTPError:
            assert child.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, "canaille did not answer within two minutes"
            threading.Event().wait(0.2)
        else:
            assert found.status_code == 200
            return
