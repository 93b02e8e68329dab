"""The only way out. Takes a checked body, writes it for a provider, sends it, reads the answer.

Nothing here decides whether a body may leave: the pipeline has decided, and recorded the digest of
the exact bytes, before ``send`` is called.
"""

from gateway.egress.client import UpstreamClient, UpstreamRequest, UpstreamResponse
from gateway.egress.wire import WireFormat, WireFormats, WireRequest

__all__ = [
    "UpstreamClient",
    "UpstreamRequest",
    "UpstreamResponse",
    "WireFormat",
    "WireFormats",
    "WireRequest",
]
