"""Wraps and unwraps the key-encryption key, with retries while the service is unavailable."""

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.core.system.credentials import KeyServiceCredentials
from gateway.core.system.secrets import KEK_BYTES, KekUnavailable
from gateway.key_services.http_client import KeyServiceUnavailable
from gateway.key_services.kms import AwsKms
from gateway.key_services.vault import VaultTransit
from gateway.key_services.wrapped_key import VAULT, KeyReference, WrappedKek

logger = logging.getLogger(__name__)
UNWRAP_TIMEOUT_S = 30.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


class KeyService(Protocol):
    """One key of a key service."""

    async def encrypt(self, plain: bytes) -> str:
        """Returns the ciphertext, in the form of ``kek.wrapped``."""
        ...

    async def decrypt(self, ciphertext: str) -> bytes:
        """Returns the plaintext."""
        ...


async def unwrap_kek(
    text: str,
    credentials: KeyServiceCredentials,
    *,
    timeout_s: float = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> bytes:
    """Returns the key-encryption key from the text of ``kek.wrapped``.

    An unavailable service is retried for ``timeout_s`` seconds: on Kubernetes a process may start
    before its network does.

    Raises:
        KekUnavailable: when it cannot be unwrapped; says what to do, without key or token.
    """
    wrapped_kek = WrappedKek.parse(text)
    deadline, pause = clock() + timeout_s, _FIRST_PAUSE_S
    while True:
        try:
            return await _decrypt(wrapped_kek, credentials)
        except KeyServiceUnavailable as unavailable:
            remaining = deadline - clock()
            if remaining <= 0:
                raise
            logger.warning(
                "secrets:kek:wait",
                extra={"reason": str(unavailable), "remaining_s": round(remaining)},
            )
        await sleep(min(pause, remaining))
        pause = min(pause * 2, _LONGEST_PAUSE_S)


async def wrap_kek(
    kek: bytes, reference: KeyReference, credentials: KeyServiceCredentials
) -> WrappedKek:
    """Wraps the key with the newest version of a service's key, and checks that it unwraps again.

    Raises:
        KekUnavailable: when the service does not encrypt it, or decrypts it to another key.
    """
    try:
        wrapped_kek = WrappedKek(reference, await _service(reference, credentials).encrypt(kek))
    except ValueError:
        raise KekUnavailable(f"{reference} answered no ciphertext; check the address.") from None
    if not hmac.compare_digest(await _decrypt(wrapped_kek, credentials), kek):
        raise KekUnavailable(
            f"{reference} gave back another key than it was sent; nothing was changed."
        )
    return wrapped_kek


async def _decrypt(wrapped_kek: WrappedKek, credentials: KeyServiceCredentials) -> bytes:
    kek = await _service(wrapped_kek.reference, credentials).decrypt(wrapped_kek.ciphertext)
    if len(kek) != KEK_BYTES:
        raise KekUnavailable(
            f"{wrapped_kek.reference} opened kek.wrapped, and in it are not {KEK_BYTES} bytes: it "
            "is no key of Sluis. Restore it from its backup."
        )
    return kek


def _service(reference: KeyReference, credentials: KeyServiceCredentials) -> KeyService:
    if reference.service == VAULT:
        return VaultTransit(reference, credentials.vault)
    return AwsKms(reference, credentials.aws)
