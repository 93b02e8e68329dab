"""A complete chat completion as a message."""

from typing import Any

import orjson

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.answer_form import chat_usage

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def message_of(answer: Body) -> Body:
    """The message that the first choice of a completion makes.

    Raises:
        UpstreamFailed: when the arguments of a tool call are no JSON object.
    """
    choice = answer["choices"][0]
    message = choice.get("message") or {}
    texts = [message[name] for name in ("content", "refusal") if message.get(name)]
    calls = message.get("tool_calls") or []
    content = [{"type": "text", "text": text} for text in texts]
    content += [_tool_use(call, place) for place, call in enumerate(calls)]
    return {
        **head(answer),
        "content": content,
        "stop_reason": stop_reason(
            choice.get("finish_reason"), calls=bool(calls), refused=bool(message.get("refusal"))
        ),
        "stop_sequence": None,
        "usage": usage_of(answer.get("usage")),
    }


def head(answer: Body) -> Body:
    """What surrounds the content of a message."""
    return {
        "id": f"msg_{answer.get('id') or ''}",
        "type": "message",
        "role": "assistant",
        "model": answer.get("model") or "",
    }


def stop_reason(finish_reason: str | None, *, calls: bool, refused: bool) -> str | None:
    """Why the message ended; None where the provider did not say."""
    if refused and finish_reason:
        return "refusal"
    if calls and finish_reason == "stop":  # some servers say so of calls too
        return "tool_use"
    return None if finish_reason is None else _REASONS.get(finish_reason, "end_turn")


def usage_of(usage: Any) -> Body | None:
    """Counts of tokens; those that a cache held are apart, as in the other dialect."""
    if not isinstance(usage, dict):
        return None
    prompt, output = usage.get("prompt_tokens"), usage.get("completion_tokens")
    counted = chat_usage(usage)
    if counted is None:
        return {"input_tokens": prompt, "cache_read_input_tokens": 0, "output_tokens": output}
    found = {
        "input_tokens": counted.new,
        "cache_read_input_tokens": counted.cached,
        "output_tokens": output,
    }
    if written := counted.written + counted.written_1h:
        found["cache_creation_input_tokens"] = written
        found["cache_creation"] = {
            "ephemeral_5m_input_tokens": counted.written,
            "ephemeral_1h_input_tokens": counted.written_1h,
        }
    return found


def call_id(call: Body, place: int) -> str:
    """The id of a call; some servers give none."""
    return call.get("id") or f"toolu_{place:05d}"


def _tool_use(call: Body, place: int) -> Body:
    function = call.get("function") or {}
    try:
        arguments = orjson.loads(function.get("arguments") or "{}")
    except orjson.JSONDecodeError as error:
        raise UpstreamFailed("The arguments of a tool call are not JSON.") from error
    if not isinstance(arguments, dict):
        raise UpstreamFailed("The arguments of a tool call are no JSON object.")
    name = function.get("name") or ""
    return {"type": "tool_use", "id": call_id(call, place), "name": name, "input": arguments}
