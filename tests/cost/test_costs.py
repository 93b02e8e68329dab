"""What each standard request costs: a change that costs more says so, in costs.yaml.

Function calls are those of the thread of the event loop, by cProfile: Python's and C's, the lower
quartile of many requests, as a busy machine splits what arrives. Appends to the trail and bytes to
the provider are exact. The classifier is a fake and the provider a thread, so that neither counts.
``make costs`` writes the file anew.
"""

import asyncio
import cProfile
import json
import os
import pstats
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from msgspec.structs import replace

from gateway.core.snapshot import Budget, Limits, Team
from gateway.core.system import secrets
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.rows import EntryBatch
from tests.support.in_process import SECRET, InProcessGateway, key_of
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
FILE = Path(__file__).with_name("costs.yaml")
WARM, COUNTED = 12, 24
TOLERANCE, OF_STREAMS = 0.02, 0.04  # the loop wakes up more or less often for the same pieces
TEXT = "What is the capital of France? Answer in one sentence."
PERSONAL = "Mail jan.devries@hotmail.nl that the meeting moves to Friday."
ANSWER = "Paris is the capital of France, and it has been for many centuries."
MAIN = {"/v1/messages": "text", "/responses": "output_text"}


def chat(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "openai-eu", "messages": [{"role": "user", "content": text}], **more}


def message(text: str, model: str = "anthropic-eu", **more: Any) -> dict[str, Any]:
    said = {"messages": [{"role": "user", "content": text}]}
    return {"model": model, "max_tokens": 50, **said, **more}


def response(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "openai-eu", "input": text, **more}


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("chat_completions", chat(TEXT)),
    "chat, stream": ("chat_completions", chat(TEXT, stream=True)),
    "chat, redacted": ("chat_completions", chat(PERSONAL)),
    "chat, redacted, stream": ("chat_completions", chat(PERSONAL, stream=True)),
    "messages": ("messages", message(TEXT)),
    "messages, stream": ("messages", message(TEXT, stream=True)),
    "messages over chat": ("messages", message(TEXT, "over_chat-eu")),
    "responses": ("responses", response(TEXT)),
    "responses, stream": ("responses", response(TEXT, stream=True)),
    "responses, redacted": ("responses", response(PERSONAL)),
    "embeddings": ("embeddings", {"model": "openai-eu", "input": TEXT}),
    "refused: no such model": ("chat_completions", {**chat(TEXT), "model": "none"}),
}


def answer(arrived: Arrived) -> Reply:
    """The same answer each time, in the wire format of the request."""
    whole, stream = WIRES[arrived.path]
    body = arrived.json()
    made = whole(ANSWER, MAIN.get(arrived.path, "content"), body)
    if body.get("stream"):
        return streamed(list(stream(made)))
    return Reply([json.dumps(made).encode()])


@dataclass
class Counted:
    """What a request did beside its calls."""

    appends: int = 0

    def watch(self, store: LedgerStore, monkeypatch: pytest.MonkeyPatch) -> None:
        append = store.append

        async def counting(batch: EntryBatch) -> None:
            self.appends += 1
            await append(batch)

        monkeypatch.setattr(store, "append", counting)


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(answer) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    """A gateway with a key of a team that has a budget and limits, as applications have one."""
    made = secrets.create(tmp_path / "secrets")
    many = Limits(requests_per_minute=10**8, tokens_per_minute=10**11)
    team = Team("bench", budget=Budget(10**6), limits=many)
    snapshot = replace(catalogue(provider, key_of(made.pepper, team="bench")), teams=[team])
    async with InProcessGateway(snapshot, tmp_path, made=made) as running:
        yield running


async def ask(gateway: InProcessGateway, path: str, body: bytes) -> int:
    """One request straight to the application: no client of a test is counted."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"gateway"),
            (b"authorization", f"Bearer {SECRET}".encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080),
    }
    pieces = iter([{"type": "http.request", "body": body, "more_body": False}])
    statuses: list[int] = []

    async def receive() -> Any:
        return next(pieces, None) or await asyncio.Event().wait()

    async def send(event: Any) -> None:
        if event["type"] == "http.response.start":
            statuses.append(event["status"])

    await gateway.app(scope, receive, send)
    return statuses[0]


def written() -> dict[str, dict[str, int]]:
    found = yaml.safe_load(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return dict(found)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="calls are those of Python 3.11")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_costs_what_the_file_says(
    name: str, gateway: InProcessGateway, provider: WireProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect, document = REQUESTS[name]
    path, body = PATHS[dialect], orjson.dumps(document)
    for _ in range(WARM):
        status = await ask(gateway, path, body)
    counted, calls = Counted(), []
    counted.watch(gateway.store, monkeypatch)
    provider.arrived.clear()
    for _ in range(COUNTED):
        with cProfile.Profile() as profile:
            assert await ask(gateway, path, body) == status
        calls.append(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]
    cost = {
        "status": status,
        "calls": sorted(calls)[COUNTED // 4],
        "appends": counted.appends // COUNTED,
        "sent": sum(len(one.body) for one in provider.arrived) // COUNTED,
    }
    if os.environ.get("SLUIS_WRITE_COSTS"):
        FILE.write_text(yaml.safe_dump({**written(), name: cost}, sort_keys=False))
        return
    recorded = written()[name]
    rel = OF_STREAMS if document.get("stream") else TOLERANCE
    assert cost["calls"] == pytest.approx(recorded["calls"], rel=rel), (
        f"{name}: {cost['calls']} calls, {recorded['calls']} in {FILE.name}. Write the file with "
        "`make costs`, and say in the commit why it costs more."
    )
    assert {**cost, "calls": 0} == {**recorded, "calls": 0}


def test_every_standard_request_is_in_the_file() -> None:
    assert written().keys() == REQUESTS.keys()
