"""Every key of an installation is replaced in the documented order, and no request fails."""

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_rolling_upgrade import load, pair, restarted
from tests.support.balanced_load import BalancedLoad
from tests.support.installation import OFFICER_KEY, SECRETS, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.vault_transit import TOKEN, VaultTransit

__all__ = ["load", "pair"]
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
TEXT = "What is a lock?"
OLD, NEW = SECRETS["TEST_UPSTREAM_KEY"], "sk-upstream-second-0000000000"


@pytest.fixture
def vault() -> Iterator[VaultTransit]:
    with VaultTransit() as service:
        yield service


def provider_keys(eu: OpenAIApi) -> set[str]:
    return {one["authorization"].removeprefix("Bearer ") for one in eu.headers}


def revealed(sluis: Installation, audit_id: str) -> str:
    path = f"/audit/{audit_id}/reveal"
    return sluis.admin(
        "POST", path, OFFICER_KEY, json={"code": "audit", "reason": "drill 2026-11"}
    ).text


def rotated_key_of_an_application(sluis: Installation) -> None:
    made = sluis.admin("POST", "/keys", json={"name": "drill", "models": ["outside"]}).json()
    done = sluis.sluis("keys", "rotate", "drill", "--overlap-hours", "48", "--json")
    second = json.loads(done.stdout)["secret"]
    body = {"model": "outside", "messages": [{"role": "user", "content": TEXT}]}
    for secret in (made["secret"], second):
        sluis.until(lambda key=secret: sluis.ask(body, key).status_code == 200, "it works")


def test_all_keys_are_rotated_under_load_and_old_entries_stay_readable(
    pair: list[Installation],
    load: BalancedLoad,
    vault: VaultTransit,
    eu: OpenAIApi,
    tmp_path: Path,
) -> None:
    first, folder = pair[0], pair[0].data_dir / "secrets"
    for one in pair:
        one.settings["VAULT_TOKEN"] = TOKEN
    published = tmp_path / "published.pub"
    shutil.copy(folder / "signing.pub", published)
    early = first.ask(TEXT).headers["x-sluis-audit-id"]
    load.more(30)

    rotated_key_of_an_application(first)

    first.sluis("secrets", "wrap", "--vault", vault.url, "--key", "sluis")
    vault.keys["sluis"].rotate()
    first.sluis("secrets", "rewrap")
    vault.keys["sluis"].min_decryption_version = 2

    token = folder / "operator-token"
    old_token = token.read_text(encoding="ascii")
    token.write_text(secrets.token_hex(32), encoding="ascii")
    done = json.loads(first.sluis("audit", "rotate-key", "--json").stdout)
    assert done["old"] == published.read_text().strip()
    restarted(first, "control", load)
    for one in pair:
        assert provider_keys(eu) >= {OLD}
        one.settings["TEST_UPSTREAM_KEY"] = NEW
        restarted(one, "gateway", load)
    before = len(eu.headers)
    load.more(30)
    assert {one["authorization"] for one in eu.headers[before:]} == {f"Bearer {NEW}"}
    load.stop()
    assert load.failed == []

    late = first.ask(TEXT).headers["x-sluis-audit-id"]
    for audit_id in (early, late):
        assert TEXT in revealed(first, audit_id)
    for credential, status in ((old_token, 401), (token.read_text(encoding="ascii"), 200)):
        assert first.admin("GET", "/me", credential).status_code == status
    package = tmp_path / "all.zip"
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    first.sluis("audit", "export", *period, "--output", str(package))
    for key in (published, folder / "signing.pub"):
        assert first.sluis("audit", "verify", str(package), "--key", str(key)).returncode == 0
