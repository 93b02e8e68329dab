"""Egress: all requests to providers. Encodes a checked body, sends it and parses the response.

Nothing here decides whether a body may be sent: the pipeline has decided, and has recorded the
digest of the exact bytes, before ``send`` is called.
"""

from gateway.egress.client import UpstreamClient, UpstreamRequest, UpstreamResponse
from gateway.egress.formats import wire_formats
from gateway.egress.served_names import WorkerReport
from gateway.egress.wire import WireFormat, WireFormats, WireRequest

__all__ = [
    "UpstreamClient",
    "UpstreamRequest",
    "UpstreamResponse",
    "WireFormat",
    "WireFormats",
    "WireRequest",
    "WorkerReport",
    "wire_formats",
]
