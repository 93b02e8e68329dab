"""How a Messages request is written: for Anthropic, and for providers of OpenAI's dialect."""

from collections.abc import AsyncIterator

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.anthropic_messages.answer_form import well_formed_message
from gateway.dialects.anthropic_messages.dialect import BETA
from gateway.dialects.base import Body, ResponseParser
from gateway.dialects.messages_as_chat import ChatEvents, chat_request, message_of
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress.wire import WireFormats, WireRequest

_VERSION = "2023-06-01"
_MESSAGES = AnthropicMessages()
_CHAT = OpenAIChat()


class AnthropicWire:
    """The Messages API itself, with its headers for key, version and reviewed features."""

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body anew; the values of ``anthropic-beta`` go back into their header."""
        headers = {"anthropic-version": _VERSION}
        if betas := body.get(BETA):
            headers["anthropic-beta"] = ",".join(betas)
        if api_key:
            headers["x-api-key"] = api_key
        written = _MESSAGES.write(body, model)
        reading = AnswerParser(_MESSAGES, body["model"])
        return WireRequest(_MESSAGES.upstream_path, written, headers), reading


class ChatWire:
    """Providers that speak chat completions."""

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as a chat completion request."""
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        written = _CHAT.write(chat_request(body), model)
        reading = AnswerParser(ChatAnswerParser(), body["model"])
        return WireRequest(_CHAT.upstream_path, written, headers), reading


class AnswerParser:
    """Names the model in an answer as the caller did.

    Clients send thinking back only where it is of the model that they ask for.
    """

    def __init__(self, parser: ResponseParser, model: str) -> None:
        self._parser = parser
        self._model = model

    async def read_answer(self, data: bytes) -> Body:
        """A complete message.

        Raises:
            UpstreamFailed: when it is an error or has an unknown form.
        """
        return {**await self._parser.read_answer(data), "model": self._model}

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a message, the last one left out.

        Raises:
            UpstreamFailed: when it reports an error, or ends before it is finished.
        """
        async for event in self._parser.read_stream(events):
            if event["type"] == "message_start":
                event["message"]["model"] = self._model
            yield event


class ChatAnswerParser:
    """Reads a chat completion as a message."""

    async def read_answer(self, data: bytes) -> Body:
        """A complete message.

        Raises:
            UpstreamFailed: when it is an error or has an unknown form.
        """
        return well_formed_message(message_of(await _CHAT.read_answer(data)))

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a message, the last one left out.

        Raises:
            UpstreamFailed: when it reports an error, or ends before it is finished.
        """
        made = ChatEvents()
        async for chunk in _CHAT.read_stream(events):
            for event in made.feed(chunk):
                yield event
        for event in made.end():
            yield event


def messages_formats() -> WireFormats:
    """How Messages are written, by kind of provider."""
    chat = ChatWire()
    kinds = {(_MESSAGES.name, kind): chat for kind in sorted(_CHAT.native_kinds)}
    return {(_MESSAGES.name, "anthropic"): AnthropicWire(), **kinds}
