"""The translator's child: what it may hold, and what happens when it dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.core.errors import UpstreamFailed
from gateway.egress import wire_formats
from gateway.egress.translator import client as module
from gateway.egress.translator.client import Translator
from tests.integration.egress.conftest import CANARY, QUESTION, SECRET, Gate
from tests.support.anthropic_api import Manner

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

CHILD = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
connection, _ = listener.accept()
"""
NEVER_ANSWERS = CHILD + "sys.stdin.read()"
DIES_WHEN_ASKED = CHILD + "connection.recv(1)"


async def test_killed_between_two_requests(gate: Gate) -> None:
    before = await gate.whole()
    pid = gate.child.pid
    await gate.kill()
    after = await gate.whole()
    assert after["choices"] == before["choices"]
    assert gate.child.pid != pid


async def test_killed_between_request_and_answer(gate: Gate) -> None:
    departure = await gate.write()
    await gate.kill()
    with await gate.egress.send(departure) as answered:
        assert (await answered.whole())["choices"][0]["finish_reason"] == "stop"


async def test_killed_in_the_middle_of_a_stream(gate: Gate) -> None:
    hold = asyncio.Event()
    gate.api.manner = Manner(piece=700, hold=hold)
    departure = await gate.write(stream=True)
    with await gate.egress.send(departure) as answered:
        chunks = answered.chunks()
        assert (await anext(chunks))["choices"][0]["delta"]["role"] == "assistant"
        await gate.kill()
        hold.set()
        with pytest.raises(UpstreamFailed):
            [chunk async for chunk in chunks]
    gate.api.manner = Manner()
    assert (await gate.chunks())[-1]["usage"]["completion_tokens"] == 15


async def test_many_at_once(gate: Gate) -> None:
    answers = await asyncio.gather(*(gate.chunks() for _ in range(20)), gate.whole())
    assert all(answer for answer in answers)


async def test_a_caller_that_leaves_disturbs_nobody(gate: Gate) -> None:
    hold = asyncio.Event()
    gate.api.manner = Manner(piece=700, hold=hold)
    departure = await gate.write(stream=True)
    with await gate.egress.send(departure) as answered:
        chunks = answered.chunks()
        await anext(chunks)
        assert isinstance(chunks, AsyncGenerator)
        await chunks.aclose()
    hold.set()
    asking = asyncio.ensure_future(gate.write())
    asyncio.get_running_loop().call_soon(asking.cancel)
    with pytest.raises(asyncio.CancelledError):
        await asking
    pid = gate.child.pid
    gate.api.manner = Manner()
    assert (await gate.whole())["choices"]
    assert gate.child.pid == pid


async def test_the_child_holds_no_secret_and_no_network(gate: Gate) -> None:
    await gate.whole()
    entries = Path(f"/proc/{gate.child.pid}/environ").read_bytes().split(b"\0")
    names = {entry.split(b"=")[0].decode() for entry in entries if entry}
    assert names == {
        "PATH",
        "LANG",
        "LITELLM_LOCAL_MODEL_COST_MAP",
        "LITELLM_MODE",
        "LITELLM_RUST",
    }
    assert not any(secret.encode() in b"".join(entries) for secret in (CANARY, SECRET))
    open_files = [os.readlink(file) for file in Path(f"/proc/{gate.child.pid}/fd").iterdir()]
    inodes = {name[8:-1] for name in open_files if name.startswith("socket:")}
    internet = [
        line.split()[9]
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    ]
    assert not inodes & set(internet)


async def test_the_socket_is_private(gate: Gate) -> None:
    await gate.whole()
    child = gate.translator._child
    assert child is not None
    assert child.directory.stat().st_mode & 0o777 == 0o700


async def test_gone_after_close() -> None:
    translator = Translator()
    await translator.ask(QUESTION)
    child = translator._child
    assert child is not None
    await translator.close()
    assert child.process.returncode is not None
    assert not Path(f"/proc/{child.process.pid}").exists()
    assert not child.directory.exists()
    with pytest.raises(UpstreamFailed):
        await translator.ask(QUESTION)


async def test_a_child_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CALL_S", 0.1)
    translator = Translator([sys.executable, "-c", NEVER_ANSWERS])
    with pytest.raises(UpstreamFailed) as failed:
        await translator.ask(QUESTION)
    assert failed.value.code == "upstream_timeout"
    assert translator._child is not None
    assert translator._child.process.returncode == -signal.SIGKILL
    await translator.close()


@pytest.mark.parametrize("script", [DIES_WHEN_ASKED, "pass", "print('ready')"])
async def test_a_child_that_dies_whenever_it_is_asked(script: str) -> None:
    translator = Translator([sys.executable, "-c", script])
    with pytest.raises(UpstreamFailed):
        await translator.ask(QUESTION)
    await translator.close()


async def test_a_command_that_does_not_exist() -> None:
    with pytest.raises(UpstreamFailed):
        await Translator(["/nonexistent"]).ask(QUESTION)


async def test_a_start_that_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Future[asyncio.subprocess.Process] = asyncio.Future()

    async def forever(process: asyncio.subprocess.Process) -> None:
        started.set_result(process)
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "_until_ready", forever)
    asking = asyncio.ensure_future(Translator().ask(QUESTION))
    process = await started
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert process.returncode == -signal.SIGKILL


async def test_what_is_translated() -> None:
    chat = {kind for dialect, kind in wire_formats(Translator()) if dialect == "chat_completions"}
    assert chat == {"anthropic", "bedrock"}
