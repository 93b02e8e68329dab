"""`sluis up` gives each process the credentials that it uses, and no other."""

from pathlib import Path

import pytest

from tests.compatibility.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
CONFIG = """\
version: 1
providers:
  - {name: eu, kind: openai, base_url: "https://eu.example/v1", zone: eu, api_key: "env:EU_KEY"}
keys:
  - {name: ops, kind: admin, owner: ada, roles: [platform_admin], secret: "env:OPS_KEY"}
"""
SECRETS = {
    "OPS_KEY": "canary-ops-00000000000000000000",
    "EU_KEY": "canary-eu-000000000000000000000",
    "SLUIS_TOKEN": "canary-token-000000000000000000",
}


def holders(data: Path, secret: str) -> set[str]:
    """The commands of the processes of an installation that have a secret in their environment."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended, or belongs to another user
            continue
        if f"SLUIS_DATA_DIR={data}".encode() in variables and any(
            one.endswith(secret.encode()) for one in variables
        ):
            found.add(command[3].decode())
    return found


def test_a_gateway_has_the_credentials_of_its_providers_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "sluis.yaml").write_text(CONFIG, encoding="utf-8")
    product = Product(data, SECRETS)
    try:
        product.start("up")
        assert holders(data, SECRETS["OPS_KEY"]) == {"up", "control"}
        assert holders(data, SECRETS["EU_KEY"]) == {"up", "control", "gateway"}
        assert "gateway" not in holders(data, SECRETS["SLUIS_TOKEN"])
    finally:
        product.stop()
