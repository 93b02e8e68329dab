"""``sluis up``: refusals before anything is written, and the console's sign-on."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.governance.catalogue.config_file import parse
from gateway.processes.children import Child
from gateway.processes.cli import main
from gateway.processes.embedded import _sign_on, credentials_in
from gateway.processes.settings import read
from tests.support.certificates import certificate

pytestmark = pytest.mark.unit
CONFIG = """\
version: 1
identity:
  issuers: [{name: company, issuer: "https://id.example.nl", audience: "urn:sluis"}]
  console: {issuer: company, client_id: sluis-console, client_secret: "env:CONSOLE_SECRET"}
"""


def test_up_refuses_a_worker_certificate(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    environment = {"SLUIS_WORKER_CERT": str(files.path), "SLUIS_WORKER_KEY": str(files.key)}
    done = CliRunner(env=environment).invoke(main, ["up", "--data-dir", str(tmp_path / "data")])
    assert done.exit_code == 1
    assert "unset it" in done.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "redirect_uri"),
    [
        ({}, "http://127.0.0.1:8501/oauth2callback"),
        (
            {"SLUIS_CONSOLE_URL": "https://console.example.nl"},
            "https://console.example.nl/oauth2callback",
        ),
    ],
)
def test_sign_on_returns_to_the_public_address_of_the_console(
    environment: dict[str, str], redirect_uri: str
) -> None:
    sign_on = _sign_on(parse(CONFIG, source="sluis.yaml"), read(environment))
    assert sign_on is not None
    assert sign_on.redirect_uri == redirect_uri


HOLDERS = (
    CONFIG
    + """\
providers:
  - {name: eu, kind: openai, base_url: "https://eu.example/v1", zone: eu, api_key: "env:EU_KEY"}
  - {name: far, kind: openai, base_url: "https://far.example/v1", zone: global,
     api_key: "env:FAR_KEY"}
keys:
  - {name: ops, kind: admin, owner: ada, roles: [platform_admin], secret: "env:OPS_KEY"}
  - {name: app, secret: "env:SLUIS_DATABASE_URL"}
"""
)
OF_OTHERS = {"OPS_KEY", "CONSOLE_SECRET"}
OF_PROVIDERS = {"EU_KEY", "FAR_KEY"}
OF_COMMANDS = {"SLUIS_TOKEN", "SLUIS_ACCEPTANCE_KEY", "SLUIS_ACCEPTANCE_TOKEN"}


def test_a_process_gets_no_credential_that_it_does_not_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file cannot take a setting of the installation away either."""
    config = parse(HOLDERS, source="sluis.yaml")
    assert credentials_in(config, but="providers") == OF_OTHERS | OF_COMMANDS
    assert credentials_in(config) == OF_OTHERS | OF_PROVIDERS | OF_COMMANDS
    for name in (*OF_OTHERS, *OF_PROVIDERS, *OF_COMMANDS, "SLUIS_DATABASE_URL"):
        monkeypatch.setenv(name, "x")
    gateway = Child("gateway", ["g"], {"A": "b"}, withheld=credentials_in(config, but="providers"))
    got = gateway.full_environment()
    assert not got.keys() & (OF_OTHERS | OF_COMMANDS)
    assert got.keys() >= {*OF_PROVIDERS, "A", "PATH", "SLUIS_DATABASE_URL"}
    assert Child("console", ["c"], {"A": "b"}, isolated=True).full_environment() == {"A": "b"}
