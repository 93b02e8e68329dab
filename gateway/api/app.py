"""The data plane's HTTP application.

Raw ASGI, because route machinery would cost more than governing does (docs/adr/0003).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from gateway.api.asgi import Application, Receive, Scope, Send
from gateway.api.count_tokens import CountTokensEndpoint
from gateway.api.detect import DetectEndpoint
from gateway.api.generation import GenerationEndpoint
from gateway.api.models import ModelsEndpoint
from gateway.api.moderations import ModerationsEndpoint
from gateway.api.operations import PATHS, Operations
from gateway.api.v1 import V1, Route
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.registry import DIALECTS
from gateway.request.pipeline import Pipeline

MAX_BODY = 4 * 1024 * 1024
_OFFERED = tuple(DIALECTS.values())


class DataPlane:
    """``/v1`` and the operational paths."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        clock: Callable[[], float],
        not_ready: Callable[[], Mapping[str, str]],
        metrics: Callable[[], str],
        degraded: Callable[[], str | None] = lambda: None,
        metrics_token: str | None = None,
        dialects: Iterable[Dialect] = _OFFERED,
        origins: Sequence[str] = (),
    ) -> None:
        """``not_ready`` gives the parts for want of which this process cannot serve, with reasons.

        ``degraded`` gives None, or what does not work as it should while it serves. ``dialects``
        are the API dialects on offer, ``metrics_token`` the bearer that ``/metrics`` asks for.
        Scripts of pages at ``origins`` may read the answers of ``/v1``.
        """
        self._v1 = V1(
            routes_of(pipeline, dialects),
            clock=clock,
            max_body=MAX_BODY,
            refused=pipeline.refused,
            telemetry=pipeline.telemetry,
        )
        self._entry = _for_origins(self._v1, origins) if origins else self._v1
        self._operations = Operations(
            not_ready=not_ready, metrics=metrics, degraded=degraded, metrics_token=metrics_token
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] in PATHS:
            await self._operations(scope, send)
        else:
            await self._entry(scope, receive, send)


def _for_origins(app: Application, origins: Sequence[str]) -> Application:
    """The application with the headers by which browsers let these origins in (Fetch, CORS)."""
    from starlette.middleware.cors import CORSMiddleware

    wrapped = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=("*",),
    )
    return cast("Application", wrapped)


def routes_of(pipeline: Pipeline, dialects: Iterable[Dialect] = _OFFERED) -> list[Route]:
    """All endpoints of ``/v1``."""
    return [*_dialect_routes(pipeline, dialects), *_own_routes(pipeline)]


def _dialect_routes(pipeline: Pipeline, dialects: Iterable[Dialect]) -> list[Route]:
    endpoint = GenerationEndpoint(pipeline)
    return [Route("POST", one.path, one.name, one, endpoint) for one in dialects]


def _own_routes(pipeline: Pipeline) -> list[Route]:
    """Endpoints beside those of the dialects; errors of those of no dialect have OpenAI's shape."""
    models, detect, shape = ModelsEndpoint(pipeline), DetectEndpoint(pipeline), OpenAIChat()
    messages, count = AnthropicMessages(), CountTokensEndpoint(pipeline)
    return [
        Route("POST", "/v1/messages/count_tokens", "count_tokens", messages, count),
        Route("GET", "/v1/models", "models", shape, models, of_no_dialect=True),
        Route("GET", "/v1/models/", "models", shape, models, of_no_dialect=True),
        Route("POST", "/v1/privacy/detect", "privacy_detect", shape, detect),
        Route("POST", "/v1/moderations", "moderations", shape, ModerationsEndpoint(pipeline)),
    ]
