"""The form of an answer in the Messages dialect, as far as the walk over it relies on it.

An answer of another form could hold text that no check reads, so it counts as a failure.
"""

from typing import Any

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.answer_form import parse_object


class _Citation(msgspec.Struct):
    type: str


class _Block(msgspec.Struct):
    """The base of content blocks; ``type`` tells them apart."""


class _Text(_Block, tag="text"):
    text: str
    citations: list[_Citation] | None = None


class _Thinking(_Block, tag="thinking"):
    thinking: str
    signature: str = ""


class _RedactedThinking(_Block, tag="redacted_thinking"):
    data: str


class _ToolUse(_Block, tag="tool_use"):
    id: str
    name: str
    input: dict[str, Any]


_Content = _Text | _Thinking | _RedactedThinking | _ToolUse


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(msgspec.Struct):
    content: list[_Content]
    role: str
    usage: _Usage | None = None
    stop_reason: str | None = None


class _TextDelta(_Block, tag="text_delta"):
    text: str


class _InputDelta(_Block, tag="input_json_delta"):
    partial_json: str


class _ThinkingDelta(_Block, tag="thinking_delta"):
    thinking: str


class _SignatureDelta(_Block, tag="signature_delta"):
    signature: str


class _CitationsDelta(_Block, tag="citations_delta"):
    citation: _Citation


class _End(msgspec.Struct):
    stop_reason: str | None = None


class _Start(msgspec.Struct, tag="message_start"):
    message: _Message


class _BlockStart(msgspec.Struct, tag="content_block_start"):
    index: int
    content_block: _Content


class _BlockDelta(msgspec.Struct, tag="content_block_delta"):
    index: int
    delta: _TextDelta | _InputDelta | _ThinkingDelta | _SignatureDelta | _CitationsDelta


class _BlockStop(msgspec.Struct, tag="content_block_stop"):
    index: int


class _MessageDelta(msgspec.Struct, tag="message_delta"):
    delta: _End
    usage: _Usage | None = None


_Event = _Start | _BlockStart | _BlockDelta | _BlockStop | _MessageDelta
_PLAIN = ("message_stop", "ping")  # events without content
_KNOWN = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
)


def parse_message(data: bytes) -> Body:
    """A complete message.

    Raises:
        UpstreamFailed: when it is an error, has another form, or does not say why it ended.
    """
    return well_formed_message(parse_object(data))


def well_formed_message(answer: Body) -> Body:
    """A complete message as it is.

    Raises:
        UpstreamFailed: when it has another form, or does not say why it ended.
    """
    _check(answer, _Message)
    if not answer.get("stop_reason"):
        raise UpstreamFailed("The provider's answer is not finished.")
    return answer


def parse_event(data: bytes) -> Body:
    """One event; one of an unknown type becomes a ping, since it may hold text.

    Raises:
        UpstreamFailed: when it reports an error, or has another form.
    """
    event = parse_object(data)
    kind = event.get("type")
    if kind not in _KNOWN:
        return {"type": kind if kind in _PLAIN else "ping"}
    _check(event, _Event)
    return event


def _check(value: Body, form: Any) -> None:
    try:
        msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        raise UpstreamFailed(
            "The provider's answer has a form that this gateway does not know."
        ) from error


def framed(event: Body) -> bytes:
    """One server-sent event under its name."""
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
