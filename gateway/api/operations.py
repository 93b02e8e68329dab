"""Health, readiness and metrics of the data plane."""

from collections.abc import Callable

from gateway.api.asgi import Scope, Send, send_json, send_start

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Operations:
    """Health, readiness and metrics for the operator; none of them needs a credential."""

    def __init__(
        self,
        *,
        ready: Callable[[], str | None],
        metrics: Callable[[], str],
        degraded: Callable[[], str | None],
    ) -> None:
        """``ready`` gives None, or why this process cannot serve yet.

        ``degraded`` gives None, or what does not work as it should while it serves.
        """
        self._ready = ready
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
            problem = self._ready()
            status = {"status": "waiting", "reason": problem} if problem else {"status": "ready"}
            if not problem and (degraded := self._degraded()):
                status["degraded"] = degraded
            await send_json(send, 503 if problem else 200, status, {})
