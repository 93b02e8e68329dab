"""From the wrapped key to the key and back, and how long a start waits for the service."""

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
PATIENCE_S = 30.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


class KeyService(Protocol):
    """One key of a key service."""

    async def encrypt(self, plain: bytes) -> str:
        """The ciphertext, as ``kek.wrapped`` holds it."""
        ...

    async def decrypt(self, ciphertext: str) -> bytes:
        """What was encrypted."""
        ...


async def unwrapped(
    text: str,
    logins: KeyServiceCredentials,
    *,
    patience_s: float = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> bytes:
    """The key-encryption key out of what ``kek.wrapped`` says.

    A service that is away is asked again for ``patience_s`` seconds: on Kubernetes a process may start
    before its network does.

    Raises:
        KekSealed: when it does not open; says what to do, and shows neither key nor token.
    """
    sealed = WrappedKek.parse(text)
    ends, pause = clock() + patience_s, _FIRST_PAUSE_S
    while True:
        try:
            return await _opened(sealed, logins)
        except KeyServiceUnavailable as away:
            left = ends - clock()
            if left <= 0:
                raise
            logger.warning("secrets:kek:wait %s Asked again for %.0f s more.", away, left)
        await sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE_S)


async def wrapped(kek: bytes, place: KeyReference, logins: KeyServiceCredentials) -> WrappedKek:
    """The key under the newest version of a key of the service, which was seen to open it again.

    Raises:
        KekSealed: when the service does not encrypt it, or does not give back what it encrypted.
    """
    try:
        sealed = WrappedKek(place, await _service(place, logins).encrypt(kek))
    except ValueError:
        raise KekUnavailable(f"{place} answered no ciphertext; check the address.") from None
    if not hmac.compare_digest(await _opened(sealed, logins), kek):
        raise KekUnavailable(
            f"{place} gave back another key than it was sent; nothing was changed."
        )
    return sealed


async def _opened(sealed: WrappedKek, logins: KeyServiceCredentials) -> bytes:
    kek = await _service(sealed.place, logins).decrypt(sealed.ciphertext)
    if len(kek) != KEK_BYTES:
        raise KekUnavailable(
            f"{sealed.place} opened kek.wrapped, and in it are not {KEK_BYTES} bytes: it is no key of "
            "Sluis. Restore it from its backup."
        )
    return kek


def _service(place: KeyReference, logins: KeyServiceCredentials) -> KeyService:
    if place.service == VAULT:
        return VaultTransit(place, logins.vault)
    return AwsKms(place, logins.aws)
