"""Tunnels through a corporate proxy (HTTP CONNECT), and certificates that are pinned.

The proxy resolves the provider's name, so no address can be checked here. The certificate alone
says who answers: a provider behind a proxy trusts its own ``ca`` only, or has pins.

Source: RFC 9110, section 9.3.6 (CONNECT); RFC 7469, section 2.4 (pins of a public key).
"""

import asyncio
import base64
import hashlib
import ssl
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_MAX_HEAD = 16_384
_OK = b" 200"
_REFUSED = {407: "asks for a credential (proxy_auth)", 403: "does not allow this host"}


class TunnelRefused(ConnectionError):
    """The proxy gives no tunnel, or another server than the pinned one answers."""


@dataclass(frozen=True, slots=True, repr=False)  # it holds a credential
class Tunnel:
    """The way to ``host`` and ``port`` through a proxy; ``credential`` is ``user:password``."""

    proxy: str
    host: str
    port: int
    credential: str | None = None

    async def open(self, address: str, port: int, protocol: asyncio.Protocol) -> asyncio.Transport:
        """A plain transport to the provider, by the proxy at an address, for a protocol.

        Raises:
            TunnelRefused: when the proxy gives none.
            OSError: when it cannot be reached.
        """
        loop = asyncio.get_running_loop()
        transport, asked = await loop.create_connection(
            lambda: _Asked(loop.create_future()), address, port
        )
        try:
            transport.write(self._request())
            await asked.answered
        except BaseException:
            transport.abort()
            raise
        transport.set_protocol(protocol)
        return transport

    def _request(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [f"CONNECT {host}:{self.port} HTTP/1.1", f"host: {host}:{self.port}"]
        if self.credential:
            encoded = base64.b64encode(self.credential.encode()).decode()
            lines.append(f"proxy-authorization: Basic {encoded}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


class _Asked(asyncio.Protocol):
    """Reads the proxy's answer to CONNECT."""

    def __init__(self, answered: "asyncio.Future[None]") -> None:
        self.answered = answered
        self._head = bytearray()

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, complete, rest = self._head.partition(b"\r\n\r\n")
        if not complete and len(self._head) < _MAX_HEAD:
            return
        status = bytes(head.split(b"\r\n", 1)[0])
        if not complete or rest:  # no provider speaks before the TLS handshake
            self._end(TunnelRefused("the proxy's answer is not one to CONNECT"))
        elif status.startswith(b"HTTP/1.") and status[8:12] == _OK:
            self._end(None)
        else:
            self._end(TunnelRefused(_why(status)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(TunnelRefused("the proxy closed the connection"))

    def _end(self, failure: Exception | None) -> None:
        if self.answered.done():
            return
        if failure is None:
            self.answered.set_result(None)
        else:
            self.answered.set_exception(failure)


def _why(status: bytes) -> str:
    code = status[9:12].decode("ascii", "replace")
    told = _REFUSED.get(int(code) if code.isdigit() else 0)
    return f"the proxy {told}" if told else f"the proxy answered {code}"


def digest_of(secured: ssl.SSLObject) -> str:
    """The SHA-256 of the certificate that the other side showed, in hex."""
    return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()


def check_pins(secured: ssl.SSLObject, pins: Any) -> None:
    """Check that the certificate has one of the pinned public keys.

    Raises:
        TunnelRefused: when it has none of them.
    """
    der = secured.getpeercert(binary_form=True)
    shown = pin_of(x509.load_der_x509_certificate(der)) if der else ""
    if shown not in pins:
        raise TunnelRefused("the certificate has none of the pinned keys (pins)")


def pin_of(certificate: x509.Certificate) -> str:
    """The pin of a certificate's public key, as curl writes it."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256//{base64.b64encode(hashlib.sha256(key).digest()).decode()}"
