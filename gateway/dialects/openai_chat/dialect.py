"""The OpenAI chat dialect, towards callers and towards providers."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest, Refusal, UpstreamFailed
from gateway.core.fields import Path
from gateway.core.http_errors import body_of
from gateway.core.origin import Origin
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, RequestFacts, names_of
from gateway.dialects.openai_chat.answer import ChatAnswer
from gateway.dialects.openai_chat.answer_form import chat_usage, framed, parse_object, well_formed
from gateway.dialects.openai_chat.documents import FilePart
from gateway.dialects.turns import is_assistant, made_by, origins

_DEFAULT_OUTPUT_TOKENS = 1024
_MAX_CHOICES = 16
_TOOLS = {("tools",), ("functions",)}


class OpenAIChat:
    """Chat completions; native for OpenAI, vLLM and our own worker."""

    name = "chat_completions"
    path = "/v1/chat/completions"
    upstream_path = "/chat/completions"
    native_kinds = frozenset({"openai", "azure", "vllm", "worker"})
    operation = "chat"
    header_fields: Mapping[str, str] = {}
    conversations = None

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        _require(body)
        output = body.get("max_completion_tokens") or body.get("max_tokens")
        options = body.get("stream_options") or {}
        return RequestFacts(
            model=body["model"],
            streams=bool(body.get("stream")),
            wants_usage=options.get("include_usage") is True,
            most_output=(output or _DEFAULT_OUTPUT_TOKENS) * (body.get("n") or 1),
            tools=bool(body.get("tools") or body.get("functions")),
            tool_names=names_of(body.get("tools"), body.get("functions")),
        )

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """By the role of the message."""
        turns = origins(body["messages"], of_turn=_of_call, by_model=is_assistant)

        def origin(place: Path) -> Origin:
            if place[:1] == ("messages",) and len(place) > 1:
                return turns(place[1:])
            return Origin.TOOL_DEFINITION if place[:1] in _TOOLS else Origin.OTHER

        return origin

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """By the role of the message."""
        return made_by("messages", body["messages"], is_assistant)

    def conversation(self, body: Body) -> str | None:
        """The first user message: the same in every turn."""
        for message in body["messages"]:
            if message.get("role") == "user":
                return orjson.dumps(message.get("content")).decode()
        return None

    def input_size(self, body: Body) -> int:
        """Bytes of the messages."""
        return len(orjson.dumps(body["messages"]))

    def document(self, body: Body, path: Path) -> FilePart:
        """The content part of a file."""
        return FilePart(body, path)

    def write(self, body: Body, model: str) -> bytes:
        """The body with the provider's name of the model; a stream always ends with its usage."""
        sent = {**body, "model": model}
        if body.get("stream"):
            sent["stream_options"] = {"include_usage": True}
        return orjson.dumps(sent)

    async def read_answer(self, data: bytes) -> Body:
        """A complete chat completion.

        Raises:
            UpstreamFailed: when it is an error, or has no choices.
        """
        answer = well_formed(parse_object(data))
        if not answer.get("choices"):
            raise UpstreamFailed("The provider's answer has no choices.")
        return answer

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The chunks of a streamed chat completion.

        Raises:
            UpstreamFailed: when the stream ends without ``[DONE]``.
        """
        async for data in events:
            if data.startswith(b"[DONE]"):
                return
            yield well_formed(parse_object(data))
        raise UpstreamFailed(
            "The provider's stream ended before it was complete.", code="upstream_disconnected"
        )

    def usage(self, answer: Body) -> Usage | None:
        """The usage of a completion, or of the last chunk."""
        return chat_usage(answer.get("usage"))

    def walker(self, texts: AnswerTexts) -> ChatAnswer:
        """A walker for one completion."""
        return ChatAnswer(texts)

    def error_body(self, refusal: Refusal) -> Body:
        """OpenAI's error object."""
        return body_of(refusal)

    def frame(self, event: Body) -> bytes:
        """One chunk as a server-sent event without a name."""
        return framed(event)


def _of_call(_: Any, place: Path) -> Origin | None:
    return Origin.TOOL_CALL if place[:1] == ("tool_calls",) else None


def _require(body: Body) -> None:
    if not isinstance(body.get("model"), str):
        raise InvalidRequest("'model' is required.", param="model")
    if not body.get("messages"):
        raise InvalidRequest("'messages' must be a non-empty list.", param="messages")
    for name in ("max_tokens", "max_completion_tokens", "n"):
        value = body.get(name)
        if value is not None and (type(value) is not int or value < 1):
            raise InvalidRequest(f"'{name}' must be a whole number above 0.", param=name)
    if (body.get("n") or 1) > _MAX_CHOICES:
        raise InvalidRequest(f"'n' must be at most {_MAX_CHOICES}.", param="n")
