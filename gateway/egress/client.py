"""The client of providers: the only code that opens a connection to one."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from typing import Self

import msgspec

from gateway.core.errors import InvalidRequest, UpstreamFailed, UpstreamFault
from gateway.core.http_headers import CALLER
from gateway.core.snapshot import Provider, Snapshot, Timeouts
from gateway.dialects.base import Body, Dialect, ResponseParser
from gateway.egress.address import ProviderRefused, provider_unusable
from gateway.egress.bedrock.event_stream import MEDIA_TYPE, EventStreamReader
from gateway.egress.connection import Response
from gateway.egress.deadlines import NO_TIMEOUTS, AttemptDeadlines
from gateway.egress.formats import native
from gateway.egress.served_names import WorkerReport, report_of
from gateway.egress.sse import EventReader
from gateway.egress.upstream import Material, Upstream, material_of, prepare
from gateway.egress.wire import WireFormats, WireRequest

logger = logging.getLogger(__name__)
_MAX_ANSWER = 32 * 1024 * 1024
_LIST_S = 5.0  # for the list of models of an engine
_ALARM_S = 60.0  # between two log lines about one provider
_CALLERS_FAULT = (400, 413, 422)
_TOO_LONG = (
    b"context_length_exceeded",
    b"prompt is too long",
    b"Input is too long",
    b"maximum context length",  # vLLM
    b"exceed_context_size_error",  # llama.cpp
)
_FAULTS = dict.fromkeys((401, 403, 404, 407), UpstreamFault.OPERATOR) | {429: UpstreamFault.LIMIT}
MODEL_DIGEST = "x-sluis-model-digest"


class UpstreamRequest(msgspec.Struct, frozen=True):
    """One body for one provider: what was written, what reads its answer, and how long to wait.

    ``caller`` is the pseudonym by which a worker lets callers take turns, empty elsewhere.
    """

    provider: str
    written: WireRequest
    parser: ResponseParser
    model_digest: str | None
    timeouts: Timeouts = NO_TIMEOUTS
    caller: str = ""


class UpstreamResponse:
    """An upstream that has answered 200; a context manager that closes the connection.

    ``size`` is that of the answer, or of the last event of a stream, in bytes.
    """

    def __init__(
        self, departure: UpstreamRequest, response: Response, deadlines: AttemptDeadlines | None
    ) -> None:
        self._parser = departure.parser
        self._response = response
        self._deadlines = deadlines
        self.size = 0
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
        answer = await _read_all(self)
        self.size = len(answer)
        return await self._parser.read_answer(answer)

    async def begin(self) -> None:
        """Waits for the first event of a stream, so that a failure before it is one of the attempt.

        Raises:
            UpstreamFailed: when there is none.
        """
        if self._deadlines is None:
            self._begun = await self._first_event()
            return
        async with self._deadlines.first():
            self._begun = await self._first_event()

    async def read(self) -> bytes | None:
        """The next piece of the body, None at its end.

        Raises:
            UpstreamFailed: when it is broken, or does not come in time.
        """
        if self._deadlines is None:
            return await self._response.read()
        async with self._deadlines.piece():
            return await self._response.read()

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
        binary = (self._response.header("content-type") or "").startswith(MEDIA_TYPE)
        reader = EventStreamReader() if binary else EventReader()
        while (piece := await self.read()) is not None:
            for event in reader.feed(piece):
                self.size = len(event)
                yield event


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
    ) -> None:
        """``secret`` resolves ``env:NAME``; ``formats`` is for providers of another dialect.

        ``worker_token`` is the credential for workers that have no key of their own. Connections of
        ``before`` to the same providers are shared.
        """
        self._formats = formats
        self._alarmed: dict[str, float] = {}  # monotonic seconds, by provider
        self._upstreams: dict[str, Upstream] = {}
        networks = tuple(snapshot.internal_networks)
        for provider in snapshot.providers:
            material = material_of(provider, networks, secret, worker_token)
            known = before.same(material) if before else None
            try:
                self._upstreams[provider.name] = known or prepare(material)
            except ProviderRefused as error:  # the others serve
                logger.warning(
                    "egress:provider:refused correct the provider in sluis.yaml, or what it names",
                    extra={"provider": provider.name, "reason": str(error)},
                )

    def speaks(self, dialect: Dialect, provider: Provider) -> bool:
        """Whether a request in this dialect can be written for a provider."""
        return _speaks(provider, dialect) or (dialect.name, provider.kind) in self._formats

    async def write(
        self,
        provider: str,
        model: str,
        body: Body,
        *,
        dialect: Dialect,
        digest: str | None,
        timeouts: Timeouts = NO_TIMEOUTS,
        caller: str = "",
    ) -> UpstreamRequest:
        """The exact bytes for a provider, of a body in ``dialect``; nothing is sent yet.

        Raises:
            UpstreamFailed: when the provider cannot be used as it is configured.
        """
        upstream = self._upstreams.get(provider)
        if upstream is None or upstream.resolver.refused:
            raise provider_unusable()
        configured = upstream.material.provider
        wire = self._formats.get((dialect.name, configured.kind))
        if _speaks(configured, dialect):
            wire = native(dialect)
        if wire is None:
            raise UpstreamFailed("Nothing translates this request for the provider.")
        written, parser = await wire.write(body, model, configured)
        return UpstreamRequest(provider, written, parser, digest, timeouts, caller)

    def prepared(
        self, provider: str, written: WireRequest, parser: ResponseParser, timeouts: Timeouts
    ) -> UpstreamRequest:
        """A departure of bytes that no dialect wrote; nothing is sent yet.

        Raises:
            UpstreamFailed: when the provider cannot be used as it is configured.
        """
        upstream = self._upstreams.get(provider)
        if upstream is None or upstream.resolver.refused:
            raise provider_unusable()
        return UpstreamRequest(provider, written, parser, None, timeouts)

    async def route(self, departure: UpstreamRequest) -> dict[str, str]:
        """What is on record of the way to the provider before anything leaves; opens it.

        Empty for a provider that is reached directly: its address was checked.

        Raises:
            UpstreamFailed: when it cannot be reached.
        """
        upstream = self._upstreams[departure.provider]
        if upstream.proxy is None:
            return {}
        try:
            certificate = await upstream.pool.ready(departure.timeouts.connect)
        except UpstreamFailed as failure:
            self._note(departure.provider, failure)
            raise
        return {"proxy": upstream.proxy, "certificate": certificate}

    async def lists(self, departure: UpstreamRequest, model: str) -> bool:
        """Whether an engine lists a model under this name; False when it lists no names.

        Raises:
            UpstreamFailed: when it lists others, or cannot be asked.
        """
        upstream = self._upstreams[departure.provider]
        try:
            async with asyncio.timeout(_LIST_S):
                return await upstream.served.lists(model, partial(_list_of, upstream))
        except TimeoutError as error:
            raise UpstreamFailed("The engine does not say which models it serves.") from error
        except UpstreamFailed as failure:
            self._note(departure.provider, failure)
            raise

    async def report(self, provider: str) -> WorkerReport:
        """What a worker has loaded.

        Raises:
            UpstreamFailed: when it cannot be asked.
        """
        upstream = self._upstreams.get(provider)
        if upstream is None or upstream.resolver.refused:
            raise provider_unusable()
        try:
            async with asyncio.timeout(_LIST_S):
                return report_of(*await _list_of(upstream))
        except TimeoutError as error:
            raise UpstreamFailed("The worker does not report its versions in time.") from error
        except UpstreamFailed as failure:
            self._note(provider, failure)
            raise

    async def send(self, departure: UpstreamRequest) -> UpstreamResponse:
        """Sends and waits for the status line.

        Raises:
            UpstreamFailed: unreachable, too slow, an error status, or no credential.
            InvalidRequest: when the provider says that the request itself is at fault.
        """
        try:
            return await self._send_in_time(departure)
        except UpstreamFailed as failure:
            self._note(departure.provider, failure)
            raise

    async def _send_in_time(self, departure: UpstreamRequest) -> UpstreamResponse:
        if departure.timeouts == NO_TIMEOUTS:
            return await self._send(departure, None)
        deadlines = AttemptDeadlines(departure.timeouts)
        async with deadlines.first():
            return await self._send(departure, deadlines)

    async def _send(
        self, departure: UpstreamRequest, deadlines: AttemptDeadlines | None
    ) -> UpstreamResponse:
        upstream, written = self._upstreams[departure.provider], departure.written
        target = upstream.base + written.path
        headers = {
            "content-type": "application/json",
            "user-agent": "sluis",
            **written.headers,
            **({CALLER: departure.caller} if departure.caller else {}),
            **await upstream.credential.headers(target, written.body),
        }
        response = await upstream.pool.post(
            target, headers, written.body, connect_s=departure.timeouts.connect
        )
        try:
            await _check(response, departure)
        except BaseException:
            response.close()
            raise
        return UpstreamResponse(departure, response, deadlines)

    def _note(self, provider: str, failure: UpstreamFailed) -> None:
        """Log that only the operator heals a provider, once in a while and not for each request."""
        now = time.monotonic()
        due = now - self._alarmed.get(provider, -_ALARM_S) >= _ALARM_S
        if due and failure.fault is UpstreamFault.OPERATOR:
            self._alarmed[provider] = now
            about = {"provider": provider, "reason": failure.message}
            logger.error("egress:provider:misconfigured", extra=about)

    async def close(self, *, after: "UpstreamClient | None" = None) -> None:
        """Closes all connections, save those that ``after`` shares."""
        for upstream in self._upstreams.values():
            if after is None or not after.shares(upstream):
                await upstream.close()

    def same(self, material: Material) -> Upstream | None:
        """Returns the connections to a provider, if it can be used and nothing about it changed."""
        known = self._upstreams.get(material.provider.name)
        if known is None or known.resolver.refused or known.material != material:
            return None
        return known

    def shares(self, upstream: Upstream) -> bool:
        """Returns whether these connections are its own too."""
        return self._upstreams.get(upstream.material.provider.name) is upstream


async def _list_of(upstream: Upstream) -> tuple[int, bytes]:
    """Status and body of the list of models of an engine."""
    target = f"{upstream.base}/models"
    credential = await upstream.credential.headers(target, b"")
    response = await upstream.pool.get(target, {"user-agent": "sluis", **credential})
    try:
        return response.status, await _read_all(response)
    finally:
        response.close()


async def _close(stream: AsyncIterator[Body]) -> None:
    """A parser that is left early lets go of what it holds now, not when it is collected."""
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()


def _speaks(provider: Provider, dialect: Dialect) -> bool:
    """Whether a provider speaks a dialect itself; ``apis`` says which of those of its kind."""
    native = provider.kind in dialect.native_kinds
    return native and (provider.apis is None or dialect.name in provider.apis)


async def _read_all(response: Response | UpstreamResponse) -> bytes:
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
        raise _refused_as_invalid(status, await _read_all(response))
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


def _refused_as_invalid(status: int, answer: bytes) -> InvalidRequest:
    """What the caller can mend; nothing of the provider's answer is quoted."""
    if b"content_filter" in answer:
        return InvalidRequest(
            "The provider's content filter refused the request.", code="content_filter"
        )
    too_long = any(words in answer for words in _TOO_LONG)
    return InvalidRequest(
        f"The provider refused the request as invalid (HTTP {status}). Check model limits "
        "and parameters.",
        code="context_length_exceeded" if too_long else None,
    )
