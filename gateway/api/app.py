"""The data plane's HTTP application.

Raw ASGI, because route machinery would cost more than governing does (docs/adr/0003).
"""

from collections.abc import Callable

from gateway.api.asgi import Receive, Scope, Send
from gateway.api.chat import ChatEndpoint
from gateway.api.detect import DetectEndpoint
from gateway.api.models import ModelsEndpoint
from gateway.api.operations import PATHS, Operations
from gateway.api.v1 import V1, Route
from gateway.request.pipeline import Pipeline

MAX_BODY = 4 * 1024 * 1024


class DataPlane:
    """``/v1`` and the operational paths."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        clock: Callable[[], float],
        ready: Callable[[], str | None],
        metrics: Callable[[], str],
        degraded: Callable[[], str | None] = lambda: None,
    ) -> None:
        """``ready`` gives None, or why this process cannot serve yet.

        ``degraded`` gives None, or what does not work as it should while it serves.
        """
        chat, models, detect = (
            ChatEndpoint(pipeline),
            ModelsEndpoint(pipeline),
            DetectEndpoint(pipeline),
        )
        self._v1 = V1(
            [
                Route("POST", "/v1/chat/completions", "chat_completions", chat),
                Route("GET", "/v1/models", "models", models),
                Route("GET", "/v1/models/", "models", models),
                Route("POST", "/v1/privacy/detect", "privacy_detect", detect),
            ],
            clock=clock,
            max_body=MAX_BODY,
            refused=pipeline.refused,
        )
        self._operations = Operations(ready=ready, metrics=metrics, degraded=degraded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] in PATHS and scope["method"] == "GET":
            await self._operations(scope, send)
        else:
            await self._v1(scope, receive, send)
