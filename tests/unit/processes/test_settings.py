"""Settings: unusable values are refused at the start, with advice."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.processes.setting_values import SettingsError
from gateway.processes.settings import Certificate, read, resolve_reference

pytestmark = pytest.mark.unit


def test_the_store_of_limits_is_named_or_in_a_file(tmp_path: Path) -> None:
    url = "rediss://sluis:p%40ss@valkey.example.nl:6380/2"
    (tmp_path / "url").write_text(f"{url}\n", encoding="utf-8")
    named = read({"SLUIS_VALKEY_URL": url, "SLUIS_VALKEY_TIMEOUT_MS": "400"}).valkey
    filed = read({"SLUIS_VALKEY_URL_FILE": str(tmp_path / "url")}).valkey
    assert named is not None
    assert filed is not None
    assert (named.url, named.timeout_s, filed.url, filed.timeout_s) == (url, 0.4, url, 0.25)
    assert "p%40ss" not in f"{named!r} {named.place}"
    assert read({"SLUIS_VALKEY_URL": ""}).valkey is None


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SLUIS_VALKEY_URL": "http://:secret@valkey"}, "redis://host"),
        ({"SLUIS_VALKEY_URL": "redis://:secret@"}, "redis://host"),
        ({"SLUIS_VALKEY_URL": "redis://:secret@valkey:port"}, "SLUIS_VALKEY_URL"),
        ({"SLUIS_VALKEY_URL": "redis://:secret@valkey/name"}, "number of a database"),
        ({"SLUIS_VALKEY_URL": "redis://:secret@valkey?timeout=9"}, "no query"),
        ({"SLUIS_VALKEY_URL": "redis://a", "SLUIS_VALKEY_CA": "/nowhere"}, "SLUIS_VALKEY_CA"),
        ({"SLUIS_VALKEY_URL": "redis://a", "SLUIS_VALKEY_URL_FILE": "/b"}, "one of them"),
        ({"SLUIS_VALKEY_URL_FILE": "/nowhere"}, "cannot be read"),
        ({"SLUIS_VALKEY_URL": "redis://a", "SLUIS_VALKEY_TIMEOUT_MS": "1"}, "TIMEOUT_MS"),
    ],
)
def test_a_store_that_cannot_be_used_is_refused(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        read(environment)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8501"),
        ({"SLUIS_CONSOLE_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"SLUIS_CONSOLE_URL": "https://console.example.nl/"}, "https://console.example.nl"),
        ({"SLUIS_CONSOLE_URL": "http://localhost:8501"}, "http://localhost:8501"),
    ],
)
def test_the_console_has_a_public_address(environment: dict[str, str], url: str) -> None:
    assert read(environment).console_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://console.example.nl",
        "console.example.nl",
        "https://",
        "javascript:alert(1)",
        "https://console.example.nl/under/a/path",
        "https://a:b@console.example.nl",
    ],
)
def test_an_address_that_is_unusable_for_sign_on_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="SLUIS_CONSOLE_URL"):
        read({"SLUIS_CONSOLE_URL": url})


def test_a_worker_certificate_is_whole_or_absent(tmp_path: Path) -> None:
    chain, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    environment = {"SLUIS_WORKER_CERT": str(chain), "SLUIS_WORKER_KEY": str(key)}
    with pytest.raises(SettingsError, match="there is no file"):
        read(environment)
    chain.touch()
    key.touch()
    assert read(environment).worker_certificate == Certificate(chain, key)
    with pytest.raises(SettingsError, match="together"):
        read({"SLUIS_WORKER_CERT": str(chain)})
    assert read({}).worker_certificate is None


def test_a_token_is_in_no_representation() -> None:
    settings = read({"SLUIS_TOKEN": "sk-of-an-administrator"})
    assert settings.token == "sk-of-an-administrator"
    assert "sk-of" not in repr(settings)


@pytest.mark.parametrize("share", ["-0.1", "1.5", "nan", "much"])
def test_a_share_of_spans_is_between_0_and_1(share: str) -> None:
    with pytest.raises(SettingsError, match="OTEL_TRACES_SAMPLER_ARG"):
        read({"OTEL_TRACES_SAMPLER_ARG": share})


@pytest.mark.parametrize(
    "token", ["short", "x" * 23, "with an ümlaut that is long enough", "x\ty" * 10]
)
def test_a_token_of_the_metrics_that_cannot_be_used_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="SLUIS_METRICS_TOKEN"):
        read({"SLUIS_METRICS_TOKEN": token})


def test_the_token_of_the_metrics_is_no_reference_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = "token-of-the-metrics-0123456789"
    settings = read({"SLUIS_METRICS_TOKEN": f"{token}\n"})
    assert settings.metrics_token == token
    assert token not in repr(settings)
    monkeypatch.setenv("SLUIS_METRICS_TOKEN", token)
    assert resolve_reference("env:SLUIS_METRICS_TOKEN") is None


@pytest.mark.parametrize(("text", "on"), [("", True), ("on", True), ("off", False)])
def test_old_names_of_metrics_can_be_switched_off(text: str, *, on: bool) -> None:
    assert read({"SLUIS_OLD_METRIC_NAMES": text}).old_metric_names is on


def test_without_a_store_its_client_is_not_loaded() -> None:
    code = "import gateway.processes.data_plane, sys; print('redis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_origins_are_listed_without_a_path() -> None:
    given = {"SLUIS_CORS_ORIGINS": "https://chat.example.nl/, http://localhost:3000"}
    assert read(given).origins == ("https://chat.example.nl", "http://localhost:3000")
    assert read({}).origins == ()


@pytest.mark.parametrize("origin", ["*", "chat.example.nl", "https://chat.example.nl/x", "null"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match="SLUIS_CORS_ORIGINS"):
        read({"SLUIS_CORS_ORIGINS": origin})


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', "[1]"])
def test_a_file_of_issuer_keys_without_keys_or_clients_stops_the_start(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="SLUIS_ISSUER_KEYS"):
        read({"SLUIS_ISSUER_KEYS": str(path)})
