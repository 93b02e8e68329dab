"""A strict reader of streamed chat completions: one head, one finish reason, ``[DONE]`` last."""

import json
from dataclasses import dataclass
from typing import Any

_DONE = "data: [DONE]"


@dataclass(frozen=True, slots=True)
class ChatStream:
    """A stream that was read: the text and finish reason of its choice, and its error."""

    text: str
    reason: str | None
    error: dict[str, Any] | None


def read(text: str) -> ChatStream:
    """The stream of a whole body with one choice; comments are left out.

    Raises:
        AssertionError: when it breaks a rule of the wire format.
    """
    assert text.endswith("\n\n")
    *frames, last = [one for one in text.split("\n\n")[:-1] if not one.startswith(":")]
    assert last == _DONE
    chunks = [json.loads(frame.removeprefix("data: ")) for frame in frames]
    errors = [chunk["error"] for chunk in chunks if "error" in chunk]
    assert len(errors) <= 1
    assert not errors or "error" in chunks[-1]
    chunks = chunks[: len(chunks) - len(errors)]
    assert len({(chunk["id"], chunk["object"], chunk["model"]) for chunk in chunks}) <= 1
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    reasons = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    assert len(reasons) <= 1
    assert errors or reasons
    said = "".join(choice["delta"].get("content") or "" for choice in choices)
    return ChatStream(said, next(iter(reasons), None), next(iter(errors), None))
