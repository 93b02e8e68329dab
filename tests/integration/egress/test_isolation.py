"""litellm stays in its child, stays quiet there, and does not outlive the gateway."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.egress.conftest import QUESTION
from tests.support.anthropic_api import AnthropicApi

pytestmark = pytest.mark.integration

PARENT = f"""
import asyncio, sys
from gateway.egress.translator.client import Translator

async def main():
    translator = Translator()
    await translator.ask({QUESTION!r})
    child = translator._child
    print(child.process.pid, child.directory, "litellm" in sys.modules, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
TRANSLATIONS = f"""
import json, sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith("socket.") else None)
from gateway.egress.translator import child
connection = child._Connection()
for question in json.loads(sys.stdin.read()):
    answer = connection.answer(question)
    assert not {{"failed", "refused"}} & answer.keys(), answer
proxy = [name for name in sys.modules if name.startswith("litellm.proxy")]
network = [event for event in seen if event in child._NETWORK]
print(json.dumps([proxy, network, {QUESTION["model"]!r}]))
"""


def test_gone_after_the_parent_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, directory, has_litellm = parent.stdout.readline().split()
        handle = os.pidfd_open(int(pid))
        parent.send_signal(signal.SIGKILL)
    ended, _, _ = select.select([handle], [], [], 10)
    os.close(handle)
    assert ended, "the child outlives its parent"
    assert not Path(directory).exists()
    assert has_litellm == "False"


def test_litellm_brings_neither_its_proxy_nor_traffic() -> None:
    api = AnthropicApi()
    reading = {"names": {}, "json_mode": False, "json_tools": []}
    request = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": []}]}
    questions = [
        QUESTION,
        {"op": "answer", "answer": api.answer(request), "reading": reading},
        *({"op": "event", "event": e, "reading": reading} for e in api.events(request)),
    ]
    done = subprocess.run(
        [sys.executable, "-c", TRANSLATIONS],
        input=json.dumps(questions),
        env={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [[], [], "claude-haiku-4-5"]
