"""A Messages request as a chat completion request."""

from typing import Any

from gateway.dialects.base import Body
from gateway.dialects.messages_as_chat.content import assistant_message, text_of, user_messages

_SAME = (
    "model",
    "max_tokens",
    "temperature",
    "top_p",
    "stream",
    "prompt_cache_key",
    "store",
)
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def chat_request(body: Body) -> Body:
    """The request in the other dialect; of a body that the field table has checked."""
    sent: Body = {name: body[name] for name in _SAME if body.get(name) is not None}
    sent["messages"] = [*_system(body.get("system")), *_messages(body["messages"])]
    if stops := body.get("stop_sequences"):
        sent["stop"] = stops
    if tools := body.get("tools"):
        sent["tools"] = [_tool(tool) for tool in tools]
        sent |= _tool_choice(body.get("tool_choice") or {})
    form = body.get("output_format") or (body.get("output_config") or {}).get("format")
    if form:
        sent["response_format"] = _response_format(form)
    return sent


def _system(system: Any) -> list[Body]:
    text = text_of(system)
    return [{"role": "system", "content": text}] if text else []


def _messages(messages: list[Body]) -> list[Body]:
    made: list[Body] = []
    for message in messages:
        content = message.get("content")
        match message.get("role"):
            case "assistant":
                made += assistant_message(content)
            case "system":
                made += _system(content)
            case _:
                made += user_messages(content)
    return made


def _tool(tool: Body) -> Body:
    function: Body = {"name": tool.get("name")}
    if tool.get("description"):
        function["description"] = tool["description"]
    function["parameters"] = tool.get("input_schema") or {"type": "object", "properties": {}}
    if tool.get("strict") is not None:
        function["strict"] = tool["strict"]
    return {"type": "function", "function": function}


def _tool_choice(choice: Body) -> Body:
    sent: Body = {}
    kind = choice.get("type")
    if kind == "tool":
        sent["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif kind in _CHOICES:
        sent["tool_choice"] = _CHOICES[kind]
    if choice.get("disable_parallel_tool_use"):
        sent["parallel_tool_calls"] = False
    return sent


def _response_format(form: Body) -> Body:
    schema = {"name": "answer", "schema": form.get("schema") or {}, "strict": True}
    return {"type": "json_schema", "json_schema": schema}
