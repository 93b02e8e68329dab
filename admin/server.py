"""The console's server: Streamlit behind the headers and cookies that every answer gets.

``python -m admin.server OPTIONS`` serves the pages. ``OPTIONS`` is a JSON object of options of
Streamlit.
"""

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import streamlit
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from admin.session import LONGEST_S

Headers = list[tuple[bytes, bytes]]
# Styles are inline everywhere in Streamlit; it loads the console's own parts from blobs.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self' blob: {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_AGE = re.compile(rb"max-age=\d+", re.IGNORECASE)
_SIGN_ON = b"_streamlit_user"  # the cookies of a sign-on


class GuardedServer:
    """Wraps an application, so that nothing leaves the server without its headers."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """With ``secure`` browsers reach the console by https, and are told to keep to it."""
        self._app = app
        self._secure = secure
        self._headers: Headers = [
            (b"content-security-policy", _content_policy()),
            (b"x-frame-options", b"DENY"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]
        if secure:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, around everything that the application does, its answers to errors included."""
        accepted = False

        async def guarded(message: Message) -> None:
            nonlocal accepted
            kind = message["type"]
            accepted = accepted or kind == "websocket.accept"
            if kind == "websocket.close" and not accepted:
                await self._refuse(send)
                return
            if kind in {"http.response.start", "websocket.http.response.start", "websocket.accept"}:
                message = {**message, "headers": self._mended(message.get("headers", ()))}
            await send(message)

        await self._app(scope, receive, guarded)

    async def _refuse(self, send: Send) -> None:
        """Answer an upgrade that is refused; the server's own answer would have no headers."""
        start = {"type": "websocket.http.response.start", "status": 403, "headers": self._headers}
        await send(start)
        await send({"type": "websocket.http.response.body", "body": b""})

    def _mended(self, headers: Headers) -> Headers:
        own = {name for name, _ in self._headers}
        kept = [(name, value) for name, value in headers if name.lower() not in own]
        return [(name, self._bounded(name, value)) for name, value in kept] + self._headers

    def _bounded(self, name: bytes, value: bytes) -> bytes:
        """A cookie of a sign-on, which lives no longer than the longest session."""
        if name.lower() != b"set-cookie" or not value.startswith(_SIGN_ON):
            return value
        age = _AGE.search(value)
        if age and age[0].lower() != b"max-age=0":  # that one deletes
            value = _AGE.sub(f"Max-Age={LONGEST_S}".encode(), value)
        return value + b"; Secure" if self._secure else value


def _content_policy() -> bytes:
    """The policy that allows exactly the inline scripts of Streamlit's page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    digests = [hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page)]
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _CONTENT_POLICY.format(scripts=scripts).encode()


class Console(App):
    """The pages of ``admin/app.py``, guarded."""

    def __init__(self, *, secure: bool) -> None:
        """See ``GuardedServer``."""
        super().__init__(Path(__file__).with_name("app.py"))
        self._guarded = GuardedServer(super().__call__, secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._guarded(scope, receive, send)


def main(options: Mapping[str, object]) -> None:
    """Serve the console until a signal stops it."""
    Console(secure=os.environ.get("SLUIS_CONSOLE_SECURE") == "1").run(config=options)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
