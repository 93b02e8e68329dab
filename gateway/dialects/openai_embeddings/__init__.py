"""OpenAI embeddings: ``POST /v1/embeddings``.

Source: https://platform.openai.com/docs/api-reference/embeddings
"""

from gateway.dialects.openai_embeddings.dialect import OpenAIEmbeddings

__all__ = ["OpenAIEmbeddings"]
