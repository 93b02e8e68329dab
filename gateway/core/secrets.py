"""The independent random secrets of an installation, read from one directory."""

import hashlib
import hmac
import os
import secrets as random
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SYMMETRIC = ("kek", "pepper", "placeholder", "worker-token", "operator-token")
_SIGNING = "signing.pem"
PUBLIC = "signing.pub"


class SecretsMissing(Exception):
    """The secrets directory is absent or incomplete."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Key-encryption key, pepper for API keys, placeholder key, signing key, internal tokens.

    All symmetric keys are 32 bytes. ``operator_token`` opens the control plane for commands on the
    machine itself, ``worker_token`` the model worker for the gateway.
    """

    kek: bytes
    pepper: bytes
    placeholder: bytes
    worker_token: str
    operator_token: str
    signing: Ed25519PrivateKey

    def key_digest(self, secret: str) -> str:
        """HMAC-SHA256 with the pepper: how keys are stored and found."""
        return hmac.new(self.pepper, secret.encode(), hashlib.sha256).hexdigest()


def load(directory: Path) -> Secrets:
    """Reads the secrets.

    Raises:
        SecretsMissing: when a file is absent; says which.
    """
    try:
        raw = {name: bytes.fromhex((directory / name).read_text().strip()) for name in _SYMMETRIC}
        pem = (directory / _SIGNING).read_bytes()
    except FileNotFoundError as error:
        raise SecretsMissing(
            f"{error.filename} is missing. Restore the secrets directory from its backup: without "
            "it stored keys, payloads and the trail's signatures cannot be used."
        ) from error
    signing = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(signing, Ed25519PrivateKey):
        raise SecretsMissing(f"{directory / _SIGNING} is not an Ed25519 private key")
    return Secrets(
        kek=raw["kek"],
        pepper=raw["pepper"],
        placeholder=raw["placeholder"],
        worker_token=raw["worker-token"].hex(),
        operator_token=raw["operator-token"].hex(),
        signing=signing,
    )


def create(directory: Path) -> Secrets:
    """Writes new secrets, each independently random, readable by the owner only."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _SYMMETRIC:
        _write(directory / name, random.token_hex(32).encode())
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(directory / _SIGNING, pem)
    public = key.public_key().public_bytes_raw().hex()
    _write(directory / PUBLIC, f"{public}\n".encode(), mode=0o644)
    return load(directory)


def load_or_create(directory: Path, *, database_exists: bool) -> Secrets:
    """Reads the secrets, or writes them on the very first start.

    Raises:
        SecretsMissing: when they are absent although a database exists already.
    """
    complete = all((directory / name).exists() for name in (*_SYMMETRIC, _SIGNING))
    if complete:
        return load(directory)
    if database_exists or (directory.exists() and any(directory.iterdir())):
        return load(directory)  # names the missing file
    return create(directory)


def _write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
