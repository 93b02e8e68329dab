"""The door: the only code that opens a connection to a provider."""

import ipaddress
import logging
import pathlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from gateway.core.errors import InvalidRequest, UpstreamFailed
from gateway.core.snapshot import Provider, Snapshot
from gateway.egress.address import AddressRefused, locate
from gateway.egress.dialect import Body, Dialect, OpenAIDialect, Reading, Written
from gateway.egress.sse import EventReader

logger = logging.getLogger(__name__)
_CONNECT = timedelta(seconds=5)
_IDLE = timedelta(seconds=300)
_MAX_ANSWER = 32 * 1024 * 1024
_CALLERS_FAULT = (400, 413, 422)
MODEL_DIGEST = "x-sluis-model-digest"


@dataclass(frozen=True, slots=True)
class Departure:
    """One body on its way to one provider: what was written, and how its answer is read."""

    provider: str
    written: Written
    reading: Reading
    model_digest: str | None
    streamed: bool


class Answered:
    """An upstream that has answered 200; a context manager that closes the connection."""

    def __init__(self, departure: Departure, stack: AsyncExitStack, response: Response) -> None:
        self._reading = departure.reading
        self._stack = stack
        self._response = response

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def whole(self) -> Body:
        """The complete answer, in the OpenAI dialect.

        Raises:
            UpstreamFailed: when it is broken, too large or an error.
        """
        return await self._reading.whole(await _read_all(self._response))

    def chunks(self) -> AsyncIterator[Body]:
        """The streamed answer, in the OpenAI dialect."""
        return self._reading.chunks(self._events())

    async def _events(self) -> AsyncIterator[bytes]:
        reader = EventReader()
        try:
            while (chunk := await self._response.body_reader.read_chunk()) is not None:
                for event in reader.feed(bytes(chunk)):
                    yield event
        except PyreqwestError as error:
            raise _broken(error) from error


class Egress:
    """Connections to all providers of one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        secret: Callable[[str], str | None],
        worker_token: str,
        dialects: Mapping[str, Dialect],
    ) -> None:
        """``secret`` resolves ``env:NAME``; ``dialects`` by provider kind, OpenAI's for the rest.

        ``worker_token`` is the credential for workers that have no key of their own.
        """
        networks = [ipaddress.ip_network(network) for network in snapshot.internal_networks]
        self._dialects = dialects
        self._native = OpenAIDialect()
        self._providers: dict[str, tuple[Provider, Client, str | None]] = {}
        self.refused: dict[str, str] = {}
        for provider in snapshot.providers:
            try:
                client = _client(provider, networks)
            except AddressRefused as error:
                self.refused[provider.name] = str(error)
                logger.warning("egress:provider:refused", extra={"reason": str(error)})
                continue
            own = secret(provider.api_key) if provider.api_key else None
            key = own or (worker_token if provider.kind == "worker" else None)
            self._providers[provider.name] = (provider, client, key)

    async def write(
        self, provider: str, model: str, body: Body, *, digest: str | None
    ) -> Departure:
        """The exact bytes for a provider; nothing is sent yet.

        Raises:
            UpstreamFailed: when the provider's address was refused.
        """
        if provider not in self._providers:
            raise UpstreamFailed("This provider's address is not allowed; see the gateway's log.")
        settings, _, key = self._providers[provider]
        dialect = self._dialects.get(settings.kind, self._native)
        written, reading = await dialect.write(body, model, api_key=key)
        return Departure(provider, written, reading, digest, bool(body.get("stream")))

    async def send(self, departure: Departure) -> Answered:
        """Sends and waits for the status line.

        Raises:
            UpstreamFailed: unreachable, too slow, or an error status.
            InvalidRequest: when the provider says that the request itself is at fault.
        """
        provider, client, _ = self._providers[departure.provider]
        written = departure.written
        request = client.post(provider.base_url.rstrip("/") + written.path)
        request = request.headers({"content-type": "application/json", **written.headers})
        if departure.streamed:  # else the client library waits for 64 KiB before it gives the first
            request = request.streamed_read_buffer_limit(0)
        stack = AsyncExitStack()
        try:
            response = await stack.enter_async_context(
                request.body_bytes(written.body).build_streamed()
            )
            await _check(response, departure)
        except PyreqwestError as error:
            await stack.aclose()
            raise _broken(error) from error
        except BaseException:
            await stack.aclose()
            raise
        return Answered(departure, stack, response)

    async def close(self) -> None:
        """Closes all connections."""
        for _, client, _ in self._providers.values():
            await client.close()


def _client(provider: Provider, networks: list[Any]) -> Client:
    place = locate(provider, networks)
    builder = (
        ClientBuilder()
        .no_proxy()
        .follow_redirects(False)
        .referer(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .user_agent("sluis")
        .connect_timeout(_CONNECT)
        .read_timeout(_IDLE)
        .resolve(place.host, place.address, place.port)
    )
    if provider.ca:
        with pathlib.Path(provider.ca).open("rb") as file:
            builder = builder.add_root_certificate_pem(file.read())
    return builder.build()


async def _read_all(response: Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while (chunk := await response.body_reader.read(_MAX_ANSWER)) is not None:
            parts.append(bytes(chunk))
            size += len(chunk)
            if size > _MAX_ANSWER:
                raise UpstreamFailed("The provider's answer is too large.")
            if size < _MAX_ANSWER and response.get_header("content-length") == str(size):
                break  # nothing can follow
    except PyreqwestError as error:
        raise _broken(error) from error
    return b"".join(parts)


async def _check(response: Response, departure: Departure) -> None:
    status = response.status
    if status in _CALLERS_FAULT:
        raise InvalidRequest(
            f"The provider refused the request as invalid (HTTP {status}). Check model limits "
            "and parameters.",
            code="context_length_exceeded" if _is_too_long(await _read_all(response)) else None,
        )
    if status != 200:
        wait = response.get_header("retry-after") or ""
        raise UpstreamFailed(
            f"The provider answered with HTTP {status}.",
            retry_after=int(wait) if wait.isdigit() else None,
        )
    wanted = departure.model_digest
    if wanted and response.get_header(MODEL_DIGEST) != wanted:
        raise UpstreamFailed("The model worker serves another version than the approved one.")


def _is_too_long(answer: bytes) -> bool:
    return b"context_length_exceeded" in answer or b"prompt is too long" in answer


def _broken(error: PyreqwestError) -> UpstreamFailed:
    if isinstance(error, ConnectError):
        return UpstreamFailed("The provider cannot be reached.")
    if isinstance(error, RequestTimeoutError):
        return UpstreamFailed("The provider took too long.", code="upstream_timeout")
    return UpstreamFailed("The connection to the provider broke.", code="upstream_disconnected")
