"""Dialects over chat completions, for providers that have those only."""

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress.messages import AnthropicWire, MessagesOverChat
from gateway.egress.responses import ResponsesOverChat
from gateway.egress.wire import NativeFormat, WireFormat, WireFormats


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
