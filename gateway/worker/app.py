"""The worker's HTTP surface, as an ASGI app around an engine."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
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
from gateway.worker.engine import Engine
from gateway.worker.generation import Generation
from gateway.worker.request import ChatRequest, parse
from gateway.worker.response_writer import DONE, ResponseWriter, error_body, event
from gateway.worker.spec import ServedModel, WorkerOptions

_Endpoint = Callable[[Request], Awaitable[Response]]
_BODY_LIMIT_BYTES = 4 << 20
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
    """The app; on shutdown it drains and closes the engine."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.close()

    v1 = Router(
        [
            Route("/chat/completions", _Chat(engine), methods=["POST"]),
            Route("/models", _models_of(engine), methods=["GET"]),
        ],
        redirect_slashes=False,
    )
    return Starlette(
        routes=[
            Mount("/v1", _Guard(v1, token=options.token)),
            Route("/health/live", _live, methods=["GET"]),
            Route("/health/ready", _ready_of(engine), methods=["GET"]),
            Route("/metrics", _metrics_of(engine), methods=["GET"]),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _http_error, 500: _broken},
        lifespan=lifespan,
    )


class _Guard:
    """Lets only the gateway's own credential in."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, self._expected):
            raise Unauthenticated("Send the worker token as Authorization: Bearer.")
        await self._app(scope, receive, send)


class _Chat:
    """POST /v1/chat/completions. Raw ASGI: the answer must end when the client has left."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = parse(await _json_body(Request(scope, receive)))
        except ClientDisconnect:
            return
        await _while_connected(receive, self._answer(request, scope, receive, send))

    async def _answer(
        self, request: ChatRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async with self._engine.answer(request) as (served, answer):
            shape = ResponseWriter(served.served_name, answer.tokenizer)
            if request.stream:
                await _stream(request, served, answer, shape=shape, send=send)
                return
            body = await shape.whole(answer)
        await JSONResponse(body, headers={_DIGEST_HEADER: served.digest})(scope, receive, send)


async def _stream(
    request: ChatRequest,
    served: ServedModel,
    answer: Generation,
    *,
    shape: ResponseWriter,
    send: Send,
) -> None:
    """Send frames; after the first an error becomes a frame, since the status is out."""
    async with aclosing(shape.frames(answer, include_usage=request.include_usage)) as frames:
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
    """Run work, and cancel it as soon as the client has gone."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            return
        await working
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
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
                "digest": state.served.digest,
            }
            for state in engine.states()
            if state.state in ("ready", "restarting")
            for name in (state.served.served_name, *state.served.aliases)
        ]
        return JSONResponse({"object": "list", "data": data})

    return models


def _ready_of(engine: Engine) -> _Endpoint:
    async def ready(_: Request) -> Response:
        states = engine.states()
        body = {
            "loaded": sum(state.state == "ready" for state in states),
            "wanted": len(states),
            "models": [
                {
                    "id": state.served.served_name,
                    "digest": state.served.digest,
                    "state": state.state,
                    "reason": state.reason,
                }
                for state in states
            ],
        }
        return JSONResponse(body, status_code=200 if engine.ready else 503)

    return ready


def _metrics_of(engine: Engine) -> _Endpoint:
    async def metrics(_: Request) -> Response:
        return PlainTextResponse(engine.metrics_text(), media_type="text/plain; version=0.0.4")

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


async def _broken(_: Request, __: Exception) -> Response:
    refusal = Unavailable("The worker met an error of its own.", code="internal_error")
    return JSONResponse(error_body(refusal, kind="server_error"), status_code=500)
