"""A strict reader of streamed messages: it accepts what the documents of the API describe.

Stricter than the clients: names of events, the order of events, and indexes without holes.
"""

import json
from collections.abc import Iterable
from typing import Any

Event = dict[str, Any]
_DELTAS = {
    "text": {"text_delta": "text"},
    "thinking": {"thinking_delta": "thinking", "signature_delta": "signature"},
    "tool_use": {"input_json_delta": "partial_json"},
    "redacted_thinking": {},
}


class BrokenStream(Exception):
    """An ``error`` event ended the stream; ``error`` is the event, ``events`` came before it."""

    def __init__(self, error: Event, events: list[Event]) -> None:
        super().__init__(error["error"]["type"])
        self.error = error
        self.events = events


def events_of(text: str) -> list[Event]:
    """The events of a whole body; comments are left out."""
    frames = [frame for frame in text.split("\n\n") if frame and not frame.startswith(":")]
    assert text.endswith("\n\n")
    return [_event(frame) for frame in frames]


def message_of(events: Iterable[Event]) -> Event:
    """The message that a stream makes.

    Raises:
        BrokenStream: when an error ended it.
        AssertionError: when it breaks a rule of the wire format.
    """
    seen = [event for event in events if event["type"] != "ping"]
    *body, last = seen
    if last["type"] == "error":
        assert not any(event["type"] in ("message_stop", "error") for event in body)
        raise BrokenStream(last, body)
    assert last == {"type": "message_stop"}
    start, *blocks, ended = body
    assert start["type"] == "message_start"
    assert ended["type"] == "message_delta"
    assert start["message"]["content"] == []
    message = {**start["message"], "content": _blocks(blocks), **ended["delta"]}
    assert type(ended["usage"]["output_tokens"]) is int
    return {**message, "usage": {**message["usage"], **ended["usage"]}}


def _blocks(events: list[Event]) -> list[Event]:
    blocks: list[Event] = []
    source, is_open = "", False
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert not is_open
                assert event["index"] == len(blocks)
                blocks.append(dict(event["content_block"]))
                source, is_open = "", True
            case "content_block_delta":
                assert is_open
                assert event["index"] == len(blocks) - 1
                delta, block = event["delta"], blocks[-1]
                name = _DELTAS[block["type"]][delta["type"]]
                assert delta[name]
                if name == "partial_json":
                    source += delta[name]
                else:
                    block[name] += delta[name]
            case "content_block_stop":
                assert is_open
                assert event["index"] == len(blocks) - 1
                is_open = False
                if blocks[-1]["type"] == "tool_use" and source:
                    blocks[-1]["input"] = json.loads(source)
            case kind:
                raise AssertionError(kind)
    assert not is_open
    return blocks


def _event(frame: str) -> Event:
    first, second = frame.split("\n")
    name, data = first.removeprefix("event: "), json.loads(second.removeprefix("data: "))
    assert first == f"event: {data['type']}" == f"event: {name}"
    return dict(data)
