"""Tells of each request what the metrics of HTTP servers hold."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
Record = Callable[[tuple[str, str, str, str], float], None]


class RequestTimer:
    """ASGI middleware, around all others."""

    def __init__(self, app: ASGIApp, record: Record) -> None:
        """``record`` gets method, route, scheme and status, and the seconds until the end."""
        self._app = app
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), ""

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
            route = getattr(scope.get("route"), "path", "")  # never a path that the caller chose
            about = (method, route, scope.get("scheme", "http"), status)
            self._record(about, time.monotonic() - began)
