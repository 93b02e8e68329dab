"""Connections of clients: order, length, back-pressure and hostile bytes, over real sockets."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from gateway.api.asgi import Receive, Scope, Send
from gateway.api.http_protocol import HttpProtocol

pytestmark = pytest.mark.integration
App = Callable[[Scope, Receive, Send], Awaitable[None]]
JSON = (b"content-type", b"application/json")


async def body_of(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


async def answer(send: Send, body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what it was asked."""
    body = await body_of(receive)
    head = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} ".encode()
    await answer(send, head + body, JSON)


class Listening:
    """A port on which ``app`` answers."""

    def __init__(self, port: int, state: ServerState) -> None:
        self.port = port
        self.state = state

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, *pieces: bytes) -> bytes:
        """All that comes back until the server closes the connection."""
        reader, writer = await self.open()
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.close()


@asynccontextmanager
async def listening(app: App, *, keep_alive_s: float = 75) -> AsyncIterator[Listening]:
    config = uvicorn.Config(app, lifespan="off")
    config.timeout_keep_alive = keep_alive_s  # type: ignore[assignment]  # less than a second
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: HttpProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield Listening(server.sockets[0].getsockname()[1], state)
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)


def request(
    body: bytes = b"", *, target: str = "/v1/x", method: str = "POST", more: str = ""
) -> bytes:
    head = (
        f"{method} {target} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


LAST = "connection: close\r\n"


async def test_requests_on_one_connection_are_answered_in_their_order() -> None:
    async with listening(echo) as there:
        pipelined = b"".join(request(b"%d" % number) for number in range(50))
        said = await there.ask(pipelined + request(b"end", more=LAST))
    assert [part.rpartition(b"?")[2] for part in said.split(b"HTTP/1.1 200 OK")[1:]] == [
        *(b" %d" % number for number in range(50)),
        b" end",
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_cutting_of_the_bytes_gives_the_same_answers(data: st.DataObject) -> None:
    chunked = (
        b"POST /v1/y?q=1 HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    whole = request(b"first") + chunked + request(b"end", more=LAST)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=12)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    async def run() -> bytes:
        async with listening(echo) as there:
            return await there.ask(*pieces)

    said = asyncio.run(run())
    bodies = [part.split(b"\r\n\r\n")[1] for part in said.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"POST /v1/x? first", b"POST /v1/y?q=1 abcde", b"POST /v1/x? end"]


async def test_a_stream_is_chunked_and_its_head_comes_with_the_first_piece() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [JSON]})
        for piece in (b"one", b"", b"two"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async with listening(stream) as there:
        said = await there.ask(request(more=LAST))
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


async def test_a_client_that_reads_slowly_holds_up_who_writes() -> None:
    written = 0
    going_on = asyncio.Event()

    async def much(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal written
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(400):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            written += 1
        await send({"type": "http.response.body", "body": b""})
        going_on.set()

    async with listening(much) as there:
        reader, writer = await there.open()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(request())
        before = -1
        while written != before or written == 0:
            before = written
            await asyncio.sleep(0.05)
        assert written < 400
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        while not going_on.is_set():
            assert await reader.read(1 << 20)
        writer.close()


async def test_a_body_is_read_no_faster_than_it_is_asked_for() -> None:
    go = asyncio.Event()
    sizes: list[int] = []

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        sizes.append(len((await receive())["body"]))
        sizes.append(sizes[0] + len(await body_of(receive)))
        await answer(send, b"ok")

    body = b"x" * 30_000_000
    async with listening(late) as there:
        reader, writer = await there.open()
        writer.write(request(body))
        await asyncio.sleep(0.1)
        go.set()
        assert await asyncio.wait_for(reader.readexactly(15), 5) == b"HTTP/1.1 200 OK"
        writer.close()
    assert sizes[0] < 1_000_000
    assert sizes[1] == len(body)


async def test_who_waits_for_more_is_told_when_the_client_leaves() -> None:
    told = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await body_of(receive)
        assert (await receive())["type"] == "http.disconnect"
        told.set()

    async with listening(waits) as there:
        _, writer = await there.open()
        writer.write(request())
        await writer.drain()
        writer.close()
        await asyncio.wait_for(told.wait(), 5)
        assert not there.state.connections


def own_lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """The lines about the connection; what else runs in this process may log, too."""
    return [one for one in caplog.records if one.name.startswith("gateway.api.")]


@pytest.mark.parametrize(
    ("name", "value"), [(b"x", b"a\r\nset-cookie: b"), (b"x\nb", b"a"), (b"x", b"a\x00")]
)
async def test_a_header_with_a_line_break_cuts_the_answer(
    name: bytes, value: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def splits(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"", (name, value))

    async with listening(splits) as there:
        assert await there.ask(request()) == b""
    (line,) = own_lines(caplog)
    assert line.__dict__["error"] == "ValueError"
    assert "cookie" not in str(line.__dict__)


@pytest.mark.parametrize("body", [b"too long", b"n"])
async def test_an_answer_of_another_length_than_announced_is_cut(body: bytes) -> None:
    async def lies(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with listening(lies) as there:
        assert body not in await there.ask(request())


async def test_a_fault_cuts_the_answer_and_tells_the_log_no_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("Jan de Vries")

    async with listening(breaks) as there:
        said = await there.ask(request())
    assert said.endswith(b"4\r\nhalf\r\n")  # no closing chunk: nobody takes it for whole
    (line,) = own_lines(caplog)
    assert line.__dict__["error"] == "RuntimeError"
    assert line.__dict__["at"].startswith("tests.integration.api.test_connection:")
    assert "Jan" not in str(line.__dict__)


@pytest.mark.parametrize(
    "bad",
    [
        b"nonsense\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nhost: g\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: g\r\n\r\n",
        b"CONNECT g:1 HTTP/1.1\r\nhost: g\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost:\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nhost: g\r\nx: a\x00b\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
async def test_what_is_not_http_is_refused(bad: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with listening(echo) as there:
        said = await there.ask(bad)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "invalid_http"


async def test_a_head_that_does_not_end_is_refused() -> None:
    async with listening(echo) as there:
        reader, writer = await there.open()
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        with suppress(ConnectionError):  # cut while we still send
            while not reader.at_eof():
                writer.write(b"a" * 10_000)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()


async def test_a_broken_request_behind_a_good_one_does_not_take_its_answer() -> None:
    async with listening(echo) as there:
        said = await there.ask(request(b"good") + b"nonsense\r\n\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert said.endswith(b"POST /v1/x? good")


@pytest.mark.parametrize("wants_it", [True, False])
async def test_a_client_may_wait_for_100_continue(wants_it: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if wants_it:
            await echo(scope, receive, send)
        else:
            await answer(send, b"no", status=401)

    asks = b"POST /x HTTP/1.1\r\nhost: g\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    async with listening(app) as there:
        reader, writer = await there.open()
        writer.write(asks)
        if wants_it:
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"hi" + request(more=LAST))
            assert (await reader.read()).count(b"200 OK") == 2
        else:  # whether the body follows cannot be known: nothing behind it may be read as HTTP
            assert b"connection: close" in await asyncio.wait_for(reader.read(), 5)
        writer.close()


async def test_an_early_refusal_can_be_read_by_a_client_that_still_sends() -> None:
    async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"no", status=413)

    async with listening(refuses) as there:
        reader, writer = await there.open()
        writer.write(request(b"x" * 10)[:-10])
        assert (await reader.readuntil(b"no")).startswith(b"HTTP/1.1 413 ")
        writer.write(b"x" * 10 + request(more=LAST))  # what is left of the body is dropped
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_head_has_no_body_and_http_1_0_closes() -> None:
    async with listening(echo) as there:
        head = await there.ask(b"HEAD /x HTTP/1.1\r\nhost: g\r\nconnection: close\r\n\r\n")
        old = await there.ask(b"GET /x HTTP/1.0\r\n\r\n")
    assert head.endswith(b"\r\n\r\n")
    assert b"content-length: 9" in head
    assert b"connection: close" in old


async def test_targets_are_understood() -> None:
    async with listening(echo) as there:
        for target, seen in [
            ("/a%20b?x=%20", b"/a b?x=%20"),
            ("http://gateway/v1/y?z", b"/v1/y?z"),
            ("http://gateway", b"/?"),
        ]:
            said = await there.ask(request(target=target, method="GET", more=LAST))
            assert b"GET " + seen in said


async def test_a_silent_connection_is_closed() -> None:
    async with listening(echo, keep_alive_s=0) as there:
        assert await there.ask() == b""
        reader, writer = await there.open()
        writer.write(request()[:20])
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


@pytest.mark.parametrize("before", [b"", request(b"first")], ids=["alone", "behind another"])
async def test_a_body_that_stops_coming_is_not_waited_for(before: bytes) -> None:
    gone = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await echo(scope, receive, send)
        except asyncio.CancelledError:
            gone.set()
            raise

    async with listening(app, keep_alive_s=0.3) as there:
        reader, writer = await there.open()
        writer.write(before + request(b"x" * 10)[:-5])
        said = await asyncio.wait_for(reader.read(), 5)
        await asyncio.wait_for(gone.wait(), 5)
        writer.close()
    assert said.count(b"200 OK") == before.count(b"first")


async def test_a_body_that_comes_slowly_is_waited_for() -> None:
    """Longer in all than a connection may be silent, with something in between."""
    asks = request(b"x" * 10, more=LAST)
    async with listening(echo, keep_alive_s=0.5) as there:
        reader, writer = await there.open()
        writer.write(asks[:-10])
        for byte in asks[-10:]:
            await asyncio.sleep(0.1)
            writer.write(bytes([byte]))
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"xxxxxxxxxx")
        writer.close()


async def test_a_head_that_comes_byte_by_byte_is_not_waited_for() -> None:
    async with listening(echo, keep_alive_s=0.3) as there:
        reader, writer = await there.open()
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        ended = asyncio.ensure_future(reader.read())
        with suppress(ConnectionError):
            while not ended.done():
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.05)
        with suppress(ConnectionError):
            assert await ended == b""
        writer.close()


async def test_an_answer_may_take_longer_than_a_connection_may_be_silent() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        await asyncio.sleep(0.5)
        await answer(send, body)

    async with listening(slow, keep_alive_s=0.1) as there:
        assert (await there.ask(request(b"whole", more=LAST))).endswith(b"whole")


async def test_a_client_that_reads_nothing_is_not_written_to_for_ever() -> None:
    gone = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await body_of(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        piece = {"type": "http.response.body", "body": b"x" * 100_000, "more_body": True}
        leaving = asyncio.ensure_future(receive())
        while not leaving.done():
            await send(piece)
        gone.set()

    async with listening(endless, keep_alive_s=0.3) as there:
        _, writer = await there.open()
        writer.write(request())
        await asyncio.wait_for(gone.wait(), 5)
        writer.close()


@pytest.mark.parametrize("cut", [0, 20, 90, 125, 132])
async def test_a_wish_for_another_protocol_is_passed_over(cut: int) -> None:
    """As Java's client sends its first request, with a body."""
    asks = request(b"hi", more="connection: upgrade, http2-settings\r\nupgrade: h2c\r\n")
    async with listening(echo) as there:
        said = await there.ask(asks[:cut], asks[cut:] + request(b"end", more=LAST))
    assert [part[-3:] for part in said.split(b"HTTP/1.1 200 OK")[1:]] == [b" hi", b"end"]


async def test_stopping_answers_what_is_under_way_and_nothing_after_it() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await go.wait()
        await echo(scope, receive, send)

    async with listening(slow) as there:
        reader, writer = await there.open()
        idle, idle_writer = await there.open()
        writer.write(request(b"half")[:-2])
        await begun.wait()
        for connection in list(there.state.connections):
            connection.shutdown()
        assert await asyncio.wait_for(idle.read(), 5) == b""
        idle_writer.close()
        writer.write(b"lf" + request(b"never"))
        go.set()
        said = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert said.endswith(b"POST /v1/x? half")
    assert b"connection: close" in said
