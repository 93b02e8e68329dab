"""The worker's HTTP API: an ASGI app around an engine."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.core.errors import (
    InvalidRequest,
    RateLimited,
    Refusal,
    Unauthenticated,
    Unavailable,
    UnknownModel,
    UpstreamFailed,
)
from gateway.core.http_headers import CALLER, has_bearer
from gateway.telemetry import CONTENT_TYPE
from gateway.worker.embedding import EmbeddingRequest, parse_embedding
from gateway.worker.engine import Engine
from gateway.worker.generation import Generation
from gateway.worker.request import ChatRequest, parse
from gateway.worker.response_writer import DONE, ResponseWriter, error_body, event
from gateway.worker.spec import ServedModel, WorkerOptions

_Endpoint = Callable[[Request], Awaitable[Response]]
_BODY_LIMIT_BYTES = 4 << 20
_CALLER_LENGTH = 64  # characters
_DIGEST_HEADER = "x-sluis-model-digest"
_STATUS: dict[type[Refusal], tuple[int, str]] = {
    InvalidRequest: (400, "invalid_request_error"),
    Unauthenticated: (401, "authentication_error"),
    UnknownModel: (404, "invalid_request_error"),
    RateLimited: (429, "rate_limit_error"),
    Unavailable: (503, "server_error"),
    UpstreamFailed: (503, "server_error"),
}
_STATUS_BY_CODE = {"request_too_large": 413, "upstream_timeout": 504}
_SSE_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}


def create_app(engine: Engine, options: WorkerOptions) -> Starlette:
    """Build the app; on shutdown it drains and closes the engine."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.close()

    v1 = Router(
        [
            Route("/chat/completions", _Chat(engine), methods=["POST"]),
            Route("/embeddings", _Embedding(engine), methods=["POST"]),
            Route("/models", _models_of(engine), methods=["GET"]),
        ],
        redirect_slashes=False,
    )
    return Starlette(
        routes=[
            Mount("/v1", _Guard(v1, token=options.token)),
            Route("/health/live", _live, methods=["GET"]),
            Route("/health/ready", _ready_of(engine), methods=["GET"]),
            Route("/metrics", _metrics_of(engine, options.metrics_token), methods=["GET"]),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _http_error, 500: _internal_error},
        lifespan=lifespan,
    )


class _Guard:
    """Middleware that accepts only the gateway's own credential."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(received, self._expected):
            raise Unauthenticated("Send the worker token as Authorization: Bearer.")
        await self._app(scope, receive, send)


class _Chat:
    """POST /v1/chat/completions, as raw ASGI: generation must stop when the client disconnects."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = parse(await _json_body(Request(scope, receive)))
        except ClientDisconnect:
            return
        caller = Headers(scope=scope).get(CALLER, "")[:_CALLER_LENGTH]
        await _while_connected(receive, self._respond(request, caller, scope, receive, send))

    async def _respond(
        self, request: ChatRequest, caller: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async with self._engine.generate(request, caller) as (served, generation):
            writer = ResponseWriter(served.served_name, generation.tokenizer)
            if request.stream:
                await _stream(request, served, generation, writer=writer, send=send)
                return
            body = await writer.complete(generation)
        await JSONResponse(body, headers={_DIGEST_HEADER: served.digest})(scope, receive, send)


class _Embedding:
    """POST /v1/embeddings; passes end when the client disconnects."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = parse_embedding(await _json_body(Request(scope, receive)))
        except ClientDisconnect:
            return
        caller = Headers(scope=scope).get(CALLER, "")[:_CALLER_LENGTH]
        await _while_connected(receive, self._respond(request, caller, scope, receive, send))

    async def _respond(
        self, request: EmbeddingRequest, caller: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        served, found = await self._engine.embed(request, caller)
        body = await asyncio.to_thread(found.body, served.served_name, as_base64=request.base64)
        response = await asyncio.to_thread(
            JSONResponse, body, headers={_DIGEST_HEADER: served.digest}
        )
        await response(scope, receive, send)


async def _stream(
    request: ChatRequest,
    served: ServedModel,
    generation: Generation,
    *,
    writer: ResponseWriter,
    send: Send,
) -> None:
    """Send frames; after the first one an error becomes a frame, since the status has been sent."""
    async with aclosing(writer.frames(generation, include_usage=request.include_usage)) as frames:
        first = await anext(frames)
        headers = {**_SSE_HEADERS, _DIGEST_HEADER: served.digest}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await _send_frame(send, first)
        try:
            async for frame in frames:
                await _send_frame(send, frame)
        except Refusal as refusal:
            await _send_frame(send, event(error_body(refusal, kind="server_error")))
            await _send_frame(send, DONE)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_frame(send: Send, frame: bytes) -> None:
    await send({"type": "http.response.body", "body": frame, "more_body": True})


async def _while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Run work, and cancel it as soon as the client disconnects."""
    running = asyncio.create_task(work)
    disconnecting = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({running, disconnecting}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            return
        await running
    finally:
        for task in (running, disconnecting):
            task.cancel()
        await asyncio.gather(running, disconnecting, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _json_body(request: Request) -> object:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT_BYTES:
            raise InvalidRequest("The body is larger than 4 MiB.", code="request_too_large")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is not JSON.") from error


def _models_of(engine: Engine) -> _Endpoint:
    async def models(_: Request) -> Response:
        data = [
            {
                "id": name,
                "object": "model",
                "created": 0,
                "owned_by": "sluis",
                "digest": served.digest,
            }
            for name, served in engine.served_names()
        ]
        versions = [state.document() for state in engine.states()]
        return JSONResponse({"object": "list", "data": data, "versions": versions})

    return models


def _ready_of(engine: Engine) -> _Endpoint:
    async def ready(_: Request) -> Response:
        states = engine.states()
        body = {
            "loaded": sum(state.state == "ready" for state in states),
            "wanted": len(states),
            "models": [state.document() for state in states],
        }
        return JSONResponse(body, status_code=200 if engine.ready else 503)

    return ready


def _metrics_of(engine: Engine, token: str | None) -> _Endpoint:
    async def metrics(request: Request) -> Response:
        if not has_bearer(request.scope["headers"], token):
            raise Unauthenticated("Send the token of the metrics as Authorization: Bearer.")
        return Response(engine.metrics_text(), headers={"content-type": CONTENT_TYPE})

    return metrics


async def _live(_: Request) -> Response:
    return JSONResponse({"status": "live"})


async def _refused(_: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    status, kind = _STATUS.get(type(refusal), (503, "server_error"))
    headers = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
    return JSONResponse(
        error_body(refusal, kind=kind),
        status_code=_STATUS_BY_CODE.get(refusal.code, status),
        headers=headers,
    )


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    refusal = InvalidRequest("No such path or method here.", code="not_found")
    return JSONResponse(error_body(refusal, kind="invalid_request_error"), status_code=status)


async def _internal_error(_: Request, __: Exception) -> Response:
    refusal = Unavailable("The worker met an error of its own.", code="internal_error")
    return JSONResponse(error_body(refusal, kind="server_error"), status_code=500)
