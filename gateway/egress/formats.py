"""Which format writes a dialect for each kind of provider."""

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.egress.bedrock.formats import ConverseFormat, InvokedMessages, OnBedrock
from gateway.egress.messages import AnthropicWire, MessagesOverChat
from gateway.egress.responses import ResponsesOverChat
from gateway.egress.translator.anthropic_format import AnthropicFormat
from gateway.egress.translator.client import Translator
from gateway.egress.wire import NativeFormat, WireFormat, WireFormats

_CHAT, _MESSAGES, _RESPONSES = OpenAIChat(), AnthropicMessages.name, OpenAIResponses.name


def wire_formats(translator: Translator) -> WireFormats:
    """How each dialect is written for kinds of providers that do not speak it themselves."""
    anthropic, converse = AnthropicFormat(translator), ConverseFormat(translator)
    claude = AnthropicWire()
    translated: dict[str, WireFormat] = {
        "anthropic": anthropic,
        "bedrock": OnBedrock(InvokedMessages(anthropic), converse),
    }
    chat: dict[str, WireFormat] = {kind: NativeFormat(_CHAT) for kind in _CHAT.native_kinds}
    messages: dict[str, WireFormat] = {
        kind: MessagesOverChat(one) for kind, one in {**chat, **translated}.items()
    }
    messages["bedrock"] = OnBedrock(InvokedMessages(claude), MessagesOverChat(converse))
    return {
        **{(_CHAT.name, kind): one for kind, one in translated.items()},
        **{(_MESSAGES, kind): one for kind, one in messages.items()},
        **{(_RESPONSES, kind): ResponsesOverChat(one) for kind, one in (chat | translated).items()},
    }


def native(dialect: Dialect) -> WireFormat:
    """How a dialect is written for a provider that speaks it itself."""
    return AnthropicWire() if dialect.name == _MESSAGES else NativeFormat(dialect)
