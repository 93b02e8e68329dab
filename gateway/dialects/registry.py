"""The dialects that the data plane offers, by name."""

from collections.abc import Mapping

from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.dialects.openai_responses import OpenAIResponses

_OFFERED: tuple[Dialect, ...] = (
    OpenAIChat(),
    OpenAIResponses(),
    AnthropicMessages(),
    OpenAIEmbeddings(),
)
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _OFFERED}
