"""The real oidc-provider of npm as a process, with keys that a test gives it."""

import json
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import npm_package
from tests.support.ports import free_port

_SOURCE = Path(__file__).parent / "oidc"
_NODE = "node"
_SECRET = "secret-of-an-application-of-the-tests"
CLIENTS = ("letters",)


def install(config: pytest.Config) -> Path:
    """Its folder: installed once from the lock file, into pytest's cache."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed: they run the OpenID Connect provider")
    folder = Path(config.cache.mkdir("oidc-provider"))
    npm_package.install(_SOURCE, folder, ("oidc-provider", "jose"))
    shutil.copy(_SOURCE / "provider.mjs", folder)
    return folder


@dataclass
class OidcProvider:
    """One that gives applications access tokens; it can stop, and start with other keys."""

    folder: Path
    log: Path
    port: int = field(default_factory=free_port)
    _child: "subprocess.Popen[bytes] | None" = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *keys: Any) -> None:
        """Starts it; the first of these keys signs, and all are published."""
        settings = {
            "port": self.port,
            "client": {
                "id": "console",
                "secret": _SECRET,
                "redirect": "http://127.0.0.1:1/oauth2callback",
            },
            "users": {},
            "applications": [{"id": name, "secret": _SECRET} for name in CLIENTS],
            "keys": [{**key.as_dict(private=True), "alg": "RS256"} for key in keys],
        }
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [_NODE, str(self.folder / "provider.mjs"), json.dumps(settings)],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        ends = time.monotonic() + 60
        while not self._answers():
            assert self._child.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, "it did not answer within a minute"
            threading.Event().wait(0.05)

    def stop(self) -> None:
        """Takes it away."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(timeout=30)
            self._child = None

    def token(self, audience: str, client: str = CLIENTS[0]) -> str:
        """An access token of an application."""
        answer = httpx.post(
            f"{self.issuer}/token",
            data={"grant_type": "client_credentials", "resource": audience},
            auth=(client, _SECRET),
            trust_env=False,
            timeout=30,
        )
        return str(answer.raise_for_status().json()["access_token"])

    def reads_of_keys(self) -> int:
        """How often its keys were read."""
        return self.log.read_text(encoding="utf-8").splitlines().count("jwks")

    def _answers(self) -> bool:
        try:
            address = f"{self.issuer}/.well-known/openid-configuration"
            return httpx.get(address, trust_env=False, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
