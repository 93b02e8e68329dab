"""How a Messages request is written: for Anthropic, and for providers of OpenAI's dialect."""

from collections.abc import AsyncIterator

from gateway.core.snapshot import Provider
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.anthropic_messages.answer_form import well_formed_message
from gateway.dialects.anthropic_messages.dialect import BETA
from gateway.dialects.base import REPORTED, Body, ResponseParser
from gateway.dialects.messages_as_chat import ChatEvents, chat_request, message_of
from gateway.egress.wire import WireFormat, WireRequest, with_its_limit

_VERSION = "2023-06-01"
_MESSAGES = AnthropicMessages()


class AnthropicWire:
    """The Messages API itself, with its headers for version and reviewed features."""

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body anew; the values of ``anthropic-beta`` go back into their header."""
        headers = {"anthropic-version": _VERSION}
        if betas := body.get(BETA):
            headers["anthropic-beta"] = ",".join(betas)
        written = _MESSAGES.write(body, model)
        reading = AnswerParser(_MESSAGES, body["model"])
        return WireRequest(_MESSAGES.upstream_path, written, headers), reading


class MessagesOverChat:
    """Providers that have chat completions only."""

    def __init__(self, chat: WireFormat) -> None:
        """``chat`` writes chat completions for the provider."""
        self._chat = chat

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as a chat completion request."""
        asked = with_its_limit(chat_request(body), provider)
        written, parser = await self._chat.write(asked, model, provider)
        return written, AnswerParser(ChatAnswerParser(parser), body["model"])


class AnswerParser:
    """Names the model in an answer as the caller did; ``REPORTED`` keeps the provider's name.

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
        answer = await self._parser.read_answer(data)
        return {**answer, "model": self._model, REPORTED: answer.get("model")}

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a message, the last one left out.

        Raises:
            UpstreamFailed: when it reports an error, or ends before it is finished.
        """
        async for event in self._parser.read_stream(events):
            if event["type"] == "message_start":
                event[REPORTED] = event["message"].get("model")
                event["message"]["model"] = self._model
            yield event


class ChatAnswerParser:
    """Reads a chat completion as a message."""

    def __init__(self, chat: ResponseParser) -> None:
        """``chat`` reads the provider's answer."""
        self._chat = chat

    async def read_answer(self, data: bytes) -> Body:
        """A complete message.

        Raises:
            UpstreamFailed: when it is an error or has an unknown form.
        """
        return well_formed_message(message_of(await self._chat.read_answer(data)))

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The events of a message, the last one left out.

        Raises:
            UpstreamFailed: when it reports an error, or ends before it is finished.
        """
        made = ChatEvents()
        async for chunk in self._chat.read_stream(events):
            for event in made.feed(chunk):
                yield event
        for event in made.end():
            yield event
