"""The OpenAI Responses dialect, towards callers and towards providers."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest, Refusal, UpstreamFailed
from gateway.core.fields import Path
from gateway.core.http_errors import body_of
from gateway.core.origin import Origin
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, DocumentPart, RequestFacts, names_of, usage_of
from gateway.dialects.openai_responses.answer import ResponsesAnswer
from gateway.dialects.openai_responses.answer_form import parse_event, parse_response
from gateway.dialects.openai_responses.conversations import ResponseConversations
from gateway.dialects.openai_responses.documents import InputFile
from gateway.dialects.openai_responses.events import TERMINAL, framed
from gateway.dialects.turns import is_assistant, made_by, origins

_DEFAULT_OUTPUT_TOKENS = 1024
_OF_FIELD: dict[Path, Origin] = {
    ("instructions",): Origin.SYSTEM,
    ("tools",): Origin.TOOL_DEFINITION,
}
_OF_ITEM = {
    "function_call": Origin.TOOL_CALL,
    "custom_tool_call": Origin.TOOL_CALL,
    "reasoning": Origin.HISTORY,
}


class OpenAIResponses:
    """Responses; native for OpenAI."""

    name = "responses"
    path = "/v1/responses"
    upstream_path = "/responses"
    native_kinds = frozenset({"openai", "azure"})
    operation = "chat"
    header_fields: Mapping[str, str] = {}
    conversations = ResponseConversations()

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if not isinstance(body.get("model"), str):
            raise InvalidRequest("'model' is required.", param="model")
        if not body.get("input"):
            raise InvalidRequest("'input' must be a text or a non-empty list.", param="input")
        return RequestFacts(
            model=body["model"],
            streams=bool(body.get("stream")),
            wants_usage=True,
            most_output=body.get("max_output_tokens") or _DEFAULT_OUTPUT_TOKENS,
            tools=bool(body.get("tools")),
            tool_names=names_of(body.get("tools")),
        )

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """By the type and the role of the item."""
        items = body["input"] if isinstance(body["input"], list) else []
        turns = origins(items, of_turn=_of_item, by_model=_by_model)

        def origin(place: Path) -> Origin:
            if place[:1] == ("input",):
                return turns(place[1:]) if len(place) > 1 else Origin.NEWEST
            return _OF_FIELD.get(place[:1], Origin.OTHER)

        return origin

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """By the type and the role of the item."""
        return made_by("input", body["input"], _by_model)

    def conversation(self, body: Body) -> str | None:
        """The first user message: the same in every turn."""
        if isinstance(body["input"], str):
            return orjson.dumps(body["input"]).decode()
        for item in body["input"]:
            if item.get("role") == "user":
                return orjson.dumps(item.get("content")).decode()
        return None

    def input_size(self, body: Body) -> int:
        """Bytes of the input and the instructions."""
        return len(orjson.dumps([body.get("instructions"), body["input"]]))

    def document(self, body: Body, path: Path) -> DocumentPart:
        """The part of a file."""
        return InputFile(body, path)

    def write(self, body: Body, model: str) -> bytes:
        """The body with the provider's name of the model; without ``store`` it would be stored."""
        sent: Body = {**body, "model": model, "store": False}
        if not sent.get("tools"):  # all of them were hosted ones
            for name in ("tools", "tool_choice", "parallel_tool_calls"):
                sent.pop(name, None)
        return orjson.dumps(sent)

    async def read_answer(self, data: bytes) -> Body:
        """A complete response.

        Raises:
            UpstreamFailed: when it is an error, or no response.
        """
        return parse_response(data)

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a streamed response.

        Raises:
            UpstreamFailed: when it fails, or ends without a terminal event.
        """
        async for data in events:
            event = parse_event(data)
            yield event
            if event["type"] in TERMINAL:
                return
        raise UpstreamFailed(
            "The provider's stream ended before it was complete.", code="upstream_disconnected"
        )

    def usage(self, answer: Body) -> Usage | None:
        """The usage of a response, or of the last event."""
        usage = (answer.get("response") or answer).get("usage")
        if not isinstance(usage, dict):
            return None
        read, written = usage.get("input_tokens"), usage.get("output_tokens")
        return usage_of(read, written, usage.get("input_tokens_details"))

    def walker(self, texts: AnswerTexts) -> ResponsesAnswer:
        """A walker for one response."""
        return ResponsesAnswer(texts)

    def error_body(self, refusal: Refusal) -> Body:
        """OpenAI's error object."""
        return body_of(refusal)

    def frame(self, event: Body) -> bytes:
        """One event under its name."""
        return framed(event)


def _of_item(item: Any, _: Path) -> Origin | None:
    kind = item.get("type") or ""
    return Origin.TOOL_RESULT if kind.endswith("_output") else _OF_ITEM.get(kind)


def _by_model(item: Any) -> bool:
    return is_assistant(item) or (isinstance(item, dict) and item.get("type") in _OF_ITEM)
