"""The form of an answer in the OpenAI chat dialect, as far as the walk over it relies on it.

An answer of another form could hold text that no check reads, so it counts as a failure.
"""

from typing import Any

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed
from gateway.core.usage import Usage
from gateway.dialects.base import Body, usage_of


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Custom(msgspec.Struct):
    name: str | None = None
    input: str | None = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: _Function | None = None
    custom: _Custom | None = None


class _Message(msgspec.Struct):
    """A message, or what a chunk adds to one."""

    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_Call] | None = None
    function_call: _Function | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice] | None = None


def well_formed(answer: Body) -> Body:
    """The answer, or the chunk of one, as it is.

    Raises:
        UpstreamFailed: when it has another form.
    """
    try:
        msgspec.convert(answer, _Answer)
    except msgspec.ValidationError as error:
        raise UpstreamFailed(
            "The provider's answer has a form that this gateway does not know."
        ) from error
    return answer


def parse_object(data: bytes) -> Body:
    """One JSON object of an answer.

    Raises:
        UpstreamFailed: when it is not JSON, or reports an error.
    """
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UpstreamFailed("The provider's answer is not JSON.") from error
    if not isinstance(answer, dict):
        raise UpstreamFailed("The provider's answer is no JSON object.")
    if answer.get("error") is not None or answer.get("detail") is not None:
        raise UpstreamFailed("The provider reported an error.")
    return answer


def framed(event: Body) -> bytes:
    """One chunk as a server-sent event without a name."""
    return b"data: " + orjson.dumps(event) + b"\n\n"


def chat_usage(usage: Any) -> Usage | None:
    """The usage that an object of counts gives; None where there is none or it cannot be true."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return usage_of(prompt, completion, usage.get("prompt_tokens_details"))
