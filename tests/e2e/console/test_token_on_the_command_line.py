"""A person's own token from the organisation's provider, in ``SLUIS_TOKEN``."""

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result

from gateway.core.system.secrets import PUBLIC
from gateway.evidence import verify
from gateway.processes.cli import main
from tests.e2e.console.conftest import AUDIENCE

pytestmark = pytest.mark.e2e


def token_of(installation: Any, login: str) -> str:
    """An access token by the authorization code flow with PKCE (RFC 7636), without a browser."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    callback = f"{installation.console}/oauth2callback"
    with httpx.Client(trust_env=False, timeout=30) as client:
        query = {
            "client_id": "console",
            "response_type": "code",
            "redirect_uri": callback,
            "scope": "openid profile groups",
            "resource": AUDIENCE,
            "state": "s",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        at = follow(client, client.get(f"{installation.issuer}/auth", params=query), callback)
        for form in ({"prompt": "login", "login": login, "password": "any"}, {"prompt": "consent"}):
            at = follow(client, client.post(at, data=form), callback)
        code = parse_qs(urlsplit(at).query)["code"][0]
        answer = client.post(
            f"{installation.issuer}/token",
            auth=("console", "console-secret-for-tests-only"),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": callback,
                "code_verifier": verifier,
                "resource": AUDIENCE,
            },
        )
        return str(answer.raise_for_status().json()["access_token"])


def follow(client: httpx.Client, answer: httpx.Response, until: str) -> str:
    """Where a chain of redirects ends, or where it would leave for the callback."""
    while answer.is_redirect:
        place = urljoin(str(answer.url), answer.headers["location"])
        if place.startswith(until):
            return place
        answer = client.get(place)
    return str(answer.url)


def run(installation: Any, token: str, *arguments: str) -> Result:
    """A command on a machine that has nothing of the installation."""
    environment = {
        "SLUIS_DATA_DIR": "/nonexistent/sluis",
        "SLUIS_DATABASE_URL": None,
        "SLUIS_URL": installation.settings.control_url,
        "SLUIS_TOKEN": token,
    }
    return CliRunner(env=environment).invoke(main, arguments)


def test_a_compliance_officer_exports_with_the_token_of_single_sign_on(
    installation: Any, tmp_path: Path
) -> None:
    token = token_of(installation, "carla")
    package = tmp_path / "package.zip"
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    done = run(installation, token, "audit", "export", *period, "--output", str(package))
    assert done.exit_code == 0, done.output
    key = installation.settings.secrets_dir / PUBLIC
    assert verify.main([str(package), "--key", str(key)]) == 0

    refused = run(installation, token, "keys", "create", "mine", "--team", "support")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")


def test_a_changed_token_is_refused_with_advice(installation: Any) -> None:
    head, claims, signature = token_of(installation, "carla").split(".")
    padded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    forged = json.dumps({**padded, "groups": ["admins"]}).encode()
    changed = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    refused = run(installation, f"{head}.{changed}.{signature}", "keys", "list")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "Traceback" not in refused.output
