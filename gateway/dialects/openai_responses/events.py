"""Names and frames of the events of a streamed response, and what of a response goes on."""

from typing import Any

import orjson

from gateway.core.usage import Usage
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.extras import numbers_of

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
    "service_tier",
)
# By event: the list of the item that its text is in (or the field of a call), and its index there.
TEXTS: dict[str, tuple[str, str | None]] = {
    "response.output_text": ("content", "content_index"),
    "response.refusal": ("content", "content_index"),
    "response.reasoning_text": ("content", "content_index"),
    "response.reasoning_summary_text": ("summary", "summary_index"),
    "response.function_call_arguments": ("arguments", None),
    "response.custom_tool_call_input": ("input", None),
}
PARTS = {"response.content_part": "content", "response.reasoning_summary_part": "summary"}
DELTAS = {f"{base}.delta": base for base in TEXTS}
ITEMS = frozenset({"response.output_item.added", "response.output_item.done"})
KNOWN = frozenset({
    *STARTED,
    *TERMINAL,
    *DELTAS,
    *(f"{base}.done" for base in TEXTS),
    *ITEMS,
    *(f"{base}.{step}" for base in PARTS for step in ("added", "done")),
})
_REASONS = frozenset({"max_output_tokens", "content_filter"})
_USAGE_DETAILS = ("input_tokens_details", "output_tokens_details")


def framed(event: Body) -> bytes:
    """One server-sent event."""
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"


def head_of(response: Body) -> Body:
    """A response without output and without what it echoes of the request."""
    head = {name: response[name] for name in _HEAD if _is_plain(response.get(name))}
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


def reason_of(response: Body) -> Body | None:
    """Why a response is incomplete, where the provider gives a reason of the API."""
    reason = (response.get("incomplete_details") or {}).get("reason")
    return {"reason": reason} if isinstance(reason, str) and reason in _REASONS else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def reported_usage(response: Body, usage: Usage | None) -> Body | None:
    """The usage of a response: the provider's with its details, else ``usage``."""
    given = response.get("usage")
    if isinstance(given, dict) and isinstance(given.get("total_tokens"), int):
        counts = ("input_tokens", "output_tokens", "total_tokens")
        return numbers_of(given, (*counts, *_USAGE_DETAILS))
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.total,
    }
