"""Sign-in and body of a request to ``/admin/v1`` or ``/scim/v2``, before any route sees it.

FastAPI parses a body before it resolves dependencies. So the caller is authenticated here first,
and the body is read up to the limit of its route.
"""

from collections.abc import Callable, Mapping

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.core.errors import InvalidRequest, Refusal
from gateway.core.http_headers import check_single
from gateway.governance.access_control.service import SignIn
from gateway.governance.http import errors

ACTOR = "sluis.actor"  # the key in the ASGI scope
_ADMIN, _SCIM = "/admin/v1/", "/scim/v2"
_KIB = 1024
_LIMIT = 1024 * _KIB
# Routes with larger bodies. What a schema allows fits in any JSON escaping.
LIMITS: Mapping[str, int] = {
    "/admin/v1/apply": 8192 * _KIB,
    "/admin/v1/policies/try": 8192 * _KIB,
    "/admin/v1/policies/check": 8192 * _KIB,
    "/admin/v1/policies/difference": 8192 * _KIB,
    "/admin/v1/policies/replay": 8192 * _KIB,
    "/admin/v1/policies/replay/texts": 8192 * _KIB,
    "/admin/v1/policies/proposals": 8192 * _KIB,
    "/admin/v1/terms": 32_768 * _KIB,
    "/admin/v1/models/uploads": 8192 * _KIB,
    "/admin/v1/subjects/replay": 32_768 * _KIB,
    "/admin/v1/evaluations/suites": 32_768 * _KIB,
}


class BodyReader:
    """ASGI middleware that authenticates, then reads the body."""

    def __init__(
        self, app: ASGIApp, sign_in: SignIn, scim_refused: Callable[[Refusal], Response]
    ) -> None:
        """``scim_refused`` gives a refusal the form of SCIM's errors."""
        self._app = app
        self._scim_refused = scim_refused
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. The actor is in the scope under ``ACTOR``."""
        if scope["type"] != "http" or not scope["path"].startswith((_ADMIN, _SCIM)):
            await self._app(scope, receive, send)
            return
        refused = self._scim_refused if scope["path"].startswith(_SCIM) else errors.refusal_response
        try:
            check_single(scope["headers"])
            headers = dict(scope["headers"])
            client = scope.get("client")
            scope[ACTOR] = await self._sign_in.actor(_credential(headers), client and client[0])
            body = await _read(receive, headers, LIMITS.get(scope["path"].rstrip("/"), _LIMIT))
        except Refusal as refusal:
            await refused(refusal)(scope, receive, send)
            return
        except OSError as error:
            failure = errors.system_failure(error)
            await refused(failure)(scope, receive, send)
            return
        if body is not None:
            await self._app(_typed(scope, body), _Replay(body, receive), send)


def _typed(scope: Scope, body: bytes) -> Scope:
    """The scope; without its content type if the body is no JSON.

    FastAPI refuses broken JSON before it resolves dependencies, and other bodies after that.
    """
    try:
        orjson.loads(body or b"null")
    except orjson.JSONDecodeError:
        kept = [header for header in scope["headers"] if header[0] != b"content-type"]
        return {**scope, "headers": kept}
    return scope


class _Replay:
    """The body that was read, then what the connection reports."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes | None:
    """The body; None when the client left.

    Raises:
        InvalidRequest: as soon as it is larger than ``limit`` bytes.
    """
    declared = headers.get(b"content-length", b"")
    size = int(declared) if declared.isdigit() else 0
    body = bytearray()
    more = True
    while more and size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        size = len(body)
        more = message.get("more_body", False)
    if size > limit:
        raise InvalidRequest(
            f"The request body is larger than {limit} bytes.", code="request_too_large"
        )
    return bytes(body)


def _credential(headers: Mapping[bytes, bytes]) -> str | None:
    scheme, _, credential = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return credential.strip() or None if scheme.lower() == "bearer" else None
