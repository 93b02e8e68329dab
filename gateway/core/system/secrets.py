"""The independent random secrets of an installation, read from one directory."""

import hashlib
import hmac
import os
import secrets as token_source
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.core.system.fsync import sync_folder

KEK_BYTES = 32
_KEK = "kek"
_WRAPPED = "kek.wrapped"
_SYMMETRIC = ("pepper", "placeholder", "worker-token", "operator-token")
_SIGNING = "signing.pem"
_NEXT = "signing.next.pem"
PUBLIC = "signing.pub"
CHAIN = "signing.chain"


class SecretsMissing(Exception):
    """The secrets directory is absent, incomplete or unusable; the message says what to do."""


class KekUnavailable(SecretsMissing):
    """The key-encryption key is wrapped, and its key service did not unwrap it."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """The secrets of the control plane: key-encryption key, pepper for API keys, and others.

    All symmetric keys have 32 bytes. ``operator_token`` authenticates commands on the machine
    itself to the control plane. ``worker_token`` authenticates model workers to it; without one no
    worker is admitted.
    """

    kek: bytes
    pepper: bytes
    placeholder: bytes
    operator_token: str
    signing: Ed25519PrivateKey
    worker_token: str = ""

    def key_digest(self, secret: str) -> str:
        """Returns the HMAC-SHA256 with the pepper, by which keys are stored and found."""
        return hmac.new(self.pepper, secret.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class GatewaySecrets:
    """The secrets of a gateway, which signs nothing and is no operator.

    ``worker_token`` authenticates it to the model worker; ``signer`` verifies snapshots.
    """

    kek: bytes
    pepper: bytes
    placeholder: bytes
    worker_token: str
    signer: Ed25519PublicKey


def load(directory: Path, *, kek: bytes | None = None) -> Secrets:
    """Reads the secrets. ``kek`` is the key that a key service unwrapped, where one is used.

    Raises:
        SecretsMissing: when a file is absent; the message names it.
    """
    with _missing_files_reported():
        return Secrets(
            kek=plain_kek(directory) if kek is None else kek,
            pepper=_hex(directory / "pepper"),
            placeholder=_hex(directory / "placeholder"),
            operator_token=_hex(directory / "operator-token").hex(),
            signing=_signing(directory / _SIGNING),
            worker_token=_token_of_workers(directory),
        )


def _token_of_workers(directory: Path) -> str:
    file = directory / "worker-token"
    return _hex(file).hex() if file.exists() else ""


def load_for_gateway(directory: Path, *, kek: bytes | None = None) -> GatewaySecrets:
    """Reads what a gateway needs. ``kek`` is the key that a key service unwrapped, if any.

    Raises:
        SecretsMissing: when a file is absent; the message names it.
    """
    with _missing_files_reported():
        return GatewaySecrets(
            kek=plain_kek(directory) if kek is None else kek,
            pepper=_hex(directory / "pepper"),
            placeholder=_hex(directory / "placeholder"),
            worker_token=_hex(directory / "worker-token").hex(),
            signer=_signer(directory),
        )


def load_for_worker(directory: Path) -> tuple[str, Ed25519PublicKey]:
    """Returns the model worker's token, and the public key of the snapshots' signatures.

    Raises:
        SecretsMissing: when a file is absent; the message names it.
    """
    with _missing_files_reported():
        return _hex(directory / "worker-token").hex(), _signer(directory)


def create(directory: Path) -> Secrets:
    """Writes new secrets, each independently random, readable by the owner only."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (_KEK, *_SYMMETRIC):
        _write(directory / name, token_source.token_hex(KEK_BYTES).encode())
    key = Ed25519PrivateKey.generate()
    _write(directory / _SIGNING, _pem(key))
    _write(directory / PUBLIC, _public(key), mode=0o644)
    return load(directory)


def create_on_first_start(directory: Path, *, database_exists: bool) -> None:
    """Writes the secrets on the first start; a complete directory stays unchanged.

    Raises:
        SecretsMissing: when some are absent although others, or a database, exist.
    """
    kek = _WRAPPED if (directory / _WRAPPED).exists() else _KEK
    missing = [name for name in (kek, *_SYMMETRIC, _SIGNING) if not (directory / name).exists()]
    if not missing:
        return
    if database_exists or (directory.exists() and any(directory.iterdir())):
        raise _damaged(directory / missing[0])
    create(directory)


def plain_kek(directory: Path) -> bytes:
    """Reads the key-encryption key from its file.

    Raises:
        SecretsMissing: when the file is absent or holds no key.
    """
    path = directory / _KEK
    with _missing_files_reported():
        try:
            key = _hex(path)
        except ValueError:
            key = b""  # raised below: the cause would show the file's content
    if len(key) != KEK_BYTES:
        raise SecretsMissing(f"{path} is not {KEK_BYTES} bytes in hex; restore it from its backup.")
    return key


def wrapped_kek(directory: Path) -> str | None:
    """Returns the text of ``kek.wrapped``, or None without the file.

    Raises:
        SecretsMissing: when ``kek`` exists as well: which of the two is right is unknown.
    """
    document, plain = kek_files(directory)
    if document is not None and plain:
        raise SecretsMissing(
            f"{directory} holds both {_KEK} and {_WRAPPED}. Remove {_KEK}: `sluis secrets wrap` "
            "does when it is run again, and makes sure first that both are the same key."
        )
    return document


def kek_files(directory: Path) -> tuple[str | None, bool]:
    """Returns the text of ``kek.wrapped`` (or None), and whether ``kek`` exists."""
    wrapped = directory / _WRAPPED
    document = wrapped.read_text(encoding="utf-8", errors="replace") if wrapped.exists() else None
    return document, (directory / _KEK).exists()


def write_wrapped_kek(directory: Path, document: str) -> None:
    """Writes ``kek.wrapped``; it is durable when this returns."""
    _replace(directory / _WRAPPED, document.encode())


def remove_plain_kek(directory: Path) -> None:
    """Removes ``kek``; the deletion is durable when this returns."""
    (directory / _KEK).unlink()
    sync_folder(directory)


def next_signing_key(directory: Path) -> Ed25519PrivateKey:
    """Returns the next signing key, which is generated on the first call.

    Raises:
        OSError: when the directory cannot be written.
    """
    path = directory / _NEXT
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _replace(path, _pem(Ed25519PrivateKey.generate()))
    return _signing(path)


def activate_next_key(directory: Path, *, chain: str) -> None:
    """Makes the next key the signing key, and writes ``chain`` to the file for distribution.

    The public files are written first: after a crash in between, the same call finishes the work.
    """
    next_key = next_signing_key(directory)
    _replace(directory / CHAIN, chain.encode(), mode=0o644)
    _replace(directory / PUBLIC, _public(next_key), mode=0o644)
    (directory / _NEXT).replace(directory / _SIGNING)
    sync_folder(directory)


@contextmanager
def _missing_files_reported() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise _missing(Path(error.filename)) from error


def _missing(path: Path) -> SecretsMissing:
    folder = path.parent
    if not folder.is_dir() or not any(folder.iterdir()):
        return SecretsMissing(
            f"There are no secrets in {folder}. At a first installation run `sluis secrets create "
            f"{folder}`; otherwise restore that directory from its backup: without it stored keys, "
            "payloads and the trail's signatures cannot be used."
        )
    return _damaged(path)


def _damaged(path: Path) -> SecretsMissing:
    return SecretsMissing(
        f"{path} is missing. Restore the secrets directory from its backup: without "
        "it stored keys, payloads and the trail's signatures cannot be used."
    )


def _hex(path: Path) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def _signing(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SecretsMissing(f"{path} is not an Ed25519 private key")
    return key


def _signer(directory: Path) -> Ed25519PublicKey:
    """The public signing key: of the private one where that is, so that both are the same key."""
    private, public = directory / _SIGNING, directory / PUBLIC
    if private.exists():
        return _signing(private).public_key()
    try:
        return Ed25519PublicKey.from_public_bytes(_hex(public))
    except ValueError:
        raise SecretsMissing(f"{public} is not an Ed25519 public key in hex") from None


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public(key: Ed25519PrivateKey) -> bytes:
    return f"{key.public_key().public_bytes_raw().hex()}\n".encode()


def _replace(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replaces a file atomically: after a crash it has its new or its old content."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    _write(draft, data, mode=mode)
    draft.replace(path)
    sync_folder(path.parent)


def _write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
