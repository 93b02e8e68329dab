"""The Anthropic Messages dialect, towards callers and towards providers."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest, Refusal, UpstreamFailed
from gateway.core.fields import Path
from gateway.core.origin import Origin
from gateway.core.usage import Usage
from gateway.dialects.anthropic_messages.answer import MessagesAnswer
from gateway.dialects.anthropic_messages.answer_form import framed, parse_event, parse_message
from gateway.dialects.anthropic_messages.documents import DocumentBlock
from gateway.dialects.anthropic_messages.errors import error_of
from gateway.dialects.base import AnswerTexts, Body, RequestFacts, names_of, usage_of
from gateway.dialects.turns import is_assistant, made_by, origins

BETA = "anthropic_beta"
_INPUT = ("system", "messages", "tools")
_OF_FIELD: dict[Path, Origin] = {("system",): Origin.SYSTEM, ("tools",): Origin.TOOL_DEFINITION}
_OF_BLOCK = {"tool_result": Origin.TOOL_RESULT, "tool_use": Origin.TOOL_CALL}
_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicMessages:
    """Messages; native for Anthropic."""

    name = "messages"
    path = "/v1/messages"
    upstream_path = "/v1/messages"
    native_kinds = frozenset({"anthropic"})
    operation = "chat"
    header_fields: Mapping[str, str] = {"anthropic-beta": BETA}
    conversations = None

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if not isinstance(body.get("model"), str):
            raise InvalidRequest("'model' is required.", param="model")
        if not body.get("messages"):
            raise InvalidRequest("'messages' must be a non-empty list.", param="messages")
        if body.get("max_tokens") is None:
            raise InvalidRequest("'max_tokens' is required.", param="max_tokens")
        return RequestFacts(
            model=body["model"],
            streams=bool(body.get("stream")),
            wants_usage=True,
            most_output=body["max_tokens"],
            tools=bool(body.get("tools")),
            tool_names=names_of(body.get("tools")),
        )

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """By the role of the message, and the type of a block."""
        turns = origins(body["messages"], of_turn=_of_block, by_model=is_assistant)

        def origin(place: Path) -> Origin:
            if place[:1] == ("messages",) and len(place) > 1:
                return turns(place[1:])
            return _OF_FIELD.get(place[:1], Origin.OTHER)

        return origin

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """By the role of the message."""
        return made_by("messages", body["messages"], is_assistant)

    def conversation(self, body: Body) -> str | None:
        """The first user message, without its cache markers: those move from turn to turn."""
        for message in body["messages"]:
            if message.get("role") == "user":
                return orjson.dumps(_unmarked(message.get("content"))).decode()
        return None

    def input_size(self, body: Body) -> int:
        """Bytes of system prompt, messages and tools."""
        return sum(len(orjson.dumps(body[name])) for name in _INPUT if body.get(name))

    def document(self, body: Body, path: Path) -> DocumentBlock:
        """The content block of a file."""
        return DocumentBlock(body, path)

    def write(self, body: Body, model: str) -> bytes:
        """The body with the provider's name of the model, without what its header holds.

        A message of which nothing may go on is left out, and so is a choice among no tools.
        """
        sent = {name: value for name, value in body.items() if name != BETA}
        sent["model"] = model
        sent["messages"] = [one for one in body["messages"] if one.get("content") != []]
        if not sent.get("tools"):
            sent.pop("tools", None)
            sent.pop("tool_choice", None)
        return orjson.dumps(sent)

    async def read_answer(self, data: bytes) -> Body:
        """A complete message.

        Raises:
            UpstreamFailed: when it is an error, or is not finished.
        """
        return parse_message(data)

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a streamed message, the last one left out; usage is complete at the end.

        Raises:
            UpstreamFailed: when it reports an error, or ends before its last event.
        """
        usage: Body | None = None
        stopped = False
        async for data in events:
            event = parse_event(data)
            kind = event["type"]
            if kind == "message_start":
                usage = event["message"].get("usage") or {}
            elif usage is None:
                continue  # nothing counts before the message has begun
            elif kind == "message_delta":
                stopped = stopped or bool(event["delta"].get("stop_reason"))
                event["usage"] = {**usage, **_given(event.get("usage"))}
            elif kind == "message_stop" and stopped:
                return
            yield event
        raise UpstreamFailed(
            "The provider's stream ended before it was complete.", code="upstream_disconnected"
        )

    def usage(self, answer: Body) -> Usage | None:
        """The usage of a message, or of the event that ends it; cached tokens are input."""
        usage = answer.get("usage")
        if not isinstance(usage, dict):
            return None
        counts = [usage.get(name) or 0 for name in _COUNTS]
        if any(type(count) is not int or count < 0 for count in counts):
            return None
        details = {
            "cached_tokens": counts[2],
            "cache_write_tokens": counts[1],
            "cache_creation_token_details": usage.get("cache_creation"),
        }
        return usage_of(sum(counts), usage.get("output_tokens"), details)

    def walker(self, texts: AnswerTexts) -> MessagesAnswer:
        """A walker for one message."""
        return MessagesAnswer(texts)

    def error_body(self, refusal: Refusal) -> Body:
        """Anthropic's error object."""
        return error_of(refusal)

    def frame(self, event: Body) -> bytes:
        """One event under its name; clients skip events that have none."""
        return framed(event)


def _given(usage: Body | None) -> Body:
    return {name: count for name, count in (usage or {}).items() if count is not None}


def _unmarked(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    return [
        {name: value for name, value in block.items() if name != "cache_control"}
        for block in content
    ]


def _of_block(message: Any, place: Path) -> Origin | None:
    if len(place) > 1 and place[0] == "content" and isinstance(place[1], int):
        return _OF_BLOCK.get(message["content"][place[1]].get("type"))
    return None
