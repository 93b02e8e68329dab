"""A provider that writes a file of the request back: as a text, into a tool and as a patch.

It speaks each wire, and cuts its streams where it is told to. The file stands between ``BEGIN`` and
the end of a text, as it is or with numbered lines, which the provider takes off as a model does.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from tests.support import anthropic_api, openai_api, responses_api
from tests.support.messages_reader import events_of as message_events
from tests.support.messages_reader import message_of
from tests.support.responses_api import Cut, in_threes
from tests.support.responses_reader import events_of as response_events
from tests.support.wire_answers import chat_stream, message_stream, response_stream
from tests.support.wire_provider import Arrived, Reply, streamed

Body = dict[str, Any]
BEGIN = "Zet dit bestand over:\n\n"
WRITE, PATCH = "write_file", "apply_patch"
_STRETCH, _ADDED = 7, "# gewijzigd"
_SCHEMA = {"type": "object", "properties": {"content": {"type": "string"}}}
_NUMBERED = re.compile(r" *\d+(?:\u2192|\t|\| )")


@dataclass(frozen=True)
class Said:
    """A file in an answer: in its text, as an argument, and as a patch.

    ``patch`` is None where the tools have no free text.
    """

    text: str
    arguments: Any
    patch: str | None


def whole_file(file: str) -> Said:
    """The file in a fence, as one argument, and as added lines."""
    added = "".join(f"+{line}" for line in file.splitlines(keepends=True))
    return Said(
        f"Hier is het:\n\n```python\n{file}\n```\n",
        {"content": file},
        f"*** Begin Patch\n*** Add File: a.py\n{added}\n*** End Patch",
    )


def edits(file: str) -> Said:
    """Stretches of the file, each with one line more: SEARCH and REPLACE, as old and new."""
    lines = file.split("\n")
    stretches = [lines[at : at + _STRETCH] for at in range(0, len(lines), 2 * _STRETCH)]
    text, calls, patch = "", [], "*** Begin Patch\n*** Update File: a.py\n"
    for stretch in stretches:
        old = "\n".join(stretch)
        new = f"{old}\n{_ADDED}"
        block = f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE"
        text += f"a.py\n```python\n{block}\n```\n\n"
        calls.append({"old_string": old, "new_string": new})
        before, changed, after = stretch[:3], stretch[3:4], stretch[4:]
        marked = [(" ", before), ("-", changed), ("+", [*changed, _ADDED]), (" ", after)]
        patch += "@@\n" + "".join(f"{mark}{line}\n" for mark, some in marked for line in some)
    return Said(text, {"edits": calls}, f"{patch}*** End Patch")


def as_it_is(file: str) -> str:
    return BEGIN + file


def numbered(mark: str) -> Callable[[str], str]:
    """How a tool shows a file with numbered lines."""

    def shown(file: str) -> str:
        lines = enumerate(file.split("\n"), start=1)
        return BEGIN + "\n".join(f"{number:>6}{mark}{line}" for number, line in lines)

    return shown


SHOWN = (as_it_is, numbered("\u2192"), numbered("\t"), numbered("| "))


class FileEcho:
    """Answers each request, whole or in a stream whose texts ``cut`` takes into pieces."""

    def __init__(self) -> None:
        self.said: Callable[[str], Said] = whole_file
        self.cut: Cut = in_threes
        self.ascii = True  # whether the JSON of arguments escapes all other characters

    def __call__(self, arrived: Arrived) -> Reply:
        body = arrived.json()
        said = self.said(_file_in(body))
        if PATCH not in arrived.body.decode():
            said = replace(said, patch=None)
        whole, stream = _WIRES[arrived.path]
        made = whole(body["model"], said, self.source(said))
        if body.get("stream"):
            return streamed(list(stream(made, self.cut)))
        return Reply([orjson.dumps(made)])

    def source(self, said: Said) -> str:
        """The JSON of the arguments."""
        return json.dumps(said.arguments, ensure_ascii=self.ascii)


def _file_in(body: Body) -> str:
    """The file in the text that begins so; its lines have no numbers if all of them had one."""
    file = next(text for text in _strings(body) if text.startswith(BEGIN)).removeprefix(BEGIN)
    lines = file.split("\n")
    if all(map(_NUMBERED.match, lines)):
        return "\n".join(_NUMBERED.sub("", line, count=1) for line in lines)
    return file


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _strings(value)


def _chat(model: str, said: Said, source: str) -> Body:
    calls: list[Body] = [
        {"index": 0, "id": "call_1", "type": "function"}
        | {"function": {"name": WRITE, "arguments": source}}
    ]
    if said.patch is not None:
        custom = {"name": PATCH, "input": said.patch}
        calls.append({"index": 1, "id": "call_2", "type": "custom", "custom": custom})
    message = {"role": "assistant", "content": said.text, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": model}
    return {**head, "choices": [choice], "usage": openai_api.USAGE}


def _message(model: str, said: Said, source: str) -> Body:
    call = {"type": "tool_use", "id": "toolu_1", "name": WRITE, "input": json.loads(source)}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": model}
    ended = {"stop_reason": "tool_use", "stop_sequence": None}
    usage = {**anthropic_api.USAGE, "output_tokens": 15}
    return {**head, "content": [{"type": "text", "text": said.text}, call], **ended, "usage": usage}


def _response(model: str, said: Said, source: str) -> Body:
    part = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
    done = {"status": "completed"}
    call = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": WRITE, **done}
    output: list[Body] = [
        {"id": "msg_1", "type": "message", "role": "assistant", "content": [part], **done},
        {**call, "arguments": source},
    ]
    if said.patch is not None:
        custom = {"id": "ct_1", "type": "custom_tool_call", "call_id": "call_2", "name": PATCH}
        output.append({**custom, "input": said.patch, **done})
    whole = responses_api.whole({"model": model, "input": ""}, "say ")
    return {**whole, "output": output}


# By the path at which a provider is asked.
_WIRES: dict[str, tuple[Callable[[str, Said, str], Body], Callable[[Body, Cut], Any]]] = {
    "/chat/completions": (_chat, chat_stream),
    "/v1/messages": (_message, message_stream),
    "/responses": (_response, response_stream),
}


def _chat_request(shown: str, *, by_tool: bool) -> Body:
    tools = [
        {"type": "function", "function": {"name": WRITE, "parameters": _SCHEMA}},
        {"type": "custom", "custom": {"name": PATCH}},
    ]
    if not by_tool:
        return {"messages": [{"role": "user", "content": shown}], "tools": tools}
    call = {"id": "call_0", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    messages: list[Body] = [
        {"role": "user", "content": "Doe het."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_0", "content": shown},
    ]
    return {"messages": messages, "tools": tools}


def _message_request(shown: str, *, by_tool: bool) -> Body:
    head = {"max_tokens": 4096, "tools": [{"name": WRITE, "input_schema": _SCHEMA}]}
    if not by_tool:
        return {**head, "messages": [{"role": "user", "content": shown}]}
    call = {"type": "tool_use", "id": "toolu_0", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_0", "content": shown}
    messages: list[Body] = [
        {"role": "user", "content": "Doe het."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    return {**head, "messages": messages}


def _response_request(shown: str, *, by_tool: bool) -> Body:
    tools = [
        {"type": "function", "name": WRITE, "parameters": _SCHEMA},
        {"type": "custom", "name": PATCH},
    ]
    if not by_tool:
        return {"input": shown, "tools": tools}
    items: list[Body] = [
        {"role": "user", "content": "Doe het."},
        {"type": "function_call", "call_id": "call_0", "name": "read", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_0", "output": shown},
    ]
    return {"input": items, "tools": tools}


def _chat_said(answer: str) -> Said:
    texts = ["", "", ""]
    whole = answer.startswith("{")
    chunks = [json.loads(answer)] if whole else _data(answer)
    for chunk in chunks:
        for choice in chunk["choices"]:
            said = choice["message" if whole else "delta"]
            texts[0] += said.get("content") or ""
            for call in said.get("tool_calls") or ():
                texts[1] += call.get("function", {}).get("arguments") or ""
                texts[2] += call.get("custom", {}).get("input") or ""
    return Said(texts[0], json.loads(texts[1]), texts[2] or None)


def _data(answer: str) -> Iterator[Body]:
    for line in answer.splitlines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _message_said(answer: str) -> Said:
    whole = json.loads(answer) if answer.startswith("{") else message_of(message_events(answer))
    text, call = whole["content"]
    return Said(text["text"], call["input"], None)


def _response_said(answer: str) -> Said:
    if answer.startswith("{"):
        output = json.loads(answer)["output"]
    else:
        events = response_events(answer)
        output = events[-1]["response"]["output"]
        pieces = "".join(event["delta"] for event in events if event["type"].endswith(".delta"))
        assert pieces == "".join(map(_text_of, output))
    text, call, *custom = map(_text_of, output)
    return Said(text, json.loads(call), custom[0] if custom else None)


def _text_of(item: Body) -> str:
    found = item.get("arguments", item.get("input"))
    return str(item["content"][0]["text"] if found is None else found)


# By dialect of the caller: how it asks, and what an answer says, whole or streamed.
CALLERS: dict[str, tuple[Callable[..., Body], Callable[[str], Said]]] = {
    "chat_completions": (_chat_request, _chat_said),
    "messages": (_message_request, _message_said),
    "responses": (_response_request, _response_said),
}
