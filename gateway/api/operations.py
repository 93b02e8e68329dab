"""Health, readiness and metrics of the data plane."""

from collections.abc import Callable, Mapping

from gateway.api.asgi import Scope, Send, send_json, send_start

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Operations:
    """Health, readiness and metrics for the operator; none of them needs a credential."""

    def __init__(
        self,
        *,
        not_ready: Callable[[], Mapping[str, str]],
        metrics: Callable[[], str],
        degraded: Callable[[], str | None],
    ) -> None:
        """``not_ready`` gives the parts for want of which this process cannot serve, with reasons.

        ``degraded`` gives None, or what does not work as it should while it serves.
        """
        self._not_ready = not_ready
        self._degraded = degraded
        self._metrics = metrics

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answers GET of one of ``PATHS``."""
        if scope["path"] == "/metrics":
            body = self._metrics().encode()
            await send_start(send, 200, _METRICS_TYPE, {}, length=len(body))
            await send({"type": "http.response.body", "body": body})
        elif scope["path"] == "/healthz":
            await send_json(send, 200, {"status": "ok"}, {})
        else:
            await self._readiness(send)

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
