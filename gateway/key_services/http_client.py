"""One request to a key service: bounded in time and size. Errors hold nothing of its content."""

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
_MAX_BYTES = 64 * 1024


class KeyServiceUnavailable(KekUnavailable):
    """The service cannot be reached, or not now: a retry may help."""


@dataclass(frozen=True, slots=True)
class KeyServiceResponse:
    """The HTTP status and the JSON object, which is empty without one."""

    status: int
    document: dict[str, Any]

    def text(self, *path: str) -> str:
        """Returns the text at this path of names, or an empty one."""
        found: Any = self.document
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""


async def post(
    reference: KeyReference,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    ca: Path | None = None,
) -> KeyServiceResponse:
    """Posts to the service, without following redirects; ``ca`` is the file of a private authority.

    Raises:
        KeyServiceUnavailable: when it cannot be reached within 2 s, or does not answer within 10 s.
        KekUnavailable: when its certificate is not trusted, or its response is too large.
    """
    try:
        async with (
            asyncio.timeout(_TOTAL_S),
            httpx.AsyncClient(
                timeout=httpx.Timeout(_TOTAL_S, connect=_CONNECT_S),
                verify=_tls_context(ca) if ca else True,
                trust_env=not is_loopback(reference.address),
            ) as client,
            client.stream(
                "POST", reference.address + path, content=body, headers=headers
            ) as response,
        ):
            text = bytearray()
            async for block in response.aiter_bytes():
                text += block
                if len(text) > _MAX_BYTES:
                    raise KekUnavailable(f"{reference} sent too much; check the address.")
    except (httpx.HTTPError, TimeoutError) as error:
        raise _connection_error(reference, error) from error
    return KeyServiceResponse(response.status_code, _json_object(bytes(text)))


def header_value(name: str, value: str) -> str:
    """Returns a credential as a header value.

    Raises:
        KekUnavailable: when it has characters that no credential has; does not show it.
    """
    if not value.isascii() or not value.isprintable() or " " in value:
        raise KekUnavailable(f"{name} holds characters that cannot be sent; set it anew.")
    return value


def _tls_context(ca: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # errors of TLS are OSErrors
        raise KekUnavailable(f"VAULT_CACERT: {ca} is no PEM file that can be read.") from error


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _connection_error(reference: KeyReference, error: Exception) -> KekUnavailable:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return KekUnavailable(
            f"{reference}: its certificate is not trusted ({cause.verify_message}). If it is of an "
            "authority of your own, name that in VAULT_CACERT (Vault) or SSL_CERT_FILE."
        )
    return KeyServiceUnavailable(
        f"{reference} cannot be reached ({type(error).__name__}); check the address, the network "
        "and that the service runs."
    )
