"""Endpoints that generate text: one dialect over the pipeline, whole or streamed."""

import asyncio

from gateway.api.asgi import JSON, Send, send_json, send_start
from gateway.api.headers import headers_of
from gateway.core.errors import Refusal
from gateway.request.context import AdmittedRequest, AuditRecord, IncomingRequest
from gateway.request.idempotency import GivenAnswer
from gateway.request.pipeline import Pipeline
from gateway.request.response import GovernedResponse
from gateway.request.transparency import transparency_headers

_EVENT_STREAM = b"text/event-stream; charset=utf-8"
_STREAM_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_KEEP_ALIVE_S = 12.0
_KEEP_ALIVE = b": keep-alive\n\n"


class GenerationEndpoint:
    """Answers requests in the dialect in which they came."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """Answers one request.

        Raises:
            Refusal: as long as no status was sent.
        """
        admitted = await self._pipeline.admit(incoming)
        once = admitted.once
        if once is None:
            await self._answer(incoming, admitted, send)
        elif given := await self._pipeline.repeated(admitted, once):
            await _send_again(send, given, incoming.record)
        else:
            async with self._pipeline.claimed(once):
                await self._answer(incoming, admitted, send)

    async def _answer(
        self, incoming: IncomingRequest, admitted: AdmittedRequest, send: Send
    ) -> None:
        if admitted.request.facts.streams:
            stream = _Stream(send, incoming.record)
            try:
                async with self._pipeline.answer(admitted) as answer:
                    await stream.run(answer)
            except Refusal as refusal:
                await stream.fail(refusal)
            else:
                await stream.end()
        else:
            async with self._pipeline.answer(admitted) as answer:
                body = await answer.whole()
            await send_json(send, 200, body, _headers_of(incoming.record))


def _headers_of(record: AuditRecord) -> dict[str, str]:
    """Those of an answer, which say that an AI system made it."""
    return headers_of(record, on_record=True) | transparency_headers(record)


async def _send_again(send: Send, given: GivenAnswer, record: AuditRecord) -> None:
    """A stored answer in the form in which it went out first."""
    headers = _headers_of(record)
    if given.streams:
        await send_start(send, 200, _EVENT_STREAM, headers | _STREAM_HEADERS)
    else:
        await send_start(send, 200, JSON, headers, length=len(given.body))
    await send({"type": "http.response.body", "body": given.body})


class _Stream:
    """Frames on the wire.

    Nothing is sent before the first chunk, so that an early failure has a status of its own. The
    last event goes out after the closing entry is durable; after a failure it follows an error
    event, so that no client takes a broken answer for a whole one.
    """

    def __init__(self, send: Send, record: AuditRecord) -> None:
        self._send = send
        self._record = record
        self._answer: GovernedResponse | None = None
        self._started = False
        self._silent: asyncio.TimerHandle | None = None
        self._comment: asyncio.Task[None] | None = None

    async def run(self, answer: GovernedResponse) -> None:
        self._answer = answer
        try:
            async for frame in answer.frames():
                await self._write(frame)
        finally:
            self._stay_silent()

    async def fail(self, refusal: Refusal) -> None:
        if not self._started:
            raise refusal
        refusal.request_id = self._record.audit_id
        await self._finish(refusal)

    async def end(self) -> None:
        if not self._started:
            await self._start()
        await self._finish(None)

    async def _finish(self, refusal: Refusal | None) -> None:
        self._stay_silent()
        body = self._answer.last_frame(refusal) if self._answer else b""
        if kept := self._record.fields.get("kept"):  # a comment, which readers of events skip
            body = f": x-sluis-kept: {kept}\n\n".encode() + body
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self) -> None:
        self._started = True
        headers = _headers_of(self._record) | _STREAM_HEADERS
        await send_start(self._send, 200, _EVENT_STREAM, headers)

    async def _write(self, frame: bytes) -> None:
        if not self._started:
            await self._start()
        self._wait_no_longer()
        await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        self._wait_no_longer()  # a frame or a comment that was sent meanwhile waits too
        self._silent = asyncio.get_running_loop().call_later(_KEEP_ALIVE_S, self._keep_alive)

    def _keep_alive(self) -> None:
        self._comment = asyncio.ensure_future(self._write(_KEEP_ALIVE))

    def _stay_silent(self) -> None:
        """Also when a comment waits for a slow client: it must not follow the end of the answer."""
        self._wait_no_longer()
        if self._comment:
            self._comment.cancel()

    def _wait_no_longer(self) -> None:
        if self._silent:
            self._silent.cancel()
