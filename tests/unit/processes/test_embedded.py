"""``sluis up``: refusals before anything is written, and the console's sign-on."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.governance.catalogue.config_file import parse
from gateway.processes.cli import main
from gateway.processes.embedded import _sign_on
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
