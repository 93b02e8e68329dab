"""The raw ASGI application for ``/v1``: routes, errors, and nothing else on the hot path."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway.api.asgi import (
    Message,
    Receive,
    Scope,
    Send,
    bearer_of,
    hang_up,
    read_body,
    send_json,
)
from gateway.api.asgi import headers_of as request_headers
from gateway.api.headers import headers_of
from gateway.api.not_served import reason_for
from gateway.core.errors import InvalidRequest, Refusal, Unavailable
from gateway.core.http_errors import NOT_ALLOWED, status_of, waiting_of
from gateway.core.http_headers import check_single, language_of
from gateway.core.system.logs import fault_fields
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.request.context import AuditRecord, IncomingRequest
from gateway.telemetry import Exchange, Telemetry
from gateway.telemetry.timeline import ADMIT, RECEIVE

logger = logging.getLogger(__name__)

_WATCH_AFTER_S = 0.2
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"}
_DEFAULT: Dialect = OpenAIChat()  # the shape of errors where no route was found
_ANTHROPIC: Dialect = AnthropicMessages()  # the same for clients that send its header

Endpoint = Callable[[IncomingRequest, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. ``surface`` is its name on record; errors have the shape of ``dialect``.

    ``of_no_dialect``: they have the shape that the client reads.
    """

    method: str
    path: str
    surface: str
    dialect: Dialect
    endpoint: Endpoint
    of_no_dialect: bool = False


class V1:
    """Dispatches requests. Paths count with and without ``/v1`` and a trailing slash."""

    def __init__(
        self,
        routes: list[Route],
        *,
        clock: Callable[[], float],
        max_body: int,
        refused: Callable[[AuditRecord, BaseException], Awaitable[None]],
        telemetry: Telemetry,
    ) -> None:
        """``refused`` puts on record what no pipeline has seen; ``max_body`` is in bytes."""
        self._routes = {(route.method, route.path): route for route in routes}
        self._prefixes = [route for route in routes if route.path.endswith("/")]
        self._clock = clock
        self._max_body = max_body
        self._refused = refused
        self._telemetry = telemetry
        self._watched: dict[_Watch, float] = {}  # since when, the longest first
        self._look: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, from its first byte to the last of its answer."""
        timeline = self._telemetry.arrived()
        record = AuditRecord(os.urandom(16).hex(), timeline, scope.get("client"))
        # Asking for the running loop is a system call in Python 3.11.
        self._loop = loop = self._loop or asyncio.get_running_loop()
        watch = _Watch(receive, asyncio.current_task(loop))
        started, dialect = _StartSeen(send), _shape_for(scope)
        route = self._find(scope["method"], scope["path"])
        try:
            if route is None:
                if _full(scope["path"]).startswith("/v1/messages/"):
                    dialect = _ANTHROPIC
                await self._no_such_route(scope, record, messages=dialect is _ANTHROPIC)
            else:
                dialect = dialect if route.of_no_dialect else route.dialect
                await self._check_headers(route, scope, record)
                await route.endpoint(self._incoming(route, scope, record, watch), started)
        except Refusal as refusal:
            timeline.code = refusal.code
            allow = self._allow(scope) if refusal.code == NOT_ALLOWED else {}
            await _send_refusal(started, record, refusal, dialect, allow)
        except asyncio.CancelledError:
            if not watch.left:
                raise
            # The client has left: its entry is closed, and no answer is due.
        except Exception as fault:  # noqa: BLE001 - the edge of the process: no detail leaves
            timeline.code = "internal_error"
            about = {"audit_id": record.audit_id, **fault_fields(fault)}
            logger.error("api:request:fault", extra=about)
            await _send_fault(started, record, fault, dialect)
        finally:
            self._watched.pop(watch, None)
            watch.stop()
            self._telemetry.served(timeline, _exchange(scope, route, started.status), record.fields)

    def _watch(self, watch: "_Watch") -> None:
        """Most answers are out before a watch begins; one timer for all is cheap."""
        self._watched[watch] = self._clock()
        if self._look is None:
            self._look = self._later(_WATCH_AFTER_S)

    def _begin_watches(self) -> None:
        self._look = None
        now = self._clock()
        for watch, since in list(self._watched.items()):
            left = since + _WATCH_AFTER_S - now
            if left > 0:
                self._look = self._later(left)
                return
            del self._watched[watch]
            watch.begin()

    def _later(self, seconds: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self._begin_watches)

    async def _check_headers(self, route: Route, scope: Scope, record: AuditRecord) -> None:
        record.note(surface=route.surface)
        try:
            check_single(scope["headers"])
        except InvalidRequest as refusal:
            await self._refused(record, refusal)
            raise

    def _incoming(
        self, route: Route, scope: Scope, record: AuditRecord, watch: "_Watch"
    ) -> IncomingRequest:
        headers = request_headers(scope)
        record.language = language_of(headers)

        async def read() -> bytes:
            record.timeline.lap(ADMIT)
            body = await read_body(watch.receive, headers, limit=self._max_body)
            record.timeline.lap(RECEIVE)
            self._watch(watch)
            return body

        if route.path.endswith("/"):
            record.path = _full(scope["path"])[len(route.path) :]
        return IncomingRequest(record, route.dialect, _credential(headers), headers, read)

    def _find(self, method: str, path: str) -> Route | None:
        full = _full(path)
        route = self._routes.get((method, full))
        if route is None:
            route = next(
                (r for r in self._prefixes if r.method == method and full.startswith(r.path)), None
            )
        return route

    async def _no_such_route(self, scope: Scope, record: AuditRecord, *, messages: bool) -> None:
        known = bool(self._allow(scope))
        code = NOT_ALLOWED if known else "not_found"
        what = f"{scope['method']} is not possible here." if known else "There is no such path."
        reason = None if known else reason_for(_full(scope["path"]), messages=messages)
        refusal = InvalidRequest(reason or f"{what} {self._endpoints()}", code=code)
        await self._refused(record, refusal)
        raise refusal

    def _allow(self, scope: Scope) -> dict[str, str]:
        """The methods of a path (RFC 9110, section 10.2.1); none where there is no such path."""
        methods = [method for method in sorted(_METHODS) if self._find(method, scope["path"])]
        return {"allow": ", ".join(methods)} if methods else {}

    def _endpoints(self) -> str:
        """A sentence that names the endpoints of all dialects."""
        offered = [
            f"{route.method} {route.path}"
            for route in self._routes.values()
            if route.surface == route.dialect.name
        ]
        verb = "endpoint is" if len(offered) == 1 else "endpoints are"
        return f"The {verb} {', '.join(offered)}."


def _shape_for(scope: Scope) -> Dialect:
    """The shape of errors of routes that belong to no dialect: what the client reads."""
    known = any(name == b"anthropic-version" for name, _ in scope["headers"])
    return _ANTHROPIC if known else _DEFAULT


def _full(path: str) -> str:
    """Base URLs are configured with and without the version."""
    trimmed = path.rstrip("/")
    return trimmed if f"{trimmed}/".startswith("/v1/") else "/v1" + trimmed


class _StartSeen:
    """Remembers the status that went out, after which only a cut can tell of a fault."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    @property
    def started(self) -> bool:
        return self.status > 0

    async def __call__(self, message: Message) -> None:
        if not self.status:
            self.status = message["status"]
        await self._send(message)


class _Watch:
    """Cancels a request when its client leaves."""

    def __init__(self, receive: Receive, request: "asyncio.Task[None] | None") -> None:
        self.receive = receive
        self.left = False
        self._request = request
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.ensure_future(hang_up(self.receive))
        self._task.add_done_callback(self._gone)

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _gone(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and self._request is not None:
            self.left = True
            self._request.cancel()


def _exchange(scope: Scope, route: Route | None, status: int) -> Exchange:
    """What telemetry says of the request as HTTP: nothing in it is chosen by the caller."""
    method, path = scope["method"], route.path if route else ""
    known = method if method in _METHODS else "_OTHER"
    return Exchange(known, path, scope.get("scheme", "http"), status, scope["headers"])


def _credential(headers: Mapping[str, str]) -> str | None:
    return bearer_of(headers) or headers.get("x-api-key")


async def _send_refusal(
    send: _StartSeen,
    record: AuditRecord,
    refusal: Refusal,
    dialect: Dialect,
    more: Mapping[str, str],
) -> None:
    refusal.request_id = record.audit_id
    headers = headers_of(record, on_record=not isinstance(refusal, Unavailable))
    headers |= {**waiting_of(refusal), **more}
    await send_json(send, status_of(refusal), dialect.error_body(refusal), headers)


async def _send_fault(
    send: _StartSeen, record: AuditRecord, fault: Exception, dialect: Dialect
) -> None:
    if send.started:
        raise fault  # the server cuts the connection: never a clean end after a failure
    refusal = Refusal("Something went wrong inside the gateway.", code="internal_error")
    refusal.request_id = record.audit_id
    await send_json(send, 500, dialect.error_body(refusal), headers_of(record, on_record=True))
