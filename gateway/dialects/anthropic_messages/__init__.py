"""Anthropic Messages: ``POST /v1/messages``, towards callers and as a provider speaks it.

Source: https://platform.claude.com/docs/en/api/messages
"""

from gateway.dialects.anthropic_messages.dialect import AnthropicMessages

__all__ = ["AnthropicMessages"]
