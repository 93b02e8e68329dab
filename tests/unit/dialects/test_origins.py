"""Where the texts of a request come from, in each dialect."""

from typing import Any

import pytest

from gateway.core.fields import Path
from gateway.core.origin import Origin
from gateway.dialects.registry import DIALECTS

CHAT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "tool_calls": [{"function": {"arguments": "{}"}}]},
        {"role": "tool", "content": "c"},
        {"role": "assistant", "content": "d"},
        {"role": "user", "content": [{"type": "text", "text": "e"}]},
    ],
    "tools": [{}],
    "stop": ["x"],
}
MESSAGES: dict[str, Any] = {
    "system": "s",
    "messages": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "tool_use"}, {"type": "text"}]},
        {"role": "user", "content": [{"type": "tool_result", "content": [{}]}, {"type": "text"}]},
    ],
    "tools": [{}],
}
RESPONSES: dict[str, Any] = {
    "instructions": "s",
    "input": [
        {"role": "developer", "content": "s"},
        {"role": "user", "content": "a"},
        {"type": "reasoning"},
        {"type": "function_call"},
        {"type": "function_call_output"},
        {"type": "message", "role": "user", "content": "b"},
    ],
    "tools": [{}],
}
CASES: list[tuple[str, dict[str, Any], Path, Origin]] = [
    ("chat_completions", CHAT, ("messages", 0), Origin.SYSTEM),
    ("chat_completions", CHAT, ("messages", 1), Origin.HISTORY),
    ("chat_completions", CHAT, ("messages", 2), Origin.HISTORY),
    ("chat_completions", CHAT, ("messages", 2, "tool_calls", 0), Origin.TOOL_CALL),
    ("chat_completions", CHAT, ("messages", 3), Origin.TOOL_RESULT),
    ("chat_completions", CHAT, ("messages", 5, "content", 0), Origin.NEWEST),
    ("chat_completions", CHAT, ("tools", 0), Origin.TOOL_DEFINITION),
    ("chat_completions", CHAT, ("stop", 0), Origin.OTHER),
    ("messages", MESSAGES, ("system",), Origin.SYSTEM),
    ("messages", MESSAGES, ("messages", 0), Origin.HISTORY),
    ("messages", MESSAGES, ("messages", 1, "content", 0), Origin.TOOL_CALL),
    ("messages", MESSAGES, ("messages", 1, "content", 1), Origin.HISTORY),
    ("messages", MESSAGES, ("messages", 2, "content", 0), Origin.TOOL_RESULT),
    ("messages", MESSAGES, ("messages", 2, "content", 0, "content", 0), Origin.TOOL_RESULT),
    ("messages", MESSAGES, ("messages", 2, "content", 1), Origin.NEWEST),
    ("messages", MESSAGES, ("tools", 0), Origin.TOOL_DEFINITION),
    ("responses", RESPONSES, ("instructions",), Origin.SYSTEM),
    ("responses", RESPONSES, ("input", 0), Origin.SYSTEM),
    ("responses", RESPONSES, ("input", 1), Origin.HISTORY),
    ("responses", RESPONSES, ("input", 3), Origin.TOOL_CALL),
    ("responses", RESPONSES, ("input", 4), Origin.TOOL_RESULT),
    ("responses", RESPONSES, ("input", 5, "content", 0), Origin.NEWEST),
    ("responses", {"input": "a"}, ("input",), Origin.NEWEST),
    ("embeddings", {"input": ["a"]}, ("input", 0), Origin.OTHER),
]


@pytest.mark.parametrize(("dialect", "body", "place", "origin"), CASES)
def test_the_origin_of_a_place(
    dialect: str, body: dict[str, Any], place: Path, origin: Origin
) -> None:
    assert DIALECTS[dialect].origin_of(body)(place) is origin
