"""One translator and one stand-in provider for all tests here: litellm takes seconds to import."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from gateway.core.level import Zone
from gateway.core.snapshot import Provider, Snapshot
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient, UpstreamRequest, wire_formats
from gateway.egress.translator.client import Translator
from tests.support.anthropic_api import AnthropicApi, Manner

SECRET = "sk-ant-only-the-door-has-this"
CANARY = "sk-canary-of-the-parents-environment"
HELLO = [{"role": "user", "content": "Hallo [PERSON_k7f3qz] 😀"}]
QUESTION = {"op": "request", "body": {"messages": HELLO}, "model": "claude-haiku-4-5"}


@dataclass(slots=True)
class Gate:
    """The door, its translator and the provider behind it."""

    egress: UpstreamClient
    translator: Translator
    api: AnthropicApi

    async def write(self, model: str = "claude-haiku-4-5", **body: Any) -> UpstreamRequest:
        body = {"messages": HELLO, "store": False, **body}
        return await self.egress.write("claude", model, body, dialect=OpenAIChat(), digest=None)

    async def whole(self, model: str = "claude-haiku-4-5", **body: Any) -> dict[str, Any]:
        with await self.egress.send(await self.write(model, **body)) as answered:
            return await answered.whole()

    async def chunks(self, model: str = "claude-haiku-4-5", **body: Any) -> list[dict[str, Any]]:
        departure = await self.write(model, stream=True, **body)
        with await self.egress.send(departure) as answered:
            return [chunk async for chunk in answered.chunks()]

    @property
    def child(self) -> asyncio.subprocess.Process:
        assert self.translator._child is not None
        return self.translator._child.process

    async def kill(self) -> None:
        self.child.kill()
        await self.child.wait()


@contextmanager
def _canaries() -> Iterator[None]:
    """Secrets and a proxy in the environment, for as long as a test here may read them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "SLUIS_TOKEN", "HTTPS_PROXY"):
            patch.setenv(name, CANARY)
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")  # the provider is on loopback
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _gate() -> AsyncIterator[Gate]:
    api = AnthropicApi()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                api,
                lifespan="off",
                ws="none",
                log_config=None,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=75,  # the client is the one to close
            )
        )
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with _canaries():
            translator = Translator()
            egress = UpstreamClient(
                Snapshot(0, {}, [Provider("claude", "anthropic", url, Zone.GLOBAL, "env:CLAUDE")]),
                secret={"env:CLAUDE": SECRET}.get,
                worker_token="",
                formats=wire_formats(translator),
            )
        yield Gate(egress, translator, api)
        await egress.close()
        await translator.close()
        server.should_exit = True
        await serving


@pytest.fixture
def gate(_gate: Gate) -> Iterator[Gate]:
    _gate.api.manner = Manner()
    _gate.api.received.clear()
    with _canaries():
        yield _gate
