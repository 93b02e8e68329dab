"""The dialects that the data plane offers, by name."""

from collections.abc import Mapping

from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_embeddings import OpenAIEmbeddings

_OFFERED: tuple[Dialect, ...] = (OpenAIChat(), OpenAIEmbeddings())
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _OFFERED}
