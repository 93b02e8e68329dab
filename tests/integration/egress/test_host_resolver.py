"""Host resolution: providers move, have several addresses, and fail independently."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.core.errors import UpstreamFailed
from gateway.core.level import Zone
from gateway.core.snapshot import Provider, Snapshot
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient
from gateway.egress.address import HostResolver, ProviderRefused, ResolvedHost, Unresolved
from gateway.egress.connection_pool import ConnectionPool
from tests.support.ports import free_port

pytestmark = pytest.mark.integration
ASKED = {"messages": [{"role": "user", "content": "Hallo"}]}
ANSWER = b'{"choices": [{"message": {"content": "hi"}}]}'
NOWHERE = "127.0.0.9"  # nothing listens there


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def answering(name: bytes = ANSWER) -> AsyncIterator[int]:
    """The port of a provider that answers with its name, once a connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(name)
        writer.write(head + name)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def at(port: int, *addresses: str) -> ResolvedHost:
    return ResolvedHost("provider", port, addresses or ("127.0.0.1",))


class Lookups:
    """What looking for a provider finds: a place or a refusal, the last one for ever."""

    def __init__(self, *found: ResolvedHost | ProviderRefused) -> None:
        self._found = list(found)
        self.times = 0

    def __call__(self) -> ResolvedHost:
        self.times += 1
        found = self._found.pop(0) if len(self._found) > 1 else self._found[0]
        if isinstance(found, ProviderRefused):
            raise found
        return found


def upstream_at(lookup: Callable[[], ResolvedHost], clock: Clock) -> ConnectionPool:
    return ConnectionPool("provider", HostResolver(lookup, clock=clock), tls=None, connect_s=2)


async def asked(upstream: ConnectionPool) -> bytes | None:
    response = await upstream.post("/v1/x", {}, b"")
    try:
        return await response.read()
    finally:
        response.close()


async def test_a_moved_provider_is_resolved_again() -> None:
    clock = Clock()
    async with answering(b"old") as old, answering(b"new") as new:
        lookup = Lookups(at(old), at(new))
        upstream = upstream_at(lookup, clock)
        assert await asked(upstream) == b"old"
        clock.now += 59
        assert await asked(upstream) == b"old"
        clock.now += 2
        assert [await asked(upstream), await asked(upstream)] == [b"new", b"new"]
    assert lookup.times == 2


async def test_an_unreachable_provider_is_resolved_again_after_a_second() -> None:
    clock = Clock()
    async with answering(b"new") as new:
        lookup = Lookups(at(free_port()), at(new))
        upstream = upstream_at(lookup, clock)
        for _ in range(3):  # a provider that is down does not make every request ask for its name
            with pytest.raises(UpstreamFailed, match="reached"):
                await asked(upstream)
        assert lookup.times == 1
        clock.now += 1.1
        with pytest.raises(UpstreamFailed, match="reached"):
            await asked(upstream)
        assert await asked(upstream) == b"new"
    assert lookup.times == 2


async def test_each_address_is_tried() -> None:
    async with answering(b"here") as port:
        assert await asked(upstream_at(Lookups(at(port, NOWHERE, "127.0.0.1")), Clock())) == b"here"


async def test_a_failed_lookup_keeps_the_last_addresses() -> None:
    clock = Clock()
    async with answering(b"here") as port:
        upstream = upstream_at(Lookups(at(port), Unresolved("no name")), clock)
        assert await asked(upstream) == b"here"
        clock.now += 61
        assert await asked(upstream) == b"here"


async def test_a_provider_without_an_address_is_resolved_again() -> None:
    clock = Clock()
    async with answering(b"here") as port:
        where = HostResolver(Lookups(Unresolved("no name"), at(port)), clock=clock)
        where.refresh()
        before = where.refused
        assert before
        clock.now += 61
        assert not where.refused
        assert await asked(ConnectionPool("provider", where, tls=None)) == b"here"


async def test_a_provider_at_a_refused_address_gets_no_request() -> None:
    clock = Clock()
    async with answering(b"here") as port:
        where = HostResolver(Lookups(at(port), ProviderRefused("not inside")), clock=clock)
        upstream = ConnectionPool("provider", where, tls=None)
        assert await asked(upstream) == b"here"
        clock.now += 61
        with pytest.raises(UpstreamFailed, match="configured"):
            await asked(upstream)
        assert where.refused


async def test_concurrent_connections_resolve_once() -> None:
    async with answering() as port:
        lookup = Lookups(at(port))
        upstream = upstream_at(lookup, Clock())
        await asyncio.gather(*(asked(upstream) for _ in range(20)))
    assert lookup.times == 1


async def test_a_lookup_that_hangs_times_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.egress.address._LOOKUP_TIMEOUT_S", 0.1)
    clock, answers = Clock(), threading.Event()
    async with answering(b"here") as port:
        place, lookups = at(port), []

        def lookup() -> ResolvedHost:
            lookups.append(clock.now)
            if len(lookups) == 2:
                answers.wait(20)
            return place

        upstream = upstream_at(lookup, clock)
        assert await asked(upstream) == b"here"
        clock.now += 61
        try:
            assert await asyncio.gather(*(asked(upstream) for _ in range(5))) == [b"here"] * 5
            assert len(lookups) == 2
        finally:
            answers.set()


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        (Provider("bad", "openai", "http://[/v1", Zone.EU), None),
        (Provider("bad", "openai", "http://127.0.0.1:99999/v1", Zone.EU), None),
        (Provider("bad", "openai", "http://no-such-host.invalid/v1", Zone.EU), None),
        (Provider("bad", "openai", "http://169.254.169.254/v1", Zone.EU), None),
        (Provider("bad", "openai", "https://127.0.0.1/v1", Zone.EU, ca="/no/such/file.pem"), None),
        (Provider("bad", "openai", "https://127.0.0.1/v1", Zone.EU, ca=__file__), None),
        (Provider("bad", "openai", "http://127.0.0.1/v1", Zone.EU, api_key="env:K"), "sk-a\n"),
        (Provider("bad", "openai", "http://127.0.0.1/v1", Zone.EU, api_key="env:K"), "sk-€"),
    ],
)
async def test_an_unusable_provider_does_not_affect_others(bad: Provider, key: str | None) -> None:
    async with answering() as port:
        good = Provider("good", "openai", f"http://127.0.0.1:{port}/v1", Zone.EU)
        egress = UpstreamClient(
            Snapshot(created=0.0, bundle={}, providers=[bad, good]),
            secret=lambda _: key,
            worker_token="",
            formats={},
        )
        with pytest.raises(UpstreamFailed, match="configured"):
            await egress.write("bad", "m", ASKED, dialect=OpenAIChat(), digest=None)
        departure = await egress.write("good", "m", ASKED, dialect=OpenAIChat(), digest=None)
        with await egress.send(departure) as answered:
            assert (await answered.whole())["choices"]
        await egress.close()
