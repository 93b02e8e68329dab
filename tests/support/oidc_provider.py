"""The real oidc-provider of npm as a process, with keys that a test gives it."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest

from tests.support import npm_package
from tests.support.ports import free_port

_SOURCE = Path(__file__).parent / "oidc"
_NODE = "node"
_SECRET = "secret-of-an-application-of-the-tests"
CLIENTS = ("letters",)
CONSOLE, REDIRECT = "console", "http://127.0.0.1:1/oauth2callback"


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
    secret: str = _SECRET  # of its clients
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    _child: "subprocess.Popen[bytes] | None" = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *keys: Any) -> None:
        """Starts it; the first of these keys signs, and all are published."""
        settings = {
            "port": self.port,
            "client": {
                "id": CONSOLE,
                "secret": self.secret,
                "redirect": REDIRECT,
            },
            "users": self.users,
            "applications": [{"id": name, "secret": self.secret} for name in CLIENTS],
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
            auth=(client, self.secret),
            trust_env=False,
            timeout=30,
        )
        return str(answer.raise_for_status().json()["access_token"])

    def person_token(self, login: str, audience: str) -> str:
        """An access token of a person who signs in."""
        verifier = "v" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(
            b"="
        )
        asked = {
            "client_id": CONSOLE,
            "response_type": "code",
            "scope": "openid profile email groups",
            "redirect_uri": REDIRECT,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
            "resource": audience,
        }
        code, _ = self.sign_on(f"{self.issuer}/auth?{urlencode(asked)}", login)
        answer = httpx.post(
            f"{self.issuer}/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": REDIRECT,
                "code_verifier": verifier,
                "resource": audience,
            },
            auth=(CONSOLE, self.secret),
            trust_env=False,
            timeout=30,
        )
        return str(answer.raise_for_status().json()["access_token"])

    def sign_on(self, url: str, login: str) -> tuple[str, str]:
        """The code and the state with which the browser of a person comes back."""
        with httpx.Client(trust_env=False, timeout=30) as browser:
            answer = browser.get(url)
            while not answer.headers.get("location", "").startswith(REDIRECT):
                if answer.is_redirect:
                    answer = browser.get(urljoin(self.issuer, answer.headers["location"]))
                    continue
                answer.raise_for_status()
                form = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
                assert form is not None, answer.text
                assert prompt is not None, answer.text
                filled = {"prompt": prompt[1], "login": login, "password": "any"}
                answer = browser.post(urljoin(self.issuer, form[1]), data=filled)
            back = parse_qs(urlsplit(answer.headers["location"]).query)
            assert "code" in back, back
            return back["code"][0], back.get("state", [""])[0]

    def reads_of_keys(self) -> int:
        """How often its keys were read."""
        return self.log.read_text(encoding="utf-8").splitlines().count("jwks")

    def _answers(self) -> bool:
        try:
            address = f"{self.issuer}/.well-known/openid-configuration"
            return httpx.get(address, trust_env=False, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
