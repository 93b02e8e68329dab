"""Connections to upstreams: kept, cut, never trusted; over real sockets and real TLS."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from gateway.core.errors import UpstreamFailed
from gateway.egress.address import HostResolver, ResolvedHost
from gateway.egress.connection_pool import ConnectionPool, tls_context
from tests.support.certificates import certificate

pytestmark = pytest.mark.integration
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
Answers = Callable[[asyncio.StreamWriter, int], Awaitable[None]]


class Server:
    """Answers the n-th request (from 0) as it is told; counts connections."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.connections = self.requests = 0
        self.bodies: list[bytes] = []
        self._tasks: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.current_task())
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.bodies.append(await reader.readexactly(length))
                number, self.requests = self.requests, self.requests + 1
                await self._answers(writer, number)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def ended(self) -> None:
        await asyncio.gather(*filter(None, self._tasks))


@asynccontextmanager
async def talking(
    answers: Answers | bytes,
    *,
    silence_s: float = 5.0,
    tls: ssl.SSLContext | None = None,
    trusted: ssl.SSLContext | None = None,
    host: str = "localhost",
) -> AsyncIterator[tuple[Server, ConnectionPool]]:
    async def always(writer: asyncio.StreamWriter, number: int) -> None:
        assert isinstance(answers, bytes)
        writer.write(answers)

    server = Server(always if isinstance(answers, bytes) else answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    where = HostResolver(lambda: ResolvedHost(host, port, ("127.0.0.1",)), clock=time.monotonic)
    upstream = ConnectionPool(f"{host}:{port}", where, tls=trusted, silence_s=silence_s)
    try:
        yield server, upstream
    finally:
        await upstream.close()
        listening.close()
        await listening.wait_closed()
        await asyncio.wait_for(server.ended(), 5)


async def fetch(upstream: ConnectionPool, body: bytes = b"{}") -> tuple[int, bytes]:
    response = await upstream.post("/v1/x", {"content-type": "application/json"}, body)
    try:
        parts = []
        while (piece := await response.read()) is not None:
            parts.append(piece)
        return response.status, b"".join(parts)
    finally:
        response.close()


async def test_a_connection_is_reused() -> None:
    async with talking(OK) as (server, upstream):
        assert await fetch(upstream, b"a") == (200, b"hi")
        assert await fetch(upstream, b"b") == (200, b"hi")
    assert (server.connections, server.bodies) == (1, [b"a", b"b"])


async def test_a_response_may_be_split_at_any_byte() -> None:
    answer = (
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
        b"\r\nX-Sluis-Model-Digest: d\r\n\r\n5\r\nhallo\r\n6;x=y\r\n daar!\r\n0\r\n"
        b"trailer: t\r\n\r\n"
    )

    async def cut(writer: asyncio.StreamWriter, number: int) -> None:
        writer.write(answer[:number])
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(answer[number:])

    async with talking(cut) as (server, upstream):
        for _ in range(len(answer)):
            assert await fetch(upstream) == (200, b"hallo daar!")
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 80_000, id="endless head"),
    ],
)
async def test_a_response_that_is_not_http_fails(answer: bytes) -> None:
    async with talking(answer) as (_, upstream):
        with pytest.raises(UpstreamFailed) as failed:
            await fetch(upstream)
    assert failed.value.code == "upstream_disconnected"


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
async def test_a_truncated_response_fails(start: bytes) -> None:
    async def half(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(start)
        await writer.drain()
        writer.close()

    async with talking(half) as (_, upstream):
        with pytest.raises(UpstreamFailed):
            await fetch(upstream)


async def test_a_response_without_a_length_ends_with_its_connection() -> None:
    async def old(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it")
        await writer.drain()
        writer.close()

    async with talking(old) as (server, upstream):
        assert await fetch(upstream) == (200, b"all of it")
        assert await fetch(upstream) == (200, b"all of it")
    assert server.connections == 2


async def test_an_unsolicited_response_is_never_used_for_the_next_request() -> None:
    async with talking(OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil") as (server, up):
        assert await fetch(up) == (200, b"hi")
        assert await fetch(up) == (200, b"hi")
    assert server.connections == 2


async def test_a_connection_that_was_closed_while_idle_is_replaced() -> None:
    async def once(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with talking(once) as (server, upstream):
        assert await fetch(upstream) == (200, b"hi")
        await asyncio.wait_for(server.ended(), 5)  # the end is on its way
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await fetch(upstream) == (200, b"hi")
    assert server.connections == 2


async def test_silence_times_out_also_within_a_response() -> None:
    async def stuck(writer: asyncio.StreamWriter, number: int) -> None:
        if number:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")

    async with talking(stuck, silence_s=0.05) as (_, upstream):
        for _ in range(2):
            with pytest.raises(UpstreamFailed) as failed:
                await fetch(upstream)
            assert failed.value.code == "upstream_timeout"


async def test_a_cancelled_reader_aborts_the_connection() -> None:
    disconnected = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"4\r\nmore\r\n")
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            disconnected.set()

    async with talking(endless) as (_, upstream):
        response = await upstream.post("/v1/x", {}, b"{}")
        await response.read()
        response.close()
        await asyncio.wait_for(disconnected.wait(), 5)


async def test_a_complete_but_unread_response_frees_its_connection() -> None:
    large = b"x" * 1_048_577  # a byte more than may wait for a reader

    async def answer(writer: asyncio.StreamWriter, number: int) -> None:
        writer.write(
            OK if number else b"HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n" + large
        )

    async with talking(answer) as (_, upstream):
        response = await upstream.post("/v1/x", {}, b"{}")
        for _ in range(100_000):
            if not response.done:
                await asyncio.sleep(0)
        assert response.done
        response.close()  # as where a rule ends an answer
        assert await fetch(upstream) == (200, b"hi")


async def test_line_breaks_in_the_head_are_refused() -> None:
    async with talking(OK) as (server, upstream):
        with pytest.raises(UpstreamFailed):
            await upstream.post("/x", {"authorization": "Bearer a\r\nx-evil: 1"}, b"{}")
    assert server.requests == 0


async def test_tls_trusts_the_given_authority_and_the_right_name_only(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    trusted = tls_context(str(own.path))
    async with talking(OK, tls=own.context(), trusted=trusted) as (_, upstream):
        assert await fetch(upstream) == (200, b"hi")
    for wrong in ({"trusted": tls_context(None)}, {"trusted": trusted, "host": "other.example"}):
        async with talking(OK, tls=own.context(), **wrong) as (server, upstream):
            with pytest.raises(UpstreamFailed, match="cannot be reached"):
                await fetch(upstream)
        assert server.requests == 0
