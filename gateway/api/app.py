"""The data plane's HTTP application: ``/v1`` raw, the rest in FastAPI."""

from collections.abc import Callable

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from gateway.api.asgi import Receive, Scope, Send
from gateway.api.chat import Chat
from gateway.api.detect import Detect
from gateway.api.models import Models
from gateway.api.v1 import V1, Route
from gateway.pipeline import Pipeline

MAX_BODY = 4 * 1024 * 1024


class DataPlane:
    """Sends ``/v1`` past the route machinery, which costs more than all governance together."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        clock: Callable[[], float],
        ready: Callable[[], str | None],
        metrics: Callable[[], str],
    ) -> None:
        """``ready`` gives None, or why this process cannot serve yet."""
        chat, models, detect = Chat(pipeline), Models(pipeline), Detect(pipeline)
        self._v1 = V1(
            [
                Route("POST", "/v1/chat/completions", "chat_completions", chat),
                Route("POST", "/chat/completions", "chat_completions", chat),
                Route("GET", "/v1/models", "models", models),
                Route("GET", "/models", "models", models),
                Route("GET", "/v1/models/", "models", models),
                Route("POST", "/v1/privacy/detect", "privacy_detect", detect),
            ],
            clock=clock,
            max_body=MAX_BODY,
            refused=pipeline.refused,
        )
        self._rest = _operations(ready, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] not in _OPERATIONS:
            await self._v1(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


_OPERATIONS = frozenset({"/healthz", "/readyz", "/metrics"})


def _operations(ready: Callable[[], str | None], metrics: Callable[[], str]) -> FastAPI:
    app = FastAPI(title="Sluis data plane", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> Response:
        problem = ready()
        if problem:
            return JSONResponse({"status": "waiting", "reason": problem}, status_code=503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics")
    async def show_metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics(), media_type="text/plain; version=0.0.4")

    return app
