"""A strict reader of streamed responses: names, numbers, and one terminal event at the end."""

import json
from typing import Any

_TERMINAL = {"response.completed", "response.incomplete", "response.failed"}


def events_of(text: str) -> list[dict[str, Any]]:
    """The events of a whole body; comments are left out.

    Raises:
        AssertionError: when it breaks a rule of the wire format.
    """
    events = []
    for block in text.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if not lines:
            continue
        named, data = lines
        event = json.loads(data.removeprefix("data: "))
        assert named == f"event: {event['type']}"
        events.append(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] in _TERMINAL for event in events].count(True) == 1
    assert events[-1]["type"] in _TERMINAL
    return events
