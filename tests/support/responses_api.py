"""Responses as OpenAI's API gives them, for the stand-in of a commercial provider.

The shapes are those of the published API reference; it echoes, calls tools and misbehaves on wish.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import orjson

Body = dict[str, Any]
Cut = Callable[[str], Iterable[str]]  # a text in pieces
USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 3},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 18,
}
SEALED = "gAAAAABsealed-reasoning"


def said_last(body: Body) -> str:
    """The text of the last message or tool output."""
    if isinstance(body["input"], str):
        return body["input"]
    item = body["input"][-1]
    content = item.get("content", item.get("output"))
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def whole(body: Body, wish: str) -> Body:
    """A complete response."""
    status = "incomplete" if wish == "length" else "completed"
    details = {"reason": "max_output_tokens"} if wish == "length" else None
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": body["model"],
        "instructions": body.get("instructions"),
        "tools": body.get("tools", []),
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "error": None,
        "incomplete_details": details,
        "metadata": {},
        "output": _items(body, wish),
        "usage": USAGE,
    }


async def frames(body: Body, wish: str) -> AsyncIterator[bytes]:
    """The events of a streamed response."""
    numbers = itertools.count()
    for event in events(whole(body, wish), wish):
        data = orjson.dumps({**event, "sequence_number": next(numbers)})
        yield b"event: " + event["type"].encode() + b"\ndata: " + data + b"\n\n"


def _items(body: Body, wish: str) -> list[Body]:
    said = said_last(body)
    items: list[Body] = []
    if "reasoning.encrypted_content" in body.get("include", ()):
        summary = [{"type": "summary_text", "text": "About: " + said}]
        items.append({
            "id": "rs_1",
            "type": "reasoning",
            "summary": summary,
            "encrypted_content": SEALED,
        })
    tool = next(iter(body.get("tools") or ()), None)
    if tool and "output" not in body["input"][-1]:
        tool = tool["tools"][0] | {"namespace": tool["name"]} if "tools" in tool else tool
        call = {"id": "fc_1", "call_id": "call_1", "name": tool["name"], "status": "completed"}
        if "namespace" in tool:
            call["namespace"] = tool["namespace"]
        if tool["type"] == "custom":
            items.append({**call, "type": "custom_tool_call", "input": said})
        else:
            arguments = orjson.dumps({"query": said}).decode()
            items.append({**call, "type": "function_call", "arguments": arguments})
    else:
        text = wish[4:] if wish.startswith("say ") else "Echo: " + said
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        items.append({
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [part],
        })
    return items


def in_threes(text: str) -> list[str]:
    return [text[at : at + 3] for at in range(0, len(text), 3)]


def events(response: Body, wish: str, cut: Cut = in_threes) -> Iterator[Body]:
    """The events of a response, as the wish asks; ``cut`` takes a text into pieces."""
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for place, item in enumerate(response["output"]):
        for event in _of_item(item, cut):
            if wish == "cut" and event["type"].endswith(".done"):
                return
            yield {**event, "output_index": place}
    if wish == "no end":
        return
    if wish == "failed":
        error = {"code": "server_error", "message": "secret detail"}
        yield {"type": "response.failed", "response": {**begun, "status": "failed", "error": error}}
        return
    yield {"type": f"response.{response['status']}", "response": response}


def _of_item(item: Body, cut: Cut) -> Iterator[Body]:
    kind, identity = item["type"], item["id"]
    if kind not in {"message", "reasoning", "function_call", "custom_tool_call"}:
        yield {"type": "response.output_item.added", "item": item}
        yield {"type": "response.output_item.done", "item": item}
        return
    empty = {name: [] if isinstance(value, list) else value for name, value in item.items()}
    for name in ("arguments", "input"):
        if name in empty:
            empty[name] = ""
    yield {"type": "response.output_item.added", "item": {**empty, "status": "in_progress"}}
    if kind == "message":
        for index, part in enumerate(item["content"]):
            of = {"item_id": identity, "content_index": index}
            yield from _part("response.content_part", f"response.{part['type']}", of, part, cut)
    elif kind == "reasoning":
        for index, part in enumerate(item["summary"]):
            of = {"item_id": identity, "summary_index": index}
            summary = "response.reasoning_summary"
            yield from _part(f"{summary}_part", f"{summary}_text", of, part, cut)
        for index, part in enumerate(item.get("content") or ()):
            of = {"item_id": identity, "content_index": index}
            yield from _part("response.content_part", "response.reasoning_text", of, part, cut)
    else:
        field = "input" if kind == "custom_tool_call" else "arguments"
        yield from _pieces(
            f"response.{kind}_{field}", {"item_id": identity}, field, item[field], cut
        )
    yield {"type": "response.output_item.done", "item": item}


def _part(events: str, texts: str, of: Body, part: Body, cut: Cut) -> Iterator[Body]:
    """The events of one part: its begin, its text in pieces, its end."""
    name = "refusal" if part["type"] == "refusal" else "text"
    yield {"type": f"{events}.added", **of, "part": {**part, name: ""}}
    yield from _pieces(texts, of, name, part[name], cut)
    yield {"type": f"{events}.done", **of, "part": part}


def _pieces(kind: str, of: Body, field: str, text: str, cut: Cut) -> Iterator[Body]:
    for piece in cut(text):
        yield {"type": f"{kind}.delta", **of, "delta": piece}
    yield {"type": f"{kind}.done", **of, field: text}
