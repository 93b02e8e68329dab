"""The console as a child process: its command line and its environment."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import admin

_ROOT = Path(admin.__file__).parents[1]
_SCOPES = ("openid", "profile", "email")
# Variables that the child gets; none of them holds a secret of the gateway.
_PASSED_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "NO_PROXY",
    "https_proxy",
    "no_proxy",
)
_OPTIONS: Mapping[str, object] = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.maxUploadSize": 1,  # MB; no page takes files
    "browser.gatherUsageStats": False,
    "global.developmentMode": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "runner.magicEnabled": False,
    "theme.base": "light",
    "theme.primaryColor": "#0f4c6e",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#eff4f7",
    "theme.textColor": "#16303f",
    "theme.linkColor": "#1f6f9c",
    "theme.borderColor": "#d5dfe5",
    "theme.dataframeHeaderBackgroundColor": "#eff4f7",
    "theme.baseRadius": "0.4rem",
    "theme.paddingTop": "3rem",
    "theme.headingFontSizes": ["2rem", "1.3rem", "1.1rem"],
    "theme.sidebar.backgroundColor": "#0f3a54",
    "theme.sidebar.secondaryBackgroundColor": "#184d6d",
    "theme.sidebar.textColor": "#eaf2f6",
    "theme.sidebar.primaryColor": "#8ccbe6",
    "theme.sidebar.borderColor": "#2b6384",
}


@dataclass(frozen=True, slots=True)
class OidcClient:
    """The console's client at the organisation's identity provider.

    ``redirect_uri`` ends in ``/oauth2callback`` and must also be registered for after sign-out.
    ``resource`` is the audience of the control plane, for the access token (RFC 8707). Leave it out
    where the provider derives the audience from ``scopes``.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    cookie_secret: str
    scopes: tuple[str, ...] = _SCOPES
    resource: str | None = None


def command(
    *,
    port: int,
    host: str,
    url: str,
    control_url: str,
    sign_on: OidcClient | None,
    folder: Path,
    idle_s: int,
) -> tuple[list[str], dict[str, str]]:
    """The child's arguments and complete environment; browsers reach the console at ``url``.

    A session ends after ``idle_s`` seconds without activity; 0: never.
    ``folder`` is private to this process: the child's home, with the secrets file that single
    sign-on needs. Secrets are in that file, never in the arguments.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secrets_file = folder / "secrets.toml"
    _write(secrets_file, _secrets(sign_on) if sign_on else "")
    public = urlsplit(url)
    options = {
        **_OPTIONS,
        "secrets.files": [str(secrets_file)],
        "server.port": port,
        "server.address": host,
        # The only origin besides loopback that may open the console's connection.
        "browser.serverAddress": public.hostname or host,
        "browser.serverPort": public.port or {"http": 80, "https": 443}[public.scheme],
    }
    argv = [sys.executable, "-m", "admin.server", json.dumps(options)]
    environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
    environment |= {
        "HOME": str(folder),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SLUIS_CONTROL_URL": control_url,
        "SLUIS_CONSOLE_SIGN_ON": "1" if sign_on else "0",
        "SLUIS_CONSOLE_IDLE_S": str(idle_s),
        "SLUIS_CONSOLE_SECURE": "1" if public.scheme == "https" else "0",
    }
    return argv, environment


def _secrets(sign_on: OidcClient) -> str:
    general = {
        "redirect_uri": sign_on.redirect_uri,
        "cookie_secret": sign_on.cookie_secret,
        "expose_tokens": ["id", "access"],
    }
    provider = {
        "client_id": sign_on.client_id,
        "client_secret": sign_on.client_secret,
        "server_metadata_url": sign_on.issuer.rstrip("/") + "/.well-known/openid-configuration",
    }
    # Streamlit asks for prompt=select_account by default, which certified providers refuse.
    client = {"scope": " ".join(sign_on.scopes), "prompt": "login"}
    sections: dict[str, Mapping[str, object]] = {
        "auth": general,
        "auth.sluis": provider,
        "auth.sluis.client_kwargs": client,
    }
    if sign_on.resource:
        sections["auth.sluis.authorize_params"] = {"resource": sign_on.resource}
    return "\n".join(_section(name, values) for name, values in sections.items())


def _section(name: str, values: Mapping[str, object]) -> str:
    # A JSON string, or list of strings, is valid TOML as long as nothing is escaped as \\u.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return f"[{name}]\n" + "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
