"""Whatever the console's application does, no answer leaves its server without the headers."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from admin.server import GuardedServer
from admin.session import LONGEST_S

pytestmark = pytest.mark.unit
_EXPECTED = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
}
_HEADER = st.sampled_from([
    (b"X-Frame-Options", b"SAMEORIGIN"),
    (b"Content-Security-Policy", b"frame-ancestors *"),
    (b"content-type", b"text/html"),
])
_HTTP = st.builds(
    lambda status, headers: [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": b"x"},
    ],
    st.sampled_from([200, 302, 404, 500]),
    st.lists(_HEADER),
)
_WEBSOCKET = st.sampled_from([
    [{"type": "websocket.close"}],
    [{"type": "websocket.accept"}, {"type": "websocket.close"}],
    [{"type": "websocket.http.response.start", "status": 400, "headers": []}],
])


def _sent(messages: Sequence[Message], *, secure: bool) -> list[Message]:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(GuardedServer(app, secure=secure)({"type": "http"}, receive, send))
    return sent


@given(_HTTP | _WEBSOCKET, st.booleans())
def test_every_answer_has_each_header_once(messages: list[Message], secure: bool) -> None:
    first = _sent(messages, secure=secure)[0]
    names = [name.lower() for name, _ in first["headers"]]
    assert len(set(names)) == len(names) or names.count(b"content-type") > 1
    headers = {name.lower(): value for name, value in first["headers"]}
    assert _EXPECTED.items() <= headers.items()
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
    assert (b"strict-transport-security" in headers) is secure


def test_a_refused_upgrade_is_an_answer() -> None:
    start, body = _sent([{"type": "websocket.close"}], secure=False)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert body["type"] == "websocket.http.response.body"


@pytest.mark.parametrize(
    ("cookie", "bounded"),
    [
        (b"_streamlit_user=x; Max-Age=2592000; Path=/", f"Max-Age={LONGEST_S}"),
        (b"_streamlit_user_tokens_1=x; Max-Age=2592000; Path=/", f"Max-Age={LONGEST_S}"),
        (b'_streamlit_user=""; Max-Age=0; Path=/', "Max-Age=0"),
        (b"other=x; Max-Age=99; Path=/", "Max-Age=99"),
    ],
)
def test_the_cookie_of_a_sign_on_ends_with_the_longest_session(cookie: bytes, bounded: str) -> None:
    message = {"type": "http.response.start", "status": 302, "headers": [(b"set-cookie", cookie)]}
    for secure in (True, False):
        headers = dict(_sent([message], secure=secure)[0]["headers"])
        value = headers[b"set-cookie"].decode()
        assert f"; {bounded};" in value
        assert value.endswith("; Secure") is (secure and cookie.startswith(b"_streamlit_user"))
