"""OpenAI chat completions: ``POST /v1/chat/completions``.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from gateway.dialects.openai_chat.dialect import OpenAIChat

__all__ = ["OpenAIChat"]
