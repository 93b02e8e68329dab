"""The console's command line and environment."""

import json
import stat
import tomllib
from pathlib import Path

import pytest

from gateway.processes.console import OidcClient, command

pytestmark = pytest.mark.unit
_SIGN_ON = OidcClient(
    issuer="https://id.example.nl/",
    client_id="console",
    client_secret='quo"te\\n é',
    redirect_uri="https://sluis.example.nl/oauth2callback",
    cookie_secret="cookie-secret",
    resource="urn:sluis",
)


def _command(
    folder: Path, sign_on: OidcClient | None, url: str = "http://127.0.0.1:1"
) -> tuple[list[str], dict[str, str]]:
    return command(
        port=1,
        host="127.0.0.1",
        url=url,
        control_url="http://127.0.0.1:2",
        sign_on=sign_on,
        folder=folder,
        idle_s=900,
    )


def test_secrets_are_in_a_private_file_only(tmp_path: Path) -> None:
    argv, environment = _command(tmp_path / "console", _SIGN_ON)
    path = _secrets_file(argv)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    auth = tomllib.loads(path.read_text(encoding="utf-8"))["auth"]
    assert auth["sluis"]["client_secret"] == _SIGN_ON.client_secret
    assert auth["sluis"]["authorize_params"] == {"resource": "urn:sluis"}
    assert auth["sluis"]["client_kwargs"]["prompt"] == "login"
    assert auth["expose_tokens"] == ["id", "access"]
    shown = " ".join([*argv, *environment.values()])
    assert _SIGN_ON.client_secret not in shown
    assert _SIGN_ON.cookie_secret not in shown


def test_no_secret_of_the_gateways_environment_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-provider")
    monkeypatch.setenv("SLUIS_SECRETS_DIR", "/secrets")
    _, environment = _command(tmp_path, None)
    assert not {"OPENAI_API_KEY", "SLUIS_SECRETS_DIR"} & environment.keys()
    assert environment["SLUIS_CONSOLE_SIGN_ON"] == "0"
    assert environment["SLUIS_CONSOLE_IDLE_S"] == "900"


def test_a_start_without_single_sign_on_deletes_its_secrets(tmp_path: Path) -> None:
    _command(tmp_path, _SIGN_ON)
    argv, _ = _command(tmp_path, None)
    assert _secrets_file(argv).read_text(encoding="utf-8") == ""


def test_streamlit_runs_with_safe_options(tmp_path: Path) -> None:
    options = _options(tmp_path, "http://127.0.0.1:8501")
    expected = {
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "server.address": "127.0.0.1",
    }
    assert expected.items() <= options.items()


def test_only_the_public_address_is_an_accepted_origin(tmp_path: Path) -> None:
    options = _options(tmp_path, "https://console.example.nl")
    assert options["browser.serverAddress"] == "console.example.nl"
    assert options["browser.serverPort"] == 443
    assert options["server.address"] == "127.0.0.1"
    assert options["server.port"] == 1
    assert _options(tmp_path, "http://127.0.0.1:8501")["browser.serverPort"] == 8501


def _secrets_file(argv: list[str]) -> Path:
    (path,) = json.loads(argv[-1])["secrets.files"]
    return Path(path)


def _options(folder: Path, url: str) -> dict[str, object]:
    argv, _ = _command(folder, None, url)
    return dict(json.loads(argv[-1]))
