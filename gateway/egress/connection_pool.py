"""A pool of HTTP/1.1 connections to one provider, on asyncio and llhttp (the parser of Node.js).

An HTTP client library costs more than all governance of a request together (docs/adr/0006).
Connections go to resolved and checked addresses (``address``), of the provider or of the proxy that
is configured for it (``tunnel``). Nothing here resolves, follows a redirect, or sends a request a
second time.
"""

import asyncio
import ssl
from collections.abc import Collection, Mapping

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.core.system.authorities import system_authorities
from gateway.egress.address import HostResolver, ResolvedHost
from gateway.egress.connection import Connection, Response
from gateway.egress.tunnel import Tunnel, TunnelRefused, check_pins, digest_of

CONNECT_S = 5.0
SILENCE_S = 300.0
_IDLE_S = 60.0
_MAX_IDLE = 256


def tls_context(ca: str | None, *, only: bool = False) -> ssl.SSLContext:
    """Returns the TLS context for a provider: the system's roots, and ``ca`` (a PEM file).

    ``only`` leaves out the system's roots.

    Raises:
        OSError: when the file cannot be read.
    """
    if ca and only:
        return ssl.create_default_context(cafile=ca)
    context = system_authorities()
    if ca:
        context.load_verify_locations(ca)
    return context


class ConnectionPool:
    """Connections to one provider. A connection carries one request at a time."""

    def __init__(
        self,
        authority: str,
        resolver: HostResolver,
        *,
        tls: ssl.SSLContext | None,
        tunnel: Tunnel | None = None,
        pins: Collection[str] = (),
        connect_s: float = CONNECT_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """``authority`` is the host header.

        With a ``tunnel``, ``resolver`` gives the addresses of the proxy. ``pins`` are public keys
        of which the provider must show one. ``connect_s`` and ``silence_s`` (the longest pause in a
        response) are in seconds.
        """
        self._authority = authority
        self._resolver = resolver
        self._tls = tls
        self._tunnel = tunnel
        self._pins = pins
        self._certificate = ""
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._idle: list[Connection] = []
        self._waiting: dict[Response, float] = {}  # since when, the longest first
        self._silence_timer: asyncio.TimerHandle | None = None

    async def post(
        self,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        connect_s: float | None = None,
    ) -> Response:
        """Sends a body to a path and waits for the response's status and headers.

        ``connect_s`` is for this request alone.

        Raises:
            UpstreamFailed: unreachable, silent, or not HTTP.
        """
        return await self._exchange("POST", target, headers, body, connect_s)

    async def get(self, target: str, headers: Mapping[str, str]) -> Response:
        """Asks for a path and waits for the response's status and headers.

        Raises:
            UpstreamFailed: unreachable, silent, or not HTTP.
        """
        return await self._exchange("GET", target, headers, b"", None)

    async def _exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        connect_s: float | None,
    ) -> Response:
        head = self._head(method, target, headers, len(body))
        connection = self._idle_connection() or await self._connect(connect_s or self._connect_s)
        response = connection.send(head, body)
        try:
            await response.wait_for_headers()
        except BaseException:
            response.close()
            raise
        return response

    async def ready(self, connect_s: float | None = None) -> str:
        """Returns the digest of the provider's certificate; a connection for a request is open.

        Raises:
            UpstreamFailed: when the provider cannot be reached.
        """
        connection = self._idle_connection() or await self._connect(connect_s or self._connect_s)
        connection.idle_since = connection.loop.time()
        self.put_back(connection)
        return self._certificate

    async def close(self) -> None:
        """Closes the idle connections."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def add_waiting(self, response: Response, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the silence timeout of a reader; one timer for all readers is cheaper."""
        self._waiting[response] = loop.time()
        if self._silence_timer is None:
            self._silence_timer = loop.call_later(self._silence_s, self._end_silent, loop)

    def remove_waiting(self, response: Response) -> None:
        """Ends the silence timeout of a reader."""
        self._waiting.pop(response, None)

    def _end_silent(self, loop: asyncio.AbstractEventLoop) -> None:
        self._silence_timer = None
        now = loop.time()
        for response, waiting_since in list(self._waiting.items()):
            remaining = waiting_since + self._silence_s - now
            if remaining > 0:
                self._silence_timer = loop.call_later(remaining, self._end_silent, loop)
                return
            response.time_out()

    def put_back(self, connection: Connection) -> None:
        """Takes back a connection whose response has been read to its end."""
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.abort()

    def _idle_connection(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.loop.time() - connection.idle_since < _IDLE_S:
                return connection
            connection.abort()
        return None

    async def _connect(self, connect_s: float) -> Connection:
        """Connects to the first address that answers; each has its share of the time."""
        resolved = await self._resolver.resolved()
        attempt_s = connect_s / len(resolved.addresses)
        last_error: Exception | None = None
        for address in resolved.addresses:
            try:
                async with asyncio.timeout(attempt_s):
                    return await self._connect_to(address, resolved)
            except (OSError, TimeoutError) as error:  # errors of TLS are OSErrors
                last_error = error
                if isinstance(error, TunnelRefused):
                    raise _refused(error) from error
        self._resolver.invalidate()
        raise UpstreamFailed("The provider cannot be reached.") from last_error

    async def _connect_to(self, address: str, resolved: ResolvedHost) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(loop, self)
        if self._tunnel is not None and self._tls is not None:
            plain = await self._tunnel.open(address, resolved.port, connection)
            try:
                transport = await loop.start_tls(
                    plain, connection, self._tls, server_hostname=self._tunnel.host
                )
            except BaseException:
                plain.abort()  # a loop may leave it open
                raise
            if transport is None:
                raise ConnectionResetError
            connection.connection_made(transport)
        else:
            await loop.create_connection(
                lambda: connection,
                address,
                resolved.port,
                ssl=self._tls,
                server_hostname=resolved.host if self._tls else None,
            )
        self._check(connection)
        return connection

    def _check(self, connection: Connection) -> None:
        """Checks who answers, before anything is sent."""
        secured = connection.secured
        if secured is None:
            return
        try:
            if self._pins:
                check_pins(secured, self._pins)
        except BaseException:
            connection.abort()
            raise
        if self._tunnel is not None:
            self._certificate = digest_of(secured)

    def _head(self, method: str, target: str, headers: Mapping[str, str], length: int) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"content-length: {length}", "", ""]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:  # a line break in a path or a credential
            raise UpstreamFailed("This provider's settings cannot be sent as headers.")
        return head.encode("latin-1")


def _refused(error: TunnelRefused) -> UpstreamFailed:
    """A failure that only the operator heals."""
    return UpstreamFailed(f"The provider cannot be reached: {error}.", fault=UpstreamFault.OPERATOR)
