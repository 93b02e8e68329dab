"""Chat completions in Anthropic's dialect, and its answers as chat completions, by litellm.

Runs in the translator's child process.
"""

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import litellm
from litellm.constants import RESPONSE_FORMAT_TOOL_NAME
from litellm.exceptions import BadRequestError
from litellm.llms.anthropic.chat.handler import ModelResponseIterator
from litellm.llms.anthropic.chat.transformation import (
    ANTHROPIC_TOOL_NAME_REVERSE_MAP_KEY,
    AnthropicConfig,
    JsonModeRequest,
)
from litellm.llms.anthropic.common_utils import AnthropicError

from gateway.dialects.base import Body
from gateway.egress.translator.inexpressible import InexpressibleError

_CONFIG: Any = AnthropicConfig()
_PARSER: Any = ModelResponseIterator
_LITELLM: Any = litellm
_MAX_TOKENS = 1024
_TAKEN = (
    "stream",
    "stop",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
)
_PARTS = ("text", "image_url", "file")
_UNMAPPED = (AnthropicError, BadRequestError, AttributeError, LookupError, TypeError, ValueError)
_INEXPRESSIBLE: dict[str, Callable[[Any], bool]] = {
    "n": lambda value: value > 1,
    "logprobs": bool,
    "temperature": lambda value: value > 1,
    "functions": bool,
    "response_format": lambda value: value["type"] == "json_object",
    "tools": lambda value: any(tool["type"] != "function" for tool in value),
    "messages": lambda value: any(part["type"] not in _PARTS for part in _parts(value)),
}


def request(body: Body, model: str) -> Body:
    """An OpenAI chat body, as the body of a Messages request.

    Raises:
        InexpressibleError: when there is no such request.
    """
    notes: Body = {}
    headers: dict[str, str] = {}
    try:
        _refuse(body)
        options = _CONFIG.map_openai_params(_parameters(body), {}, model, drop_params=False)
        json_mode = options.pop("json_mode", False)
        _fit_thinking(options)
        messages = _CONFIG.translate_developer_role_to_system_role(
            body["messages"],
            model=model,
            custom_llm_provider="anthropic",
            api_base=None,
            model_info=None,
        )
        sent = _CONFIG.transform_request(model, list(messages), options, notes, headers)
    except _UNMAPPED as error:
        raise InexpressibleError(
            "This request cannot be written in the dialect of this model's provider. Check its "
            "messages, tools and parameters."
        ) from error
    tools = sent.get("tools") or ()
    reading = {
        "names": notes.get(ANTHROPIC_TOOL_NAME_REVERSE_MAP_KEY, {}),
        "json_mode": json_mode,
        "json_tools": [tool for tool in tools if tool["name"] == RESPONSE_FORMAT_TOOL_NAME],
    }
    return {"body": sent, "beta": headers.get("anthropic-beta"), "reading": reading}


def _refuse(body: Body) -> None:
    for name, inexpressible in _INEXPRESSIBLE.items():
        if body.get(name) is not None and inexpressible(body[name]):
            raise InexpressibleError(
                f"This model's provider has no equivalent for this value of {name}.", name
            )


def _parts(messages: list[Body]) -> Iterator[Body]:
    for message in messages:
        if isinstance(message.get("content"), list):
            yield from message["content"]


def _parameters(body: Body) -> Body:
    """What has an equivalent; the rest are hints that can be left out."""
    taken = {name: body[name] for name in _TAKEN if body.get(name) is not None}
    if "max_completion_tokens" in taken:
        taken.pop("max_tokens", None)
    void = set() if taken.get("tools") else {"tools", "tool_choice", "parallel_tool_calls"}
    # Once it thinks, the provider wants its signed thoughts back beside their tool calls, and a
    # chat history does not hold them.
    if any(message.get("tool_calls") for message in body["messages"]):
        void.add("reasoning_effort")
    return {name: value for name, value in taken.items() if name not in void}


def _fit_thinking(options: Body) -> None:
    options.setdefault("max_tokens", _MAX_TOKENS)
    if thinking := options.pop("thinking", None):
        fitting = _CONFIG.cap_thinking_budget_to_max_tokens(thinking, options["max_tokens"])
        if fitting is not None:
            options["thinking"] = fitting


def answer(answer: Body, reading: Body) -> Body:
    """A whole message as a chat completion; ``reading`` is what was noted for its request."""
    if answer["type"] != "message" or not answer["stop_reason"]:
        raise ValueError("not a finished message")
    response = _CONFIG.transform_parsed_response(
        answer,
        SimpleNamespace(headers={}, status_code=200),
        _LITELLM.ModelResponse(),
        **_json_mode(reading),
        tool_name_reverse_map=reading["names"],
    )
    choice = response.choices[0]
    message = {"role": "assistant", "content": choice.message.content, **_thoughts(choice.message)}
    if choice.message.tool_calls:
        message["tool_calls"] = [_call(call) for call in choice.message.tool_calls]
    reason = choice.finish_reason
    return {
        "id": response.id,
        "object": "chat.completion",
        "created": response.created,
        "model": response.model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": _usage(response.usage),
    }


class Stream:
    """One streamed answer."""

    def __init__(self, reading: Body) -> None:
        self._parser = _PARSER(
            None, sync_stream=False, **_json_mode(reading), tool_name_reverse_map=reading["names"]
        )
        self._created = int(time.time())
        self._usage: Body | None = None
        self._finished = False

    def event(self, event: Body) -> list[Body]:
        """The chunks that one event makes; the last one holds the usage and no choice."""
        kind = event["type"]
        if kind == "message_stop":
            if not self._finished:
                raise ValueError("the message stops without a reason")
            return [self._chunk([], usage=self._usage)] if self._usage else []
        parsed = self._parser.chunk_parser(event)
        if getattr(parsed, "usage", None):
            self._usage = _usage(parsed.usage)
        if kind == "message_start":
            return [self._chunk([_choice({"role": "assistant", "content": ""})])]
        # litellm makes a reason up where the provider gave none.
        stops = kind == "message_delta" and event["delta"].get("stop_reason") and not self._finished
        delta = _delta(parsed.choices[0].delta)
        if not delta and not stops:
            return []
        self._finished = self._finished or bool(stops)
        return [self._chunk([_choice(delta, parsed.choices[0].finish_reason if stops else None)])]

    def _chunk(self, choices: list[Body], **more: Any) -> Body:
        return {
            "id": self._parser.response_id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._parser.served_model,
            "choices": choices,
            **more,
        }


def _choice(delta: Body, reason: str | None = None) -> Body:
    return {"index": 0, "delta": delta, "finish_reason": reason}


def _delta(parsed: Any) -> Body:
    delta = _thoughts(parsed)
    if parsed.content:
        delta["content"] = parsed.content
    calls = [
        {"index": call.index, **_call(call)}
        if call.id
        else {"index": call.index, "function": {"arguments": call.function.arguments}}
        for call in parsed.tool_calls or ()
        if call.id or (call.function.arguments and call.index >= 0)  # -1: its own schema tool
    ]
    return {**delta, "tool_calls": calls} if calls else delta


def _thoughts(parsed: Any) -> Body:
    found = {name: getattr(parsed, name, None) for name in ("reasoning_content", "refusal")}
    return {name: value for name, value in found.items() if value}


def _call(call: Any) -> Body:
    function = {"name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _usage(usage: Any) -> Body:
    found: Body = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
    details = usage.prompt_tokens_details
    parts: Body = {
        "cached_tokens": getattr(details, "cached_tokens", None),
        "cache_write_tokens": getattr(details, "cache_creation_tokens", None),
    }
    times = getattr(details, "cache_creation_token_details", None)
    if hour := getattr(times, "ephemeral_1h_input_tokens", None):
        parts["cache_creation_token_details"] = {"ephemeral_1h_input_tokens": hour}
    if counted := {name: count for name, count in parts.items() if count}:
        found["prompt_tokens_details"] = counted
    return found


def _json_mode(reading: Body) -> Body:
    schema = JsonModeRequest(tools=reading["json_tools"]).tool_schema()
    return {"json_mode": reading["json_mode"], "response_format_schema": schema}
