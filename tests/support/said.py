"""What an answer of any dialect says, whole or in events."""

import json
from collections.abc import Iterator
from typing import Any

_HANDLES = {
    "id",
    "object",
    "type",
    "model",
    "role",
    "name",
    "finish_reason",
    "stop_reason",
    "status",
}


def said_in(body: str) -> str:
    """All texts of an answer, joined: those of a stream come in pieces."""
    pieces: list[str] = []
    for line in body.splitlines():
        if line.startswith(("data: {", "{")):
            pieces += _strings(json.loads(line.removeprefix("data: ")))
    return "".join(pieces)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for name, value in node.items():
            if name not in _HANDLES:
                yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
