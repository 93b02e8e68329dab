"""A Responses request as a chat completion, for providers that have chat completions only.

Custom tools become functions with one text, and tools of a namespace functions with a longer name;
``ToolNames`` knows the way back. Reasoning of earlier turns is left out: it was for its issuer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.dialects.base import Body

INPUT = "input"  # the one parameter of a custom tool
_SEPARATOR = "__"
_SAME = (
    "model",
    "stream",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "prompt_cache_key",
    "store",
)
_ROLES = {"developer": "system"}


@dataclass(slots=True)
class ToolNames:
    """The tools of a request by their names in the chat completion."""

    custom: set[str] = field(default_factory=set)
    spaces: dict[str, tuple[str, str]] = field(default_factory=dict)  # namespace and name

    def chat_name(self, item: Body) -> str:
        """The name of a call or a choice in the chat completion."""
        space = item.get("namespace")
        return f"{space}{_SEPARATOR}{item.get('name')}" if space else str(item.get("name"))


def chat_request(body: Body) -> tuple[Body, ToolNames]:
    """The chat completion that asks the same, and the names of its tools."""
    names = ToolNames()
    tools = list(_tools(body.get("tools") or (), names))
    chat: Body = {name: body[name] for name in _SAME if body.get(name) is not None}
    chat["messages"] = _messages(body, names)
    if body.get("max_output_tokens"):
        chat["max_tokens"] = body["max_output_tokens"]
    if body.get("stream"):
        chat["stream_options"] = {"include_usage": True}
    if form := _response_format((body.get("text") or {}).get("format")):
        chat["response_format"] = form
    if tools:
        chat["tools"] = tools
        _choose(chat, body.get("tool_choice"), names)
    else:
        chat.pop("parallel_tool_calls", None)
    return chat, names


def _messages(body: Body, names: ToolNames) -> list[Body]:
    messages: list[Body] = []
    if body.get("instructions"):
        messages.append({"role": "system", "content": body["instructions"]})
    given = body["input"]
    if isinstance(given, str):
        return [*messages, {"role": "user", "content": given}]
    for item in given:
        _add(messages, item, names)
    return messages


def _add(messages: list[Body], item: Body, names: ToolNames) -> None:
    kind = item.get("type") or "message"
    if kind == "message":
        role = item.get("role") or "user"
        content = _content(item.get("content"))
        messages.append({"role": _ROLES.get(role, role), "content": content})
    elif kind in {"function_call", "custom_tool_call"}:
        before = messages[-1] if messages else {}
        if before.get("role") != "assistant":
            before = {"role": "assistant", "content": None}
            messages.append(before)
        before.setdefault("tool_calls", []).append(_call(item, names))
    elif kind in {"function_call_output", "custom_tool_call_output"}:
        content = _content(item.get("output"))
        text = content if isinstance(content, str) else orjson.dumps(content).decode()
        messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": text})


def _content(given: Any) -> Any:
    """A text, or parts where there is more than text."""
    if not isinstance(given, list):
        return given or ""
    parts = [part for one in given if (part := _part(one)) is not None]
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def _part(part: Body) -> Body | None:
    kind = part.get("type")
    if kind == "refusal":
        return {"type": "text", "text": part.get("refusal") or ""}
    if kind == "input_image":
        image = {"url": part.get("image_url") or "", "detail": part.get("detail") or "auto"}
        return {"type": "image_url", "image_url": image}
    if kind == "input_file":
        held = {name: part[name] for name in ("file_data", "filename") if part.get(name)}
        return {"type": "file", "file": held}
    return {"type": "text", "text": part["text"]} if isinstance(part.get("text"), str) else None


def _call(item: Body, names: ToolNames) -> Body:
    name = names.chat_name(item)
    if item["type"] == "custom_tool_call":
        arguments = orjson.dumps({INPUT: item.get("input") or ""}).decode()
    else:
        arguments = item.get("arguments") or "{}"
    function = {"name": name, "arguments": arguments}
    return {"id": item.get("call_id"), "type": "function", "function": function}


def _tools(given: Iterable[Body], names: ToolNames, space: str = "") -> Iterator[Body]:
    for tool in given:
        kind = tool.get("type")
        if kind == "namespace":
            yield from _tools(tool.get("tools") or (), names, str(tool.get("name")))
            continue
        own = str(tool.get("name"))
        name = f"{space}{_SEPARATOR}{own}" if space else own
        if space:
            names.spaces[name] = (space, own)
        described = {"name": name, "description": tool.get("description") or ""}
        if kind == "custom":
            names.custom.add(name)
            text = {"type": "string"}
            parameters = {"type": "object", "properties": {INPUT: text}, "required": [INPUT]}
            yield {"type": "function", "function": {**described, "parameters": parameters}}
        else:
            more = {field: tool[field] for field in ("parameters", "strict") if tool.get(field)}
            yield {"type": "function", "function": {**described, **more}}


def _choose(chat: Body, choice: Any, names: ToolNames) -> None:
    """The choice of tools; a list of allowed ones leaves the others out."""
    if isinstance(choice, str):
        chat["tool_choice"] = choice
    elif isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = {names.chat_name(tool) for tool in choice.get("tools") or ()}
        kept = [tool for tool in chat["tools"] if tool["function"]["name"] in allowed]
        chat["tools"] = kept or chat["tools"]
        chat["tool_choice"] = choice.get("mode") or "auto"
    elif isinstance(choice, dict):
        chat["tool_choice"] = {"type": "function", "function": {"name": names.chat_name(choice)}}


def _response_format(form: Any) -> Body | None:
    if not isinstance(form, dict) or form.get("type") in (None, "text"):
        return None
    if form["type"] == "json_object":
        return {"type": "json_object"}
    schema = {name: value for name, value in form.items() if name != "type"}
    return {"type": "json_schema", "json_schema": schema}
