"""Responses as chat completions, and their answers back: for providers that have those only.

It is a mapping of fields: it decides nothing and sees only bodies that the field table has checked.
"""

from gateway.dialects.responses_as_chat.answer import ChatAsResponse
from gateway.dialects.responses_as_chat.request import ToolNames, chat_request

__all__ = ["ChatAsResponse", "ToolNames", "chat_request"]
