"""A stream that says it lives: comments while nothing comes, and none behind the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.api import generation
from gateway.core.errors import Refusal
from gateway.dialects.openai_chat import OpenAIChat
from gateway.request.context import AuditRecord, IncomingRequest
from gateway.telemetry import Timeline

pytestmark = pytest.mark.unit
COMMENT = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"


class Client:
    """Takes what is sent; a client that reads slowly keeps the first comment waiting."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.commented, self.reads = asyncio.Event(), asyncio.Event()

    async def send(self, message: Any) -> None:
        body = message.get("body", b"")
        self.got.append(body)
        if body == COMMENT and not self.commented.is_set():
            self.commented.set()
            await self.reads.wait()


class Slow:
    """Answers with one chunk, and another when the client has a comment in hand."""

    def __init__(self, client: Client, left_s: float) -> None:
        self._client, self._left_s = client, left_s

    async def admit(self, incoming: IncomingRequest) -> Any:
        request = SimpleNamespace(facts=SimpleNamespace(streams=True))
        return SimpleNamespace(request=request, once=None)

    @asynccontextmanager
    async def answer(self, admitted: Any) -> AsyncIterator[Any]:
        yield self

    async def frames(self) -> AsyncIterator[bytes]:
        yield b'data: {"n":1}\n\n'
        await self._client.commented.wait()
        yield b'data: {"n":2}\n\n'
        self._client.reads.set()
        await passed(self._left_s)

    def last_frame(self, refusal: Refusal | None) -> bytes:
        return b"" if refusal else b"data: [DONE]\n\n"


async def passed(seconds: float) -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, event.set)
    await event.wait()


@pytest.mark.parametrize("left_s", [0, 0.003])
async def test_nothing_follows_the_end_when_a_comment_waited_for_the_client(
    monkeypatch: pytest.MonkeyPatch, left_s: float
) -> None:
    monkeypatch.setattr(generation, "_KEEP_ALIVE_S", 0.01)
    client = Client()
    incoming: Any = SimpleNamespace(
        record=AuditRecord("req_1", Timeline(lambda: 0.0)), dialect=OpenAIChat()
    )
    await generation.GenerationEndpoint(Slow(client, left_s))(incoming, client.send)  # type: ignore[arg-type]
    assert COMMENT in client.got
    await passed(0.05)
    assert client.got[-1] == DONE
