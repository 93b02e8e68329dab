"""Health, readiness, metrics and the OpenAPI document of the data plane."""

from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.api.asgi import JSON, Scope, Send, send_json, send_start
from gateway.core.errors import InvalidRequest, Unauthenticated
from gateway.core.http_errors import NOT_ALLOWED, body_of
from gateway.core.http_headers import has_bearer
from gateway.telemetry import CONTENT_TYPE

_NO_TOKEN = body_of(Unauthenticated("Send the token of the metrics as Authorization: Bearer."))
_GET_ONLY = body_of(InvalidRequest("Only GET is possible here.", code=NOT_ALLOWED))
_DOCUMENT = Path(__file__).with_name("openapi.json")  # the same in every installation
PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})


class Operations:
    """Metrics ask for a credential where one is configured; the rest is public."""

    def __init__(
        self,
        *,
        not_ready: Callable[[], Mapping[str, str]],
        metrics: Callable[[], str],
        degraded: Callable[[], str | None],
        metrics_token: str | None,
    ) -> None:
        """``not_ready`` gives the parts for want of which this process cannot serve, with reasons.

        ``degraded`` gives None, or what does not work as it should while it serves. Without the
        ``metrics_token`` as a bearer no metrics are given; None asks for none.
        """
        self._not_ready = not_ready
        self._degraded = degraded
        self._metrics = metrics
        self._metrics_token = metrics_token
        self._document = _DOCUMENT.read_bytes()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answers GET of one of ``PATHS``."""
        if scope["method"] != "GET":
            await send_json(send, 405, _GET_ONLY, {"allow": "GET"})
        elif scope["path"] == "/metrics":
            await self._exposition(scope, send)
        elif scope["path"] == "/openapi.json":
            await _send_whole(send, JSON, self._document)
        elif scope["path"] == "/healthz":
            await send_json(send, 200, {"status": "ok"}, {})
        else:
            await self._readiness(send)

    async def _exposition(self, scope: Scope, send: Send) -> None:
        if not has_bearer(scope["headers"], self._metrics_token):
            await send_json(send, 401, _NO_TOKEN, {"www-authenticate": "Bearer"})
            return
        await _send_whole(send, CONTENT_TYPE.encode(), self._metrics().encode())

    async def _readiness(self, send: Send) -> None:
        parts = dict(self._not_ready())
        if parts:
            waiting = {"status": "waiting", "reason": next(iter(parts.values())), "parts": parts}
            await send_json(send, 503, waiting, {})
            return
        status = {"status": "ready"}
        if degraded := self._degraded():
            status["degraded"] = degraded
        await send_json(send, 200, status, {})


async def _send_whole(send: Send, content_type: bytes, body: bytes) -> None:
    await send_start(send, 200, content_type, {}, length=len(body))
    await send({"type": "http.response.body", "body": body})
