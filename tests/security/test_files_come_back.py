"""A provider that writes back what it saw: the files are byte for byte those that were sent."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.core.system import secrets
from tests.support.classifier import FunctionClassifier
from tests.support.effort import examples
from tests.support.in_process import InProcessGateway, key_of
from tests.support.openai_api import USAGE
from tests.support.planted_files import MAILS, NAMES, entities, planted_files
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
BEGIN = "Zet dit bestand over:\n\n"
TOOL = {
    "type": "function",
    "function": {
        "name": "write_file",
        "parameters": {"type": "object", "properties": {"content": {"type": "string"}}},
    },
}


class Echo:
    """Writes what it saw into a fence and into the arguments of a tool, in random pieces."""

    def __init__(self) -> None:
        self.rng = Random(7)

    def __call__(self, arrived: Arrived) -> Reply:
        body = arrived.json()
        seen = body["messages"][0]["content"].removeprefix(BEGIN)
        text = f"Hier is het:\n\n```python\n{seen}\n```\n"
        arguments = json.dumps({"content": seen}, ensure_ascii=self.rng.random() < 0.5)
        head: dict[str, Any] = {"id": "c", "created": 1, "model": body["model"]}
        if not body.get("stream"):
            call = {"id": "call_1", "type": "function"}
            function = {"name": "write_file", "arguments": arguments}
            message = {
                "role": "assistant",
                "content": text,
                "tool_calls": [{**call, "function": function}],
            }
            choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "tool_calls"}
            whole = {**head, "object": "chat.completion", "choices": [choice], "usage": USAGE}
            return Reply([json.dumps(whole).encode()])
        deltas: list[dict[str, Any]] = [{"content": piece} for piece in self._pieces(text)]
        deltas += [
            {"tool_calls": [{"index": 0, **named, "function": {**function, "arguments": piece}}]}
            for piece, (named, function) in zip(
                self._pieces(arguments),
                [({"id": "call_1", "type": "function"}, {"name": "write_file"})]
                + [({}, {})] * len(arguments),
                strict=False,
            )
        ]
        events: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
        ]
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
        chunks = [{**head, "object": "chat.completion.chunk", **event} for event in events]
        frames = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
        return streamed([*frames, b"data: [DONE]\n\n"])

    def _pieces(self, text: str) -> list[str]:
        pieces, at = [], 0
        longest = self.rng.choice([40, 400, 4000])
        while at < len(text):
            size = self.rng.randint(1, longest)
            pieces.append(text[at : at + size])
            at += size
        return pieces


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(Echo()) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    async with InProcessGateway(
        catalogue(provider, key_of(made.pepper)),
        tmp_path,
        made=made,
        classifier=FunctionClassifier(entities),
    ) as running:
        yield running


def said(body: str) -> tuple[str, str]:
    """The text and the arguments of a streamed answer."""
    text = arguments = ""
    for line in body.splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                delta = choice["delta"]
                text += delta.get("content") or ""
                for call in delta.get("tool_calls") or ():
                    arguments += call["function"].get("arguments") or ""
    return text, arguments


async def test_files_come_back_byte_for_byte(
    gateway: InProcessGateway, provider: WireProvider
) -> None:
    wanted, tried, values = examples(100), 0, 0
    for file in planted_files(wanted * 3, Random(11)):
        if tried == wanted:
            break
        body = {
            "model": "openai-eu",
            "messages": [{"role": "user", "content": BEGIN + file}],
            "tools": [TOOL],
        }
        whole = await gateway.client.post("/v1/chat/completions", json=body)
        if whole.status_code == 403:
            continue  # it is restricted, and has no deployment inside here
        assert whole.status_code == 200, whole.text
        seen = provider.arrived[-1].body.decode()
        if "[SECRET]" in seen:
            continue  # a secret never comes back
        assert not any(one in seen for one in (*NAMES, *MAILS))
        message = whole.json()["choices"][0]["message"]
        streamed_back = await gateway.client.post(
            "/v1/chat/completions", json={**body, "stream": True}
        )
        texts = (message["content"], said(streamed_back.text)[0])
        calls = (
            message["tool_calls"][0]["function"]["arguments"],
            said(streamed_back.text)[1],
        )
        for text in texts:
            assert text == f"Hier is het:\n\n```python\n{file}\n```\n"
        for arguments in calls:
            assert json.loads(arguments)["content"] == file
        assert "x-sluis-kept" not in whole.headers
        values += int(whole.headers["x-sluis-redacted"])
        tried += 1
    assert tried == wanted
    print(f"{tried} files with {values} values, whole and streamed, all equal")
