"""One question to a key service: bounded in time and size, and nothing of it in an error."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.core.system.secrets import KekUnavailable
from gateway.key_services.wrapped_key import KeyReference, is_loopback

_CONNECT_S = 2.0
_TOTAL_S = 10.0
_MOST = 64 * 1024


class KeyServiceUnavailable(KekUnavailable):
    """The service cannot be reached, or not now: asking again may help."""


@dataclass(frozen=True, slots=True)
class KeyServiceResponse:
    """Its status and its JSON object, which is empty when it sent none."""

    status: int
    document: dict[str, Any]

    def text(self, *path: str) -> str:
        """The text under these names, or an empty one."""
        found: Any = self.document
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""


async def posted(
    place: KeyReference,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    ca: Path | None = None,
) -> KeyServiceResponse:
    """Posts to the service, and to nothing that it redirects to; ``ca`` is an authority of its own.

    Raises:
        ServiceAway: when it cannot be reached within 2 s, or did not answer within 10 s.
        KekSealed: when it is not to be trusted, or sent more than any honest answer.
    """
    try:
        async with (
            asyncio.timeout(_TOTAL_S),
            httpx.AsyncClient(
                timeout=httpx.Timeout(_TOTAL_S, connect=_CONNECT_S),
                verify=_trust(ca) if ca else True,
                trust_env=not is_loopback(place.address),
            ) as client,
            client.stream("POST", place.address + path, content=body, headers=headers) as answer,
        ):
            text = bytearray()
            async for block in answer.aiter_bytes():
                text += block
                if len(text) > _MOST:
                    raise KekUnavailable(f"{place} sent too much; check the address.")
    except (httpx.HTTPError, TimeoutError) as error:
        raise _trouble(place, error) from error
    return KeyServiceResponse(answer.status_code, _object(bytes(text)))


def sendable(name: str, value: str) -> str:
    """A credential as a header takes it.

    Raises:
        KekSealed: when it has characters that no credential has; does not show it.
    """
    if not value.isascii() or not value.isprintable() or " " in value:
        raise KekUnavailable(f"{name} holds characters that cannot be sent; set it anew.")
    return value


def _trust(ca: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # errors of TLS are OSErrors
        raise KekUnavailable(f"VAULT_CACERT: {ca} is no PEM file that can be read.") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _trouble(place: KeyReference, error: Exception) -> KekUnavailable:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return KekUnavailable(
            f"{place}: its certificate is not trusted ({cause.verify_message}). If it is of an "
            "authority of your own, name that in VAULT_CACERT (Vault) or SSL_CERT_FILE."
        )
    return KeyServiceUnavailable(
        f"{place} cannot be reached ({type(error).__name__}); check the address, the network and "
        "that the service runs."
    )
