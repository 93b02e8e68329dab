"""The only door out. Takes a checked body, writes it for a provider, sends it, reads the answer.

Nothing here decides whether a body may leave: the pipeline has decided, and recorded the digest of
the exact bytes, before ``send`` is called.
"""

from gateway.dialects.base import Body
from gateway.egress.client import UpstreamClient, UpstreamRequest, UpstreamResponse
from gateway.egress.wire import Dialect, OpenAIDialect, OpenAIReading, ResponseParser, WireRequest

__all__ = [
    "Body",
    "Dialect",
    "OpenAIDialect",
    "OpenAIReading",
    "ResponseParser",
    "UpstreamClient",
    "UpstreamRequest",
    "UpstreamResponse",
    "WireRequest",
]
