"""A chat request, validated before any of it reaches the model.

One invalid value (an infinite temperature, an unknown token id) would end the whole batch.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from gateway.core.errors import InvalidRequest
from gateway.worker.grammar import ANY_OBJECT
from gateway.worker.sampling_params import SamplingParams
from gateway.worker.tool_calls import ToolChoice, choice_of

_SEED_MASK = (1 << 63) - 1
# Hints that ask for nothing this worker does otherwise, and what the gateway keeps for itself.
_HINTS = frozenset({
    "metadata",
    "modalities",
    "prediction",
    "prompt_cache_key",
    "reasoning_effort",
    "safety_identifier",
    "service_tier",
    "store",
    "user",
    "verbosity",
})
_FIELDS = frozenset({
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "min_p",
    "model",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "repetition_penalty",
    "response_format",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
})
_ROLES = ("system", "developer", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A validated request; ``max_tokens`` is None when the client gave no limit."""

    model: str
    messages: tuple[Mapping[str, Any], ...]
    tools: tuple[Mapping[str, Any], ...]
    tool_choice: ToolChoice
    sampling: SamplingParams
    choices: int
    max_tokens: int | None
    stops: tuple[str, ...]
    schema: Mapping[str, Any] | None
    stream: bool
    include_usage: bool


def parse(body: object) -> ChatRequest:
    """Validate a decoded JSON body; a field that would have no effect is refused.

    Raises:
        InvalidRequest: names the field that is wrong.
    """
    if not isinstance(body, dict):
        _refuse("The body must be a JSON object.", None)
    unknown = sorted(str(name) for name in body.keys() - _FIELDS - _HINTS if body[name] is not None)
    if unknown:
        _refuse("This model worker does not do what this field asks for: leave it out.", unknown[0])
    limit = "max_completion_tokens" if body.get("max_completion_tokens") else "max_tokens"
    maximum = _integer(body, limit, low=1, high=1 << 24)
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        _refuse("stream_options must be an object.", "stream_options")
    tools = _objects(body, "tools")
    choice = choice_of(tools, body.get("tool_choice"), one=body.get("parallel_tool_calls") is False)
    schema = _schema(body.get("response_format"))
    if choice.forced and schema is not None:
        _refuse("Ask for a tool call or for a response_format, not for both.", "tool_choice")
    return ChatRequest(
        model=_text(body, "model"),
        messages=_messages(body.get("messages")),
        tools=tools if choice.tools else (),
        tool_choice=choice,
        sampling=_sampling(body),
        choices=_integer(body, "n", low=1, high=16) or 1,
        max_tokens=maximum,
        stops=_stops(body.get("stop")),
        schema=schema,
        stream=body.get("stream") is True,
        include_usage=options.get("include_usage") is True,
    )


def _refuse(message: str, param: str | None) -> NoReturn:
    raise InvalidRequest(message, param=param)


def _sampling(body: Mapping[str, Any]) -> SamplingParams:
    temperature = _number(body, "temperature", low=0.0, high=2.0)
    top_p = _number(body, "top_p", low=0.0, high=1.0)
    repetition = _number(body, "repetition_penalty", low=0.01, high=10.0)
    seed = _integer(body, "seed", low=-(1 << 63), high=_SEED_MASK)
    logprobs = body.get("logprobs") is True
    top = _integer(body, "top_logprobs", low=0, high=20) or 0
    return SamplingParams(
        temperature=1.0 if temperature is None else temperature,
        top_p=1.0 if top_p is None else top_p,
        top_k=max(0, _integer(body, "top_k", low=-1, high=1_000_000) or 0),
        min_p=_number(body, "min_p", low=0.0, high=1.0) or 0.0,
        repetition_penalty=1.0 if repetition is None else repetition,
        seed=None if seed is None else seed & _SEED_MASK,
        presence_penalty=_number(body, "presence_penalty", low=-2.0, high=2.0) or 0.0,
        frequency_penalty=_number(body, "frequency_penalty", low=-2.0, high=2.0) or 0.0,
        logit_bias=_bias(body.get("logit_bias")),
        top_logprobs=top if logprobs else None,
    )


def _number(body: Mapping[str, Any], name: str, *, low: float, high: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:
        _refuse(f"{name} must be a number from {low:g} to {high:g}.", name)
    return float(value)


def _integer(body: Mapping[str, Any], name: str, *, low: int, high: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        _refuse(f"{name} must be a whole number from {low} to {high}.", name)
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        _refuse(f"{name} must be a text.", name)
    return value


def _objects(body: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        _refuse(f"{name} must be a list of objects.", name)
    return tuple(value)


def _messages(value: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not value:
        _refuse("messages must be a list with at least one message.", "messages")
    return tuple(_message(item, f"messages[{at}]") for at, item in enumerate(value))


def _message(value: object, param: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or value.get("role") not in _ROLES:
        _refuse(f"A message needs a role out of {', '.join(_ROLES)}.", param)
    role = "system" if value["role"] == "developer" else value["role"]
    read = {**value, "role": role, "content": _content(value.get("content"), param)}
    if isinstance(value.get("tool_calls"), list):
        read["tool_calls"] = [_past_call(one) for one in value["tool_calls"]]
    return read


def _past_call(call: object) -> object:
    """A call of an earlier turn with its arguments as an object, which templates expect."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict):
        return call
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except (TypeError, ValueError, RecursionError):
        return call
    return {**call, "function": {**function, "arguments": arguments}}


def _content(value: object, param: str) -> str:
    """Content as one text: chat templates take strings, and the model reads text only."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        _refuse("content must be a text or a list of text parts.", param)
    texts = [part.get("text") if isinstance(part, dict) else None for part in value]
    if not all(isinstance(text, str) for text in texts):
        _refuse("This model reads text parts only.", param)
    return "".join(text for text in texts if text)


def _bias(value: object) -> tuple[tuple[int, float], ...]:
    if value is None:
        return ()
    if not isinstance(value, dict) or not all(str(key).isdecimal() for key in value):
        _refuse("logit_bias must map token ids to numbers.", "logit_bias")
    biases = {key: _number(value, key, low=-100.0, high=100.0) or 0.0 for key in value}
    return tuple((int(key), bias) for key, bias in biases.items())


def _stops(value: object) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else value or []
    usable = isinstance(stops, list) and all(isinstance(stop, str) and stop for stop in stops)
    if not isinstance(stops, list) or not usable or len(stops) > 4:
        _refuse("stop must be a text or a list of at most four texts.", "stop")
    return tuple(stops)


def _schema(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind not in ("text", "json_object", "json_schema"):
        _refuse("response_format must be text, json_object or json_schema.", "response_format")
    if kind == "text":
        return None
    if kind == "json_object":
        return ANY_OBJECT
    holder = value.get("json_schema")
    schema = holder.get("schema") if isinstance(holder, dict) else None
    if not isinstance(schema, dict):
        _refuse("response_format.json_schema.schema must be an object.", "response_format")
    return schema
