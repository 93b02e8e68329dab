"""The dialects that the data plane offers, by name."""

from collections.abc import Mapping

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect for dialect in (OpenAIChat(), AnthropicMessages())
}
