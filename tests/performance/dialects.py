"""What each dialect costs beside chat completions: ``python -m tests.performance.dialects``.

One gateway process and a scripted provider; rounds of all dialects alternate. Prints the CPU time
of the gateway for each whole answer and for each event of a stream, and each as a ratio to chat
completions. ``--streams 2000`` opens so many streams at once, prints the memory of the gateway,
leaves them, and prints when the provider noticed.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn

from tests.support.installation import APP_KEY, Installation
from tests.support.ports import free_port
from tests.support.wire_answers import WIRES
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

CONFIG = """\
version: 1
providers:
  - {{name: openai, kind: openai, base_url: "{url}/openai", zone: internal}}
  - {{name: anthropic, kind: anthropic, base_url: "{url}/anthropic", zone: internal}}
  - {{name: vllm, kind: vllm, base_url: "{url}/vllm", zone: internal}}
deployments:
  - {{name: openai-1, provider: openai, model: m}}
  - {{name: anthropic-1, provider: anthropic, model: m}}
  - {{name: vllm-1, provider: vllm, model: m}}
aliases:
  - {{name: openai, candidates: [openai-1]}}
  - {{name: anthropic, candidates: [anthropic-1]}}
  - {{name: vllm, candidates: [vllm-1]}}
use_cases:
  - {{name: service, owner: "support", legal_basis: contract, risk: limited}}
teams:
  - {{name: support}}
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted,
     purposes: [service]}}
"""
CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
WAYS = {
    "chat": (CHAT, "openai"),
    "responses": (RESPONSES, "openai"),
    "messages": (MESSAGES, "anthropic"),
    "responses over chat": (RESPONSES, "vllm"),
    "messages over chat": (MESSAGES, "vllm"),
}
PIECE = "een woord "
ASKED = "Vat samen: " + "dit is een tekst zonder namen en zonder cijfers. " * 8
LIMITS = ("max_tokens", "max_output_tokens")
TICK = os.sysconf("SC_CLK_TCK")


def script(arrived: Arrived) -> Reply:
    """An answer of as many pieces as the request wishes."""
    body = arrived.json()
    whole, stream = WIRES[arrived.path]
    field = {"/v1/messages": "text", "/responses": "output_text"}.get(arrived.path, "content")
    words = next(body[name] for name in LIMITS if name in body)
    made = whole(PIECE * words, field, body)
    if body.get("stream"):
        return streamed(list(stream(made)))
    return Reply([orjson.dumps(made)])


def request(path: str, model: str, number: int, words: int, *, stream: bool) -> dict[str, Any]:
    """A request that was not seen before, for an answer of so many words."""
    text = f"{ASKED} ({_letters(number)})"
    body: dict[str, Any] = {"model": model, "stream": stream}
    if path == RESPONSES:
        return {**body, "input": text, "max_output_tokens": words}
    return {**body, "max_tokens": words, "messages": [{"role": "user", "content": text}]}


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


@contextmanager
def running() -> Iterator[Installation]:
    """A gateway with its control plane."""
    with tempfile.TemporaryDirectory() as folder, WireProvider(script) as provider:
        sluis = Installation(Path(folder))
        sluis.apply(CONFIG.format(url=provider.url))
        sluis.start("control", "gateway")
        try:
            yield sluis
        finally:
            sluis.stop()


def cpu_of(sluis: Installation) -> float:
    """CPU seconds of the gateway process itself."""
    pid = sluis.process("gateway").pid
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_of(sluis: Installation) -> float:
    """Resident megabytes of the gateway process."""
    pid = sluis.process("gateway").pid
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


class Costs:
    """Milliseconds of CPU a request, by way."""

    def __init__(self, sluis: Installation) -> None:
        self._sluis = sluis
        self._number = 0
        self._client = httpx.Client(
            base_url=sluis.url, headers={"authorization": f"Bearer {APP_KEY}"}, timeout=60
        )

    def of(self, way: str, count: int, words: int, *, stream: bool) -> float:
        """Of one request, averaged over so many."""
        return self._measured(way, count, words, stream=stream)[0]

    def events(self, way: str, count: int) -> float:
        """Of one event: the difference of long and short streams."""
        long, many = self._measured(way, count, 300, stream=True)
        short, few = self._measured(way, count, 30, stream=True)
        return (long - short) / (many - few)

    def _measured(self, way: str, count: int, words: int, *, stream: bool) -> tuple[float, float]:
        """Milliseconds of CPU and events of one request."""
        path, model = WAYS[way]
        before, events = cpu_of(self._sluis), 0
        for _ in range(count):
            self._number += 1
            body = request(path, model, self._number, words, stream=stream)
            answer = self._client.post(path, json=body).raise_for_status()
            events += answer.content.count(b"data: ")
        return (cpu_of(self._sluis) - before) / count * 1000, events / count


def compare(rounds: int) -> None:
    """Prints the table."""
    with running() as sluis:
        costs = Costs(sluis)
        for way in WAYS:
            costs.of(way, 20, 3, stream=False)
        whole: dict[str, list[float]] = {way: [] for way in WAYS}
        event: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                whole[way].append(costs.of(way, 100, 3, stream=False))
                event[way].append(costs.events(way, 12))
        for title, measured in (("whole answer, ms", whole), ("event, ms", event)):
            for way, found in measured.items():
                ratios = [one / chat for one, chat in zip(found, measured["chat"], strict=True)]
                print(
                    f"{title:18} {way:20} {statistics.median(found):8.4f}"
                    f"  x{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
                )


@asynccontextmanager
async def endless(gone: list[float]) -> AsyncIterator[str]:
    """A provider whose streams do not end; ``gone`` are the moments at which they were left."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        choice = {"index": 0, "delta": {"content": "een woord "}, "finish_reason": None}
        data = b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n"
        kind = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        leaving = asyncio.ensure_future(receive())
        while not leaving.done():
            await send({"type": "http.response.body", "body": data, "more_body": True})
            await asyncio.wait([leaving], timeout=1)
        gone.append(time.monotonic())

    port = free_port()
    settings = uvicorn.Config(app, port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(settings)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def many(count: int) -> None:
    """Prints the memory of a gateway with so many streams, and when their ends were noticed."""
    gone: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with endless(gone) as url:
            sluis = Installation(Path(folder))
            await asyncio.to_thread(sluis.apply, CONFIG.format(url=url))
            await asyncio.to_thread(sluis.start, "control", "gateway")
            try:
                await _streams(sluis, count, gone)
            finally:
                await asyncio.to_thread(sluis.stop)


async def _streams(sluis: Installation, count: int, gone: list[float]) -> None:
    limits = httpx.Limits(max_connections=None)
    client = httpx.AsyncClient(
        base_url=sluis.url,
        headers={"authorization": f"Bearer {APP_KEY}"},
        timeout=120,
        limits=limits,
    )
    before = memory_of(sluis)
    leave, begun = asyncio.Event(), asyncio.Semaphore(0)
    pace = asyncio.Semaphore(50)

    async def one(number: int) -> None:
        body = request(CHAT, "openai", number, 1, stream=True)
        async with pace:
            made = client.build_request("POST", CHAT, json=body)
            response = await client.send(made, stream=True)
            pieces = response.aiter_raw()
            await anext(pieces)
        begun.release()
        reading = asyncio.ensure_future(_drain(pieces))
        await leave.wait()
        reading.cancel()
        await response.aclose()

    tasks = [asyncio.ensure_future(one(number)) for number in range(count)]
    for _ in range(count):
        await begun.acquire()
    print(f"{count} streams: {memory_of(sluis):.0f} MB (before them {before:.0f} MB)")
    left = time.monotonic()
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    while len(gone) < count and time.monotonic() < left + 60:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    waits = sorted(moment - left for moment in gone)
    print(f"{len(waits)} left: median {statistics.median(waits):.2f} s, last {waits[-1]:.2f} s")
    await client.aclose()


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        continue


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, help="open so many streams at once instead")
    given = parser.parse_args()
    if given.streams:
        asyncio.run(many(given.streams))
    else:
        compare(given.rounds)


if __name__ == "__main__":
    main()
