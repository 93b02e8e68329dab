"""``sluis secrets wrap`` and ``rewrap``: wrap the key-encryption key by a key service.

A file is replaced only after the service has unwrapped the new one.
"""

import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.system.credentials import KeyServiceCredentials
from gateway.core.system.secrets import (
    kek_files,
    plain_kek,
    remove_plain_kek,
    wrapped_kek,
    write_wrapped_kek,
)
from gateway.key_services import KMS, VAULT, KeyReference, WrappedKek, unwrap_kek, wrap_kek

_REGION = re.compile(r"^arn:[\w-]+:kms:([a-z0-9-]+):|\bkms(?:-fips)?\.([a-z0-9-]+)\.", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """The options that name a key; ``vault`` and ``kms`` are addresses; None is absent."""

    vault: str | None
    kms: str | None
    key: str | None
    mount: str | None
    region: str | None

    def reference(self) -> KeyReference:
        """The key, from complete options.

        Raises:
            ConfigError: when an option is missing or does not fit.
        """
        if bool(self.vault) is bool(self.kms):
            raise ConfigError("Give the address of the key service: --vault or --kms, one of them.")
        if not self.key:
            raise ConfigError("Give --key, the name or ARN of the key that is to encrypt.")
        if (self.mount and self.kms) or (self.region and self.vault):
            raise ConfigError("--mount goes with --vault, and --region with --kms.")
        with _as_config_error():
            if self.vault:
                mount = (self.mount or "transit").strip("/")
                return KeyReference(VAULT, self.vault.rstrip("/"), self.key, mount=mount)
            address = (self.kms or "").rstrip("/")
            found = _REGION.search(self.key) or _REGION.search(address)
            region = self.region or (found and (found[1] or found[2])) or ""
            if not region:
                raise ConfigError("Give --region: neither the key nor the address contains it.")
            return KeyReference(KMS, address, self.key, region=region)

    def updated(self, before: KeyReference) -> KeyReference:
        """The key; options that are not given stay as in ``before``.

        Raises:
            ConfigError: when the result cannot be used.
        """
        if self.vault or self.kms:
            return self.reference()
        changes = {"key": self.key, "mount": self.mount, "region": self.region}
        with _as_config_error():
            return replace(before, **{name: value for name, value in changes.items() if value})


async def wrap(directory: Path, named: KeySpec, logins: KeyServiceCredentials) -> dict[str, Any]:
    """Replace ``kek`` by ``kek.wrapped``; returns the changed files.

    After a crash the same call finishes the work.

    Raises:
        SecretsMissing: when there is no key to wrap, or the service does not wrap it.
        ConfigError: when no key service is named, the key is wrapped already, or the directory
            cannot be written.
    """
    place = named.reference()
    document, plain = kek_files(directory)
    if document is not None and not plain:
        raise ConfigError(
            f"{directory}: the key is wrapped already, by {WrappedKek.parse(document).reference}. "
            "`sluis secrets rewrap` puts it under another."
        )
    kek = plain_kek(directory)
    if document is not None and not hmac.compare_digest(await unwrap_kek(document, logins), kek):
        raise ConfigError(
            f"{directory}: kek and kek.wrapped are different keys. One of them is of another "
            "installation, or of an old backup: move that one away."
        )
    sealed = await wrap_kek(kek, place, logins)
    with _explained_write(directory):
        write_wrapped_kek(directory, str(sealed))
        remove_plain_kek(directory)
    return {"wrapped_by": str(place), "written": str(directory / "kek.wrapped"), "removed": "kek"}


async def rewrap(directory: Path, named: KeySpec, logins: KeyServiceCredentials) -> dict[str, Any]:
    """Wrap the key again: under the newest version of its key, or under the named one.

    Raises:
        SecretsMissing: when the service does not unwrap the key, or does not wrap it again.
        ConfigError: when it is not wrapped, or the directory cannot be written.
    """
    document = wrapped_kek(directory)
    if document is None:
        raise ConfigError(f"{directory} has no kek.wrapped; `sluis secrets wrap` makes it.")
    before = WrappedKek.parse(document).reference
    sealed = await wrap_kek(await unwrap_kek(document, logins), named.updated(before), logins)
    with _explained_write(directory):
        write_wrapped_kek(directory, str(sealed))
    return {"wrapped_by": str(sealed.reference), "written": str(directory / "kek.wrapped")}


@contextmanager
def _as_config_error() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"This key cannot be used: {error}.") from error


@contextmanager
def _explained_write(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{directory} cannot be written ({error.strerror}): wrap the key where it can be, and "
            "put the files into the secret by hand."
        ) from error
