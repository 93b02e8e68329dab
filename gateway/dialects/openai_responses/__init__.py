"""OpenAI Responses: ``POST /v1/responses``, stateless towards the provider.

Source: https://platform.openai.com/docs/api-reference/responses
"""

from gateway.dialects.openai_responses.dialect import OpenAIResponses

__all__ = ["OpenAIResponses"]
