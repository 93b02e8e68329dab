"""Messages as chat completions, and their answers back: for providers that speak OpenAI's dialect.

Pure functions of their input: equal requests give equal bytes, so a provider's cache of a growing
conversation holds. What has no counterpart is left out: thinking, cache markers, ``top_k``.
"""

from gateway.dialects.messages_as_chat.answer import message_of
from gateway.dialects.messages_as_chat.events import ChatEvents
from gateway.dialects.messages_as_chat.request import chat_request

__all__ = ["ChatEvents", "chat_request", "message_of"]
