"""Names and frames of the events of a streamed response, and what of a response goes on."""

import orjson

from gateway.core.usage import Usage
from gateway.dialects.base import Body

TERMINAL = frozenset({"response.completed", "response.incomplete"})
FAILED = frozenset({"response.failed", "response.cancelled", "error"})
STARTED = frozenset({"response.created", "response.in_progress", "response.queued"})
# What a response says beside its output; texts of the request that it echoes are left out.
_HEAD = (
    "id",
    "object",
    "created_at",
    "completed_at",
    "model",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    "top_logprobs",
    "max_output_tokens",
    "truncation",
    "reasoning",
    "service_tier",
)
_USAGE_DETAILS = ("input_tokens_details", "output_tokens_details")


def framed(event: Body) -> bytes:
    """One server-sent event."""
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"


def head_of(response: Body) -> Body:
    """A response without output and without what it echoes of the request."""
    head = {name: response[name] for name in _HEAD if name in response}
    return {
        "id": "resp",
        "object": "response",
        "created_at": 0,
        "model": "",
        "parallel_tool_calls": True,
        **head,
        "tool_choice": "auto",
        "tools": [],
        "instructions": None,
        "metadata": {},
        "store": False,
        "error": None,
        "incomplete_details": None,
    }


def reported_usage(response: Body, usage: Usage | None) -> Body | None:
    """The usage of a response: the provider's with its details, else ``usage``."""
    given = response.get("usage")
    if isinstance(given, dict) and isinstance(given.get("total_tokens"), int):
        counts = ("input_tokens", "output_tokens", "total_tokens")
        return {name: given.get(name) for name in (*counts, *_USAGE_DETAILS) if name in given}
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total,
    }
