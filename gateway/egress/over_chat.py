"""Dialects over chat completions, for providers that have those only."""

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Body, Dialect, ResponseParser
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_responses.chat_answer import ChatAsResponse
from gateway.dialects.openai_responses.chat_request import chat_request
from gateway.egress.messages import AnthropicWire, MessagesOverChat
from gateway.egress.wire import NativeFormat, WireFormat, WireFormats, WireRequest


class ResponsesOverChat:
    """Writes Responses requests as chat completions, and reads the answers as responses."""

    def __init__(self, chat: WireFormat) -> None:
        """``chat`` writes chat completions for the provider."""
        self._chat = chat

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """The departure of the chat completion that asks the same."""
        asked, names = chat_request(body)
        written, parser = await self._chat.write(asked, model, api_key=api_key)
        return written, ChatAsResponse(parser, names)


def over_chat(translated: WireFormats) -> WireFormats:
    """How other dialects reach each kind of provider by chat completions.

    ``translated`` has the formats of chat completions for kinds that speak another dialect.
    """
    chat = OpenAIChat()
    formats: dict[str, WireFormat] = {kind: NativeFormat(chat) for kind in chat.native_kinds}
    formats |= {kind: one for (dialect, kind), one in translated.items() if dialect == chat.name}
    return {
        **{("responses", kind): ResponsesOverChat(one) for kind, one in formats.items()},
        **{("messages", kind): MessagesOverChat(one) for kind, one in formats.items()},
    }


def native(dialect: Dialect) -> WireFormat:
    """How a dialect is written for a provider that speaks it itself."""
    return AnthropicWire() if dialect.name == AnthropicMessages.name else NativeFormat(dialect)
