"""A real worker on a loopback socket, with tiny random models."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import uvicorn
from peft import LoraConfig, get_peft_model
from transformers import LlamaForCausalLM

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.app import create_app
from gateway.worker.engine import Engine
from gateway.worker.spec import ServedModel, WorkerOptions
from tests.support.tiny_model import make_tiny

TOKEN = "worker-token-of-the-tests"


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker with its client and engine."""

    client: httpx.Client
    engine: Engine
    call: Callable[[Coroutine[Any, Any, Any]], Any]

    def chat(self, **fields: Any) -> httpx.Response:
        body = {"model": "tiny@1", "messages": [{"role": "user", "content": "Hallo"}], **fields}
        return self.client.post("/v1/chat/completions", content=json.dumps(body))

    def text(self, **fields: Any) -> str:
        answer = self.chat(**fields)
        assert answer.status_code == 200, answer.text
        content = answer.json()["choices"][0]["message"]["content"]
        assert isinstance(content, str)
        return content

    def batcher(self, name: str = "tiny@1") -> Any:
        replicas = self.engine._replicas.values()
        return next(item.batcher for item in replicas if item.served.served_name == name)

    def is_generating(self, name: str = "tiny@1") -> bool:
        """True once an answer of that version has sent its first text."""
        replicas = self.engine._replicas.values()
        live = [item._running for item in replicas if item.served.served_name == name]
        return any(answer.completion_tokens > 8 for answers in live for answer in list(answers))

    def until(self, holds: Callable[[], bool], *, seconds: float = 20.0) -> None:
        """Poll the worker until a condition holds."""
        end = time.monotonic() + seconds
        while not holds():
            self.client.get("/health/live")
            assert time.monotonic() < end, "did not happen in time"


@pytest.fixture(scope="session")
def tiny_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def adapter_dir(tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA with weights large enough to change the text."""
    directory = tmp_path_factory.mktemp("models") / "adapter"
    with torch.random.fork_rng():
        torch.manual_seed(3)
        config = LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"])
        adapted = get_peft_model(LlamaForCausalLM.from_pretrained(tiny_dir), config)
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.3)
    adapted.save_pretrained(str(directory))
    return directory


@pytest.fixture(scope="session")
def served(tiny_dir: Path, adapter_dir: Path) -> Callable[..., ServedModel]:
    base, adapter = manifest_of(tiny_dir).digest, manifest_of(adapter_dir).digest

    def make(
        name: str = "tiny", *, adapted: bool = False, base_dir: Path = tiny_dir
    ) -> ServedModel:
        adapter_digest = adapter if adapted else None
        return ServedModel(
            name=name,
            version="1",
            tags=("production",),
            base_dir=base_dir,
            base_digest=base,
            adapter_dir=adapter_dir if adapted else None,
            adapter_digest=adapter_digest,
            digest=version_digest(base, adapter_digest),
        )

    return make


@contextmanager
def workers() -> Iterator[Callable[..., Worker]]:
    """What starts a worker with given options; all of them end with the block."""
    running: list[tuple[uvicorn.Server, threading.Thread, httpx.Client]] = []

    def make(**options: Any) -> Worker:
        chosen = WorkerOptions(token=TOKEN, threads=1, **options)
        engine = Engine(chosen)
        app = create_app(engine, chosen)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="on",
                log_level="error",
                timeout_graceful_shutdown=2,
                timeout_keep_alive=75,  # as in the product: the client is the one to close
            )
        )
        listener = socket.create_server(("127.0.0.1", 0))
        loop: Future[asyncio.AbstractEventLoop] = Future()

        async def main() -> None:
            loop.set_result(asyncio.get_running_loop())
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        event_loop = loop.result()
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            headers={"authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        running.append((server, thread, client))
        return Worker(
            client=client,
            engine=engine,
            call=lambda work: asyncio.run_coroutine_threadsafe(work, event_loop).result(timeout=30),
        )

    try:
        yield make
    finally:
        for server, _, client in running:
            client.close()
            server.should_exit = True
        for _, thread, _ in running:
            thread.join(timeout=30)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Worker]]:
    """Start workers with options of one test.

    They end with the module: a worker that goes on takes CPU time from the tests after it.
    """
    with workers() as make:
        yield make


@pytest.fixture(scope="module")
def worker(start: Callable[..., Worker], served: Callable[..., ServedModel]) -> Worker:
    """The worker that most tests of a module share, with a base and an adapter on it."""
    made = start(num_blocks=96, page_size=16, max_batch_tokens=256)
    made.call(made.engine.serve([served(), served("adapted", adapted=True)]))
    return made
