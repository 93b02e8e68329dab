"""Health, readiness and metrics of the data plane."""

from collections.abc import Callable, Mapping

from gateway.api.asgi import Scope, Send, send_json, send_start
from gateway.core.errors import Unauthenticated
from gateway.core.http_errors import body_of
from gateway.core.http_headers import has_bearer
from gateway.telemetry import CONTENT_TYPE

_NO_TOKEN = body_of(Unauthenticated("Send the token of the metrics as Authorization: Bearer."))
PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Operations:
    """Health and readiness without a credential, metrics where configured with one."""

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

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answers GET of one of ``PATHS``."""
        if scope["path"] == "/metrics":
            await self._exposition(scope, send)
        elif scope["path"] == "/healthz":
            await send_json(send, 200, {"status": "ok"}, {})
        else:
            await self._readiness(send)

    async def _exposition(self, scope: Scope, send: Send) -> None:
        if not has_bearer(scope["headers"], self._metrics_token):
            await send_json(send, 401, _NO_TOKEN, {"www-authenticate": "Bearer"})
            return
        body = self._metrics().encode()
        await send_start(send, 200, CONTENT_TYPE.encode(), {}, length=len(body))
        await send({"type": "http.response.body", "body": body})

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
