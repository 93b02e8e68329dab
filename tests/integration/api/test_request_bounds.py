"""Bounds of heads, trailers and early answers, over real sockets."""

import asyncio
import json
import logging

import pytest

from gateway.api import http_protocol
from gateway.api.asgi import Receive, Scope, Send
from gateway.api.http_protocol import HttpProtocol
from tests.integration.api.test_connection import LAST, answer, body_of, echo, listening, request

pytestmark = pytest.mark.integration
CHUNKED = b"POST /v1/y HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n%b\r\n3\r\nabc\r\n0\r\n"


def code_of(said: bytes) -> str:
    return str(json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"])


def lines(count: int, size: int) -> bytes:
    return b"".join(b"x-%d: %b\r\n" % (number, b"a" * size) for number in range(count))


def get(headers: bytes, version: bytes = b"1.1") -> bytes:
    return b"GET /x HTTP/%b\r\n%bconnection: close\r\n\r\n" % (version, headers)


@pytest.mark.parametrize("piece", [1 << 20, 1000], ids=["one read", "many reads"])
@pytest.mark.parametrize(
    "head",
    [
        get(b"host: g\r\n" + lines(1, 70_000)),
        get(b"host: g\r\n" + lines(70, 1_000)),
        get(b"host: g\r\n" + lines(5_000, 1)),
        get(b"host: g\r\n" + b"a:\r\n" * 101),
        b"GET /%b HTTP/1.1\r\nhost: g\r\n\r\n" % (b"a" * 70_000),
        b"GET /x HTTP/1.1\r\nhost: g\r\nx: " + b"a" * 100_000,
        b"\r\n" * 40_000,
    ],
    ids=["line", "lines", "count", "count of empty ones", "target", "no end", "blank lines"],
)
async def test_a_large_head_is_refused(head: bytes, piece: int) -> None:
    async with listening(echo) as there:
        said = await there.ask(*(head[at : at + piece] for at in range(0, len(head), piece)))
    assert said.startswith(b"HTTP/1.1 431 ")
    assert code_of(said) == "head_too_large"


async def test_a_head_within_the_bounds_is_served() -> None:
    async with listening(echo) as there:
        said = await there.ask(get(b"host: g\r\n" + lines(60, 1_000)))
    assert said.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("piece", [1 << 20, 1000], ids=["one read", "many reads"])
@pytest.mark.parametrize(
    "trailers",
    [lines(1, 100_000), lines(100, 1_000), b"a:\r\n" * 101, b"a: " + b"a" * 100_000],
    ids=["line", "lines", "count", "no end"],
)
async def test_trailers_are_bounded(trailers: bytes, piece: int) -> None:
    sent = CHUNKED % b"" + trailers + b"\r\n"
    async with listening(echo) as there:
        said = await there.ask(*(sent[at : at + piece] for at in range(0, len(sent), piece)))
    assert said.startswith(b"HTTP/1.1 431 ")


async def test_heads_that_do_not_arrive_are_bounded_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "_MOST_HELD", 60_000)
    half = b"GET /x HTTP/1.1\r\nhost: g\r\nx: " + b"a" * 60_000
    async with listening(echo) as there:
        reader, writer = await there.open()
        writer.write(half)
        await writer.drain()
        for _ in range(3):  # the server reads what has come before it answers these
            assert (await there.ask(get(b"host: g\r\n"))).startswith(b"HTTP/1.1 200 ")
        assert HttpProtocol.held > 40_000  # all but the piece in which the head began
        assert (await there.ask(half)).startswith(b"HTTP/1.1 503 ")
        assert (await there.ask(get(b"host: g\r\n"))).startswith(b"HTTP/1.1 200 ")
        writer.write(b"\r\nconnection: close\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()
        assert HttpProtocol.held == 0


async def test_a_chunk_extension_is_bounded() -> None:
    sent = CHUNKED.partition(b"3\r\n")[0] % b"" + b"3;a=" + b"a" * 100_000
    async with listening(echo) as there:
        assert (await there.ask(sent)).startswith(b"HTTP/1.1 431 ")


async def test_a_trailer_is_no_header() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await body_of(receive)
        seen.append(scope)
        await answer(send, b"ok")

    trailing = CHUNKED % b"" + b"authorization: Bearer x\r\nx-sluis-user: y\r\nhost: z\r\n\r\n"
    async with listening(app) as there:
        said = await there.ask(trailing + request(more="x-own: 1\r\n" + LAST))
    assert said.count(b"200 OK") == 2
    assert [[name for name, _ in scope["headers"]] for scope in seen] == [
        [b"host", b"transfer-encoding"],
        [b"host", b"content-length", b"x-own", b"connection"],
    ]


@pytest.mark.parametrize(
    ("headers", "version", "status", "code"),
    [
        (b"", b"1.1", 400, "invalid_host"),
        (b"host: a\r\nhost: b\r\n", b"1.1", 400, "invalid_host"),
        (b"host: a\r\nhost: a\r\n", b"1.0", 400, "invalid_host"),
        (b"host: a b\r\n", b"1.1", 400, "invalid_host"),
        (b"host: user@a\r\n", b"1.1", 400, "invalid_host"),
        (b"host: a/b\r\n", b"1.1", 400, "invalid_host"),
        (b"host: a\r\n", b"2.0", 505, "http_version_not_supported"),
        (b"host: a\r\n", b"0.9", 505, "http_version_not_supported"),
    ],
)
async def test_host_and_version_are_checked(
    headers: bytes, version: bytes, status: int, code: str
) -> None:
    async with listening(echo) as there:
        said = await there.ask(get(headers, version))
    assert said.startswith(b"HTTP/1.1 %d " % status)
    assert code_of(said) == code


@pytest.mark.parametrize("host", [b"", b"g", b"g:8080", b"[::1]:80", b"a_b.example", b"127.0.0.1"])
async def test_a_good_host_is_served(host: bytes) -> None:
    async with listening(echo) as there:
        assert (await there.ask(get(b"host: %b\r\n" % host))).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("more", ["", LAST], ids=["keeps the connection", "closes it"])
async def test_an_answer_before_the_body_reaches_a_client_that_sends_all_first(more: str) -> None:
    async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"no", status=413)

    async with listening(refuses) as there:
        reader, writer = await there.open()
        writer.write(request(b"x" * 20_000_000, more=more))
        await writer.drain()
        assert (await asyncio.wait_for(reader.readuntil(b"no"), 5)).startswith(b"HTTP/1.1 413 ")
        if more:
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_refused_body_ends_the_request_that_waits_for_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await body_of(receive)
        except asyncio.CancelledError:
            gone.set()
            raise

    caplog.set_level(logging.WARNING)
    async with listening(app) as there:
        said = await there.ask(CHUNKED % b"" + b"a:\r\n" * 102)
        await asyncio.wait_for(gone.wait(), 5)
    assert said.count(b"HTTP/1.1") == 1
    assert caplog.text.count("api:connection:not_http") == 1
