"""Tool calls in an answer of the OpenAI dialect: the places of their texts, whole and in pieces.

A call is of a function (its arguments are JSON), of a custom tool (its input is text), or the one
``function_call`` from before there were tools. Each text of a call has a label, unique in its
choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SINGLE = "call"
_KINDS = {"tool": ("function", "arguments"), "custom": ("custom", "input")}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a choice: its place from 0 in order of appearance, and its kind."""

    index: int
    kind: str

    @classmethod
    def of(cls, given: dict[str, Any], index: int) -> "ToolCall":
        """The call that a part of an answer begins."""
        return cls(index, "custom" if isinstance(given.get("custom"), dict) else "tool")

    @property
    def label(self) -> str:
        """How its text is called."""
        return f"{self.kind}:{self.index}"

    def read(self, given: dict[str, Any]) -> tuple[str, str]:
        """Name and text that a part of an answer gives; empty where it gives none."""
        field, key = _KINDS[self.kind]
        body = given.get(field) or {}
        return body.get("name") or "", body.get(key) or ""

    def begun(self, given: dict[str, Any], name: str, text: str) -> dict[str, Any]:
        """The first part of the call: id, type and name come once."""
        field, key = _KINDS[self.kind]
        return {
            "index": self.index,
            "id": given.get("id"),
            "type": given.get("type") or field,
            field: {"name": name, key: text},
        }


def delta_of(label: str, text: str) -> dict[str, Any]:
    """A later part of a call, as a delta has it."""
    if label == SINGLE:
        return {"function_call": {"arguments": text}}
    kind, _, index = label.partition(":")
    field, key = _KINDS[kind]
    return {"tool_calls": [{"index": int(index), field: {key: text}}]}


def is_json(label: str) -> bool:
    """Whether a text is JSON source."""
    return label == SINGLE or label.startswith("tool:")


def is_call(label: str) -> bool:
    """Whether a text belongs to a call."""
    return label == SINGLE or label.partition(":")[0] in _KINDS


def calls_of(message: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The calls of a whole message: the label of each text, and the place of the text."""
    for index, given in enumerate(message.get("tool_calls") or []):
        call = ToolCall.of(given, index)
        field, key = _KINDS[call.kind]
        if isinstance(given.get(field), dict):
            yield call.label, given[field], key
    if isinstance(message.get("function_call"), dict):
        yield SINGLE, message["function_call"], "arguments"
