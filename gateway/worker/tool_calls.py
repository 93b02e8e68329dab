"""Tool calls in the text of a model: how its template writes them, and how they are read back."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import InvalidRequest
from gateway.worker.detokenizer import StopScanner

_ANY_OBJECT: Mapping[str, Any] = {"type": "object"}


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """One call that a model made; ``arguments`` is the text of a JSON object."""

    name: str
    arguments: str
    id: str = field(default_factory=lambda: f"call_{uuid.uuid4().hex[:24]}")


@dataclass(frozen=True, slots=True)
class ToolFormat:
    """How a family of templates writes calls.

    ``begin`` comes before a call, or is empty where the whole answer is one; ``end`` comes after
    it, or is empty where the answer ends with it. ``arguments`` is the name of their field.
    """

    begin: str
    end: str
    arguments: str
    opening: str = ""
    closing: str = ""

    def read(self, text: str, names: frozenset[str]) -> list[WrittenCall]:
        """The calls in what is between begin and end; empty when it is no call of these tools."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return []
        calls = [self._call(one, names) for one in (found if isinstance(found, list) else [found])]
        return [one for one in calls if one is not None] if None not in calls else []

    def _call(self, value: object, names: frozenset[str]) -> WrittenCall | None:
        if not isinstance(value, dict) or value.get("name") not in names:
            return None
        arguments = value.get(self.arguments, {})
        if not isinstance(arguments, dict):
            return None
        return WrittenCall(str(value["name"]), json.dumps(arguments, ensure_ascii=False))

    def grammar(self, tools: Sequence["Tool"], *, one: bool) -> dict[str, Any]:
        """A structural tag by which an answer is calls of these tools, and nothing else."""
        tags = [
            {
                "type": "tag",
                "begin": f'{self.begin}{self.opening}{{"name": {json.dumps(tool.name)}, '
                f'"{self.arguments}": ',
                "content": {"type": "json_schema", "json_schema": tool.parameters},
                "end": f"}}{self.closing}{self.end}",
            }
            for tool in tools
        ]
        if not self.end:  # the answer ends with the call
            return {"type": "structural_tag", "format": {"type": "or", "elements": tags}}
        calls = {
            "type": "tags_with_separator",
            "tags": tags,
            "separator": "\n",
            "at_least_one": True,
            "stop_after_first": one,
        }
        return {"type": "structural_tag", "format": calls}


_HERMES = ToolFormat("<tool_call>", "</tool_call>", "arguments", "\n", "\n")
_MISTRAL = ToolFormat("[TOOL_CALLS]", "", "arguments", "[", "]")
_LLAMA = ToolFormat("", "", "parameters")
# What a template contains, in order: the first that it does tells its family.
_FAMILIES = (
    ("<tool_call>", _HERMES),
    ("[TOOL_CALLS]", _MISTRAL),
    ('"parameters": dictionary of', _LLAMA),
)


def format_of(template: str) -> ToolFormat | None:
    """How a chat template writes tool calls; None when it is of no known family."""
    return next((found for mark, found in _FAMILIES if mark in template), None)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call, with the JSON schema of its arguments."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """What a request asks of tools. One of ``forced`` has to be called."""

    tools: tuple[Tool, ...] = ()
    forced: tuple[Tool, ...] = ()
    one: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names that a call may have."""
        return frozenset(tool.name for tool in self.tools)


def choice_of(tools: Sequence[Mapping[str, Any]], choice: object, *, one: bool) -> ToolChoice:
    """What ``tools`` and ``tool_choice`` of a request ask for.

    Raises:
        InvalidRequest: when they do not fit together.
    """
    known = tuple(_tool(tool, f"tools[{at}]") for at, tool in enumerate(tools))
    if choice == "none":
        return ToolChoice()
    if choice in (None, "auto"):
        return ToolChoice(known, one=one)
    if choice == "required":
        forced = known
    else:
        function = choice.get("function") if isinstance(choice, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if name is None:
            raise InvalidRequest(
                "tool_choice must be none, auto, required, or name a function.", param="tool_choice"
            )
        forced = tuple(tool for tool in known if tool.name == name)
    if not forced:
        raise InvalidRequest("tool_choice asks for a tool that is not there.", param="tool_choice")
    return ToolChoice(known, forced, one)


def _tool(tool: Mapping[str, Any], param: str) -> Tool:
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        raise InvalidRequest("This model worker takes tools of the type function.", param=param)
    name, parameters = function.get("name"), function.get("parameters") or _ANY_OBJECT
    if not isinstance(name, str) or not name or not isinstance(parameters, dict):
        raise InvalidRequest("A function needs a name, and an object as parameters.", param=param)
    return Tool(name, parameters)


class ToolCallReader:
    """Takes the text of an answer piece by piece; gives text and calls, a call when it is whole.

    What begins as a call and is none, or was cut off, is text.
    """

    def __init__(self, written: ToolFormat, choice: ToolChoice) -> None:
        self._format = written
        self._choice = choice
        self._before = StopScanner((written.begin,) if written.begin else ())
        self._call: str | None = None
        self._started = False
        self.found = 0

    def push(self, piece: str) -> tuple[str, list[WrittenCall]]:
        """Add a piece; returns the text and the calls that are now certain."""
        text, calls = "", list[WrittenCall]()
        while piece:
            if self._call is None:
                shown, piece = self._until_call(piece)
                text += shown
                continue
            self._call, piece = self._call + piece, ""
            at = self._call.find(self._format.end) if self._format.end else -1
            if at >= 0:
                whole, piece = self._call[:at], self._call[at + len(self._format.end) :]
                self._call = None
                more, found = self._read(whole)
                text, calls = text + more, calls + found
        return text, calls

    def finish(self) -> tuple[str, list[WrittenCall]]:
        """What is left at the end of the answer."""
        held = self._before.flush()
        if self._call is None:
            return held, []
        whole, self._call = self._call, None
        if self._format.end:
            return held + self._format.begin + whole, []
        text, calls = self._read(whole)
        return held + text, calls

    def _until_call(self, piece: str) -> tuple[str, str]:
        """The text before a call, and what follows its beginning."""
        if not self._format.begin:  # the whole answer is a call, or none of it
            if not self._started and not piece.strip():
                return piece, ""
            if self._started or not piece.lstrip().startswith("{"):
                self._started = True
                return piece, ""
            self._started, self._call = True, ""
            return "", piece
        shown = self._before.push(piece)
        if not self._before.stopped:
            return shown, ""
        rest = self._before.rest
        self._before = StopScanner((self._format.begin,))
        self._call = ""
        return shown, rest

    def _read(self, whole: str) -> tuple[str, list[WrittenCall]]:
        calls = self._format.read(whole, self._choice.names)
        if not calls:
            return self._format.begin + whole + self._format.end, []
        if self._choice.one:
            calls = calls[: 1 - min(self.found, 1)]
        self.found += len(calls)
        return "", calls
