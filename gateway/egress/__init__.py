"""The only door out. Takes a checked body, writes it for a provider, sends it, reads the answer.

Nothing here decides whether a body may leave: the pipeline has decided, and recorded the digest of
the exact bytes, before ``send`` is called.
"""

from gateway.dialects.base import Body
from gateway.egress.client import Answered, Departure, Egress
from gateway.egress.wire import Dialect, OpenAIDialect, OpenAIReading, Reading, Written

__all__ = [
    "Answered",
    "Body",
    "Departure",
    "Dialect",
    "Egress",
    "OpenAIDialect",
    "OpenAIReading",
    "Reading",
    "Written",
]
