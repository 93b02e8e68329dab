"""Key services on loopback, and a secrets directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.system import secrets
from gateway.core.system.credentials import AwsCredentials, KeyServiceCredentials, VaultCredentials
from gateway.key_services import KMS, VAULT, KeyReference
from tests.support.aws_kms import ARN, KEY_ID, SECRET, SESSION, AwsKms
from tests.support.vault_transit import TOKEN, VaultTransit

LOGINS = KeyServiceCredentials(VaultCredentials(TOKEN), AwsCredentials(KEY_ID, SECRET, SESSION))
ENVIRONMENT = {
    "VAULT_TOKEN": TOKEN,
    "AWS_ACCESS_KEY_ID": KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": SESSION,
}
CANARIES = (TOKEN, SECRET, SESSION)


def vault_place(vault: VaultTransit, key: str = "sluis") -> KeyReference:
    return KeyReference(VAULT, vault.url, key, mount="transit")


def kms_place(kms: AwsKms, key: str = ARN) -> KeyReference:
    return KeyReference(KMS, kms.url, key, region="eu-central-1")


@pytest.fixture
def vault() -> Iterator[VaultTransit]:
    with VaultTransit() as service:
        yield service


@pytest.fixture
def kms() -> Iterator[AwsKms]:
    with AwsKms() as service:
        yield service


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    secrets.create(tmp_path / "data" / "secrets")
    return tmp_path / "data" / "secrets"
