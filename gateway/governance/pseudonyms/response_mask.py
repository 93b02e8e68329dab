"""Masks persons in every JSON response of the control plane, while the setting hides them.

It wraps the routes, so that a new one cannot forget it. Files are not masked here: what
they hold was recorded under pseudonyms.
"""

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.governance.pseudonyms.person_mask import PersonMask
from gateway.governance.pseudonyms.service import PersonPrivacy

_ADMIN = "/admin/v1/"
# A person's own rights, and a person that another person approved to be named.
_NAMED = ("/admin/v1/subjects/", "/admin/v1/pseudonyms/")
_JSON = b"application/json"


class ResponseMask:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, privacy: PersonPrivacy) -> None:
        self._app = app
        self._privacy = privacy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_ADMIN) or path.startswith(_NAMED):
            await self._app(scope, receive, send)
            return
        masked = _MaskedSend(send, self._privacy)
        await self._app(scope, receive, masked)


class _MaskedSend:
    """Holds a JSON response back until it is whole."""

    def __init__(self, send: Send, privacy: PersonPrivacy) -> None:
        self._send = send
        self._privacy = privacy
        self._mask: PersonMask | None = None
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if dict(message["headers"]).get(b"content-type", b"").startswith(_JSON):
                self._mask = await self._privacy.mask()
            if self._mask is None:
                await self._send(message)
            else:
                self._start = message
        elif self._mask is None or self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._mask, self._start)

    async def _finish(self, mask: PersonMask, start: Message) -> None:
        body = orjson.dumps(mask.document(orjson.loads(self._body))) if self._body else b""
        headers = [one for one in start["headers"] if one[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
