"""The check value of the key-encryption key: a constant, sealed under it, beside what it seals."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.core.system.secrets import SecretsMissing

_NONCE_BYTES = 12
_CONSTANT = b"sluis key-encryption key"
_BOUND_TO = b"sluis kek check v1"


class WrongKek(SecretsMissing):
    """The key-encryption key is not the one that the database was written with."""


def seal_check(kek: bytes) -> bytes:
    """Returns a check value of the key."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, _CONSTANT, _BOUND_TO)


def require_same_kek(kek: bytes, stored: bytes, *, where: str) -> None:
    """Checks that a stored check value was sealed under this key; ``where`` it is stored.

    Raises:
        WrongKek: when it was not.
    """
    try:
        AESGCM(kek).decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], _BOUND_TO)
    except (InvalidTag, ValueError):
        raise WrongKek(
            f"The key-encryption key (kek or kek.wrapped) is not the one that {where} was written "
            "with. Nothing was written. Restore the secrets directory that belongs to this "
            "database, or the database that belongs to these secrets."
        ) from None
