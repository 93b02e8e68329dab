"""The client of providers: the only code that opens a connection to one."""

import ipaddress
import logging
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from gateway.core.errors import InvalidRequest, UpstreamFailed, UpstreamFault
from gateway.core.snapshot import Provider, Snapshot
from gateway.dialects.base import Body, Dialect, ResponseParser
from gateway.egress.address import (
    HostResolver,
    Network,
    ProviderRefused,
    base_url_of,
    provider_unusable,
    resolve,
)
from gateway.egress.connection_pool import SILENCE_S, ConnectionPool, Response, tls_context
from gateway.egress.over_chat import native
from gateway.egress.sse import EventReader
from gateway.egress.wire import WireFormats, WireRequest

logger = logging.getLogger(__name__)
_MAX_ANSWER = 32 * 1024 * 1024
_ALARM_S = 60.0  # between two log lines about one provider
_CALLERS_FAULT = (400, 413, 422)
_FAULTS = {
    401: UpstreamFault.OPERATOR,
    403: UpstreamFault.OPERATOR,
    404: UpstreamFault.OPERATOR,
    407: UpstreamFault.OPERATOR,
    429: UpstreamFault.LIMIT,
}
MODEL_DIGEST = "x-sluis-model-digest"


class UpstreamRequest(msgspec.Struct, frozen=True):
    """One body for one provider: what was written, and what reads its answer."""

    provider: str
    written: WireRequest
    parser: ResponseParser
    model_digest: str | None


class UpstreamResponse:
    """An upstream that has answered 200; a context manager that closes the connection."""

    def __init__(self, departure: UpstreamRequest, response: Response) -> None:
        self._parser = departure.parser
        self._response = response
        self._begun: tuple[Body, AsyncIterator[Body]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection, unless the answer was read to its end."""
        self._response.close()

    async def whole(self) -> Body:
        """The complete answer, in the dialect of the request.

        Raises:
            UpstreamFailed: when it is broken, too large or an error.
        """
        return await self._parser.read_answer(await _read_all(self._response))

    async def begin(self) -> None:
        """Waits for the first event of a stream, so that a failure before it is one of the attempt.

        Raises:
            UpstreamFailed: when there is none.
        """
        self._begun = await self._first_event()

    async def chunks(self) -> AsyncIterator[Body]:
        """The streamed answer, in the dialect of the request."""
        first, rest = self._begun or await self._first_event()
        try:
            yield first
            async for chunk in rest:
                yield chunk
        finally:
            await _close(rest)

    async def _first_event(self) -> tuple[Body, AsyncIterator[Body]]:
        """The first event of a stream, and those after it."""
        stream = self._parser.read_stream(self._events())
        try:
            return await anext(stream), stream
        except StopAsyncIteration as end:
            raise UpstreamFailed("The provider's stream is empty.") from end

    async def _events(self) -> AsyncIterator[bytes]:
        reader = EventReader()
        while (piece := await self._response.read()) is not None:
            for event in reader.feed(piece):
                yield event


@dataclass(frozen=True, slots=True)
class _Known:
    provider: Provider
    networks: tuple[str, ...]
    kind: str
    upstream: ConnectionPool
    where: HostResolver
    base: str
    key: str | None
    ca_changed: int


class UpstreamClient:
    """Connections to all providers of one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        secret: Callable[[str], str | None],
        worker_token: str,
        formats: WireFormats,
        before: "UpstreamClient | None" = None,
        silence_s: float = SILENCE_S,
    ) -> None:
        """``secret`` resolves ``env:NAME``; ``formats`` is for providers of another dialect.

        ``worker_token`` is the credential for workers that have no key of their own. Connections of
        ``before`` to the same providers are shared. ``silence_s`` is the longest pause of a
        response, in seconds.
        """
        self._formats = formats
        self._alarmed: dict[str, float] = {}  # monotonic seconds, by provider
        self._providers: dict[str, _Known] = {}
        networks = tuple(snapshot.internal_networks)
        for provider in snapshot.providers:
            own = secret(provider.api_key) if provider.api_key else None
            key = own or (worker_token if provider.kind == "worker" else None)
            known = before.same(provider, networks, key) if before else None
            try:
                self._providers[provider.name] = known or _prepare(
                    provider, networks, key, silence_s=silence_s
                )
            except ProviderRefused as error:  # the others serve
                logger.warning("egress:provider:refused", extra={"reason": str(error)})

    def speaks(self, dialect: Dialect, provider: Provider) -> bool:
        """Whether a request in this dialect can be written for a provider."""
        return _speaks(provider, dialect) or (dialect.name, provider.kind) in self._formats

    async def write(
        self, provider: str, model: str, body: Body, *, dialect: Dialect, digest: str | None
    ) -> UpstreamRequest:
        """The exact bytes for a provider, of a body in ``dialect``; nothing is sent yet.

        Raises:
            UpstreamFailed: when the provider cannot be used as it is configured.
        """
        known = self._providers.get(provider)
        if known is None or known.where.refused:
            raise provider_unusable()
        wire = self._formats.get((dialect.name, known.kind))
        if _speaks(known.provider, dialect):
            wire = native(dialect)
        if wire is None:
            raise UpstreamFailed("Nothing translates this request for the provider.")
        written, parser = await wire.write(body, model, api_key=known.key)
        return UpstreamRequest(provider, written, parser, digest)

    async def send(self, departure: UpstreamRequest) -> UpstreamResponse:
        """Sends and waits for the status line.

        Raises:
            UpstreamFailed: unreachable, too slow, or an error status.
            InvalidRequest: when the provider says that the request itself is at fault.
        """
        known, written = self._providers[departure.provider], departure.written
        headers = {"content-type": "application/json", "user-agent": "sluis", **written.headers}
        response = await known.upstream.post(known.base + written.path, headers, written.body)
        try:
            await _check(response, departure)
        except BaseException as error:
            response.close()
            if isinstance(error, UpstreamFailed) and error.fault is UpstreamFault.OPERATOR:
                self._alarm(departure.provider, response.status)
            raise
        return UpstreamResponse(departure, response)

    def _alarm(self, provider: str, status: int) -> None:
        """Log that only the operator heals a provider, once in a while and not for each request."""
        now = time.monotonic()
        if now - self._alarmed.get(provider, -_ALARM_S) >= _ALARM_S:
            self._alarmed[provider] = now
            logger.error("egress:provider:misconfigured %s HTTP %s", provider, status)

    async def close(self, *, after: "UpstreamClient | None" = None) -> None:
        """Closes all connections, save those that ``after`` shares."""
        for known in self._providers.values():
            if after is None or not after.shares(known):
                await known.upstream.close()

    def same(self, provider: Provider, networks: tuple[str, ...], key: str | None) -> _Known | None:
        """Returns the connections to a provider, if it can be used and nothing about it changed."""
        known = self._providers.get(provider.name)
        if known is None or known.where.refused:
            return None
        now = (provider, networks, key, _changed(provider.ca))
        then = (known.provider, known.networks, known.key, known.ca_changed)
        return known if now == then else None

    def shares(self, known: _Known) -> bool:
        """Returns whether these connections are its own too."""
        return self._providers.get(known.provider.name) is known


async def _close(stream: AsyncIterator[Body]) -> None:
    """A parser that is left early lets go of what it holds now, not when it is collected."""
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()


def _speaks(provider: Provider, dialect: Dialect) -> bool:
    """Whether a provider speaks a dialect itself; ``apis`` says which of those of its kind."""
    native = provider.kind in dialect.native_kinds
    return native and (provider.apis is None or dialect.name in provider.apis)


def _prepare(
    provider: Provider, networks: tuple[str, ...], key: str | None, *, silence_s: float
) -> _Known:
    """Blocks while the provider's host is resolved.

    Raises:
        ProviderRefused: when its configuration cannot be used.
    """
    if key and not (key.isascii() and key.isprintable()):
        raise ProviderRefused(f"provider {provider.name}: its api_key does not fit into a header")
    url = base_url_of(provider)
    tls = _trusted(provider) if url.scheme == "https" else None
    internal: list[Network] = [ipaddress.ip_network(network) for network in networks]
    where = HostResolver(partial(resolve, provider, internal), clock=time.monotonic)
    where.refresh()
    authority = url.netloc.rpartition("@")[2]
    upstream = ConnectionPool(authority, where, tls=tls, silence_s=silence_s)
    path, changed = url.path.rstrip("/"), _changed(provider.ca)
    return _Known(provider, networks, provider.kind, upstream, where, path, key, changed)


def _changed(path: str | None) -> int:
    """When a file of certificates was changed: it may hold others then. 0 without one."""
    try:
        return Path(path).stat().st_mtime_ns if path else 0
    except OSError:
        return 0


def _trusted(provider: Provider) -> ssl.SSLContext:
    try:
        return tls_context(provider.ca)
    except OSError as error:  # errors of TLS are OSErrors
        raise ProviderRefused(
            f"provider {provider.name}: the certificates in {provider.ca} cannot be used"
        ) from error


async def _read_all(response: Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    while (piece := await response.read()) is not None:
        parts.append(piece)
        size += len(piece)
        if size > _MAX_ANSWER:
            raise UpstreamFailed("The provider's answer is too large.")
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _check(response: Response, departure: UpstreamRequest) -> None:
    status = response.status
    if status in _CALLERS_FAULT:
        raise InvalidRequest(
            f"The provider refused the request as invalid (HTTP {status}). Check model limits "
            "and parameters.",
            code="context_length_exceeded" if _is_too_long(await _read_all(response)) else None,
        )
    if status != 200:
        wait = response.header("retry-after") or ""
        raise UpstreamFailed(
            f"The provider answered with HTTP {status}.",
            fault=_FAULTS.get(status, UpstreamFault.OUTAGE),
            retry_after=int(wait) if wait.isdigit() else None,
        )
    wanted = departure.model_digest
    if wanted and response.header(MODEL_DIGEST) != wanted:
        raise UpstreamFailed("The model worker serves another version than the approved one.")


def _is_too_long(answer: bytes) -> bool:
    return b"context_length_exceeded" in answer or b"prompt is too long" in answer
