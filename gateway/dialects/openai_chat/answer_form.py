"""The form of an answer in the OpenAI chat dialect, as far as anything here relies on it.

What has another form could hold text where nobody looks for it, so it is no answer.
"""

from typing import Any

import msgspec

from gateway.core.errors import UpstreamFailed


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


class _Said(msgspec.Struct):
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
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice] | None = None


def well_formed(answer: dict[str, Any]) -> dict[str, Any]:
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
